import Foundation
import KMSRecords
import Testing

/// What the sandbox answers besides broadcasts, and how it misbehaves on request.
@Suite("Sandbox server") struct SandboxServerTests {
  static let sender = "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"
  static let signatureID = "26d3883e-4e17-48b3-a0ee-09a3e484ac83"

  /// The pending transaction and its signed form of one vector.
  static func transfer() throws -> (pending: JSONValue, id: String, txData: String, txID: String) {
    let vector = try #require(
      try SourceTree.transactionVectors("ETH").first {
        $0["name"]?.string == "native transfer, testnet, everything given"
      })
    let pending = try #require(vector["pending"])
    return (
      pending, try #require(pending["id"]?.string), try #require(vector["expected"]?["txData"]?.string),
      try #require(vector["expected"]?["txId"]?.string)
    )
  }

  /// The sender of that vector has sent five transactions before.
  static let ready: JSONValue = [
    "chains": ["ETH": ["accounts": ["0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea": ["nonce": 5]]]]
  ]

  static func ids(_ count: Int) -> [UInt8] {
    let list = (0..<count).map { i -> String in
      let digits = String(i, radix: 16)
      return "\"00000000-0000-4000-8000-\(String(repeating: "0", count: 12 - digits.count))\(digits)\""
    }
    return Array("{\"signatureIds\":[\(list.joined(separator: ","))]}".utf8)
  }

  // MARK: Poll

  @Test func pollFindsWhatOneOfTheIDsSigns() throws {
    let sandbox = try SandboxProcess()
    let transfer = try Self.transfer()
    try sandbox.control("pending", transfer.pending)
    let found = try sandbox.post("/v3/kms/pending/ETH", ["signatureIds": [.string(Self.signatureID)]])
    #expect(found.json == [transfer.pending])
    #expect(try sandbox.post("/v3/kms/pending/BTC", ["signatureIds": [.string(Self.signatureID)]]).json == [])
    #expect(try sandbox.send("POST", "/v3/kms/pending/ETH", Self.ids(25_000)).json == [])
    // With white space the body is read in another way.
    let spaced = Array("{ \"signatureIds\" : [ \"\(Self.signatureID)\" ] }".utf8)
    #expect(try sandbox.send("POST", "/v3/kms/pending/ETH", spaced).json == [transfer.pending])
    #expect(try sandbox.look("credits")["list"] == 53)
  }

  @Test func pollFindsOneIDAmong25000AndItemsOfSignatures() throws {
    let sandbox = try SandboxProcess()
    let wanted: JSONValue = [
      "id": "5e68c66581f2ee32bc354087", "chain": "ALGO", "serializedTransaction": "{}", "hashes": [],
      "signatures": [["id": "00000000-0000-4000-8000-0000000061a7", "index": 3]],
    ]
    try sandbox.control("pending", [wanted])
    #expect(try sandbox.send("POST", "/v3/kms/pending/ALGO", Self.ids(25_000)).json == [wanted])
  }

  @Test(
    "refuses polls that the API refuses",
    arguments: [
      "{}", "[]", #"{"signatureIds":"x"}"#, #"{"signatureIds":[1]}"#, #"{"signatureIds":["x"]}"#,
      #"{"signatureIds":[""#,
    ])
  func refusesPoll(body: String) throws {
    let sandbox = try SandboxProcess()
    let answer = try sandbox.send("POST", "/v3/kms/pending/ETH", Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.json["errorCode"] == "validation.failed")
  }

  @Test func refusesMoreThan25000IDsAndAMissingVersionAndAWrongKey() throws {
    let sandbox = try SandboxProcess()
    #expect(try sandbox.send("POST", "/v3/kms/pending/ETH", Self.ids(25_001)).status == 400)
    let wrong = try sandbox.send("POST", "/v3/kms/pending/ETH", Self.ids(1), headers: ["x-api-key": "other"])
    #expect(wrong.status == 401)
    let log = try sandbox.look("log").array
    #expect(log?.map { $0["apiKey"]?.string } == ["right", "wrong"])
    #expect(log?.contains { $0.text.contains(sandbox.apiKey) } == false)
  }

  @Test func tellsWhetherTheKeyStandsInAPath() throws {
    let sandbox = try SandboxProcess()
    let call: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []]
    #expect(try sandbox.post("/v3/ethereum/web3/\(sandbox.apiKey)", call).json["result"] == "0xaa36a7")
    #expect(try sandbox.post("/v3/blockchain/node/ethereum-sepolia", call).json["result"] == "0xaa36a7")
    #expect(try sandbox.look("log").array?.map { $0["keyInPath"] } == [true, false])
  }

  // MARK: Life of a transaction

  @Test func completesWhatIsBroadcastAndCountsNonces() throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    let transfer = try Self.transfer()
    try sandbox.control("pending", transfer.pending)
    #expect(try sandbox.send("GET", "/v3/ethereum/transaction/count/\(Self.sender)").text == "5")
    let answer = try sandbox.broadcast("ethereum", transfer.txData, signatureID: transfer.id)
    #expect(answer.json == ["txId": .string(transfer.txID)])
    #expect(try sandbox.look("pending") == [])
    #expect(try sandbox.send("GET", "/v3/kms/\(transfer.id)").json["txId"]?.string == transfer.txID)
    let broadcast = try sandbox.look("broadcasts").array?.first
    #expect(broadcast?["mismatches"] == [] && broadcast?["flags"] == [])
    #expect(try sandbox.send("GET", "/v3/ethereum/transaction/count/\(Self.sender)").text == "6")
    #expect(try count(sandbox, "latest") == "0x5")
    #expect(try count(sandbox, "pending") == "0x6")
    try sandbox.control("mine")
    #expect(try count(sandbox, "latest") == "0x6")
    #expect(try sandbox.broadcast("ethereum", transfer.txData).text.contains("nonce too low"))
  }

  @Test func namesWhatASignedTransactionDoesOtherwiseThanAsked() throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    let transfer = try Self.transfer()
    var pending = try #require(transfer.pending.object)
    pending["serializedTransaction"] = .string(
      #"{"from":0,"to":"0x3535353535353535353535353535353535353535","value":"1","nonce":5}"#)
    try sandbox.control("pending", .object(pending))
    _ = try sandbox.broadcast("ethereum", transfer.txData, signatureID: transfer.id)
    #expect(try sandbox.look("broadcasts").array?.first?["mismatches"] == ["to", "value"])
  }

  @Test func refusesATransactionOfAnotherNetwork() throws {
    let sandbox = try SandboxProcess(state: ["testnet": false])
    let answer = try sandbox.broadcast("ethereum", try Self.transfer().txData)
    #expect(answer.status == 403 && answer.text.contains("have 11155111 want 1"))
    #expect(try sandbox.look("refusals").array?.count == 1)
  }

  private func count(_ sandbox: SandboxProcess, _ tag: String) throws -> String? {
    let call: JSONValue = [
      "jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionCount",
      "params": [.string(Self.sender), .string(tag)],
    ]
    return try sandbox.post("/v3/blockchain/node/ethereum-sepolia", call).json["result"]?.string
  }

  // MARK: Faults

  @Test func answersTooManyRequestsAsOftenAsTold() throws {
    let sandbox = try SandboxProcess()
    try sandbox.control(
      "faults", ["kind": "status", "status": 429, "retryAfter": 2, "path": "/v3/kms", "skip": 1, "count": 2])
    var statuses: [Int] = []
    for _ in 0..<5 {
      let answer = try sandbox.send("POST", "/v3/kms/pending/ETH", Self.ids(1))
      statuses.append(answer.status)
      if answer.status == 429 { #expect(answer.headers["retry-after"] == "2") }
    }
    #expect(statuses == [200, 429, 429, 200, 200])
  }

  @Test("takes the transaction and loses the answer", arguments: ["lost-answer", "reset-after", "cut-off"])
  func losesAnswer(kind: String) throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    let transfer = try Self.transfer()
    try sandbox.control("pending", transfer.pending)
    try sandbox.control("faults", ["kind": .string(kind), "chain": "ETH", "count": 1])
    #expect(throws: (any Error).self) {
      _ = try sandbox.broadcast("ethereum", transfer.txData, signatureID: transfer.id)
    }
    #expect(try sandbox.look("broadcasts").array?.count == 1)
    #expect(try sandbox.look("pending") == [])
    #expect(try sandbox.broadcast("ethereum", transfer.txData).text.contains("already known"))
  }

  @Test func dropsTheConnectionBeforeItReadsTheTransaction() throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    let transfer = try Self.transfer()
    try sandbox.control("faults", ["kind": "reset-before", "chain": "ETH", "count": 1])
    #expect(throws: (any Error).self) { _ = try sandbox.broadcast("ethereum", transfer.txData) }
    #expect(try sandbox.look("broadcasts") == [])
    #expect(try sandbox.broadcast("ethereum", transfer.txData).status == 200)
  }

  @Test func leavesPendingWhatItCouldNotMarkComplete() throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    let transfer = try Self.transfer()
    try sandbox.control("pending", transfer.pending)
    try sandbox.control("faults", [["kind": "failed-true"], ["kind": "other-txid", "body": "0xabcdef0123"]])
    let answer = try sandbox.broadcast("ethereum", transfer.txData, signatureID: transfer.id)
    #expect(answer.json == ["txId": "0xabcdef0123", "failed": true])
    #expect(try sandbox.look("pending").array?.count == 1)
    let put = try sandbox.send("PUT", "/v3/kms/\(transfer.id)/\(transfer.txID)")
    #expect(put.status == 204)
    #expect(try sandbox.look("pending") == [])
  }

  @Test func spoilsAnswersAndDripsThem() throws {
    let sandbox = try SandboxProcess()
    try sandbox.control(
      "faults",
      [
        ["kind": "truncated-json", "count": 1], ["kind": "wrong-json", "count": 1],
        ["kind": "drip", "bytes": 4, "milliseconds": 10, "count": 1],
        ["kind": "status-after", "status": 504, "count": 1],
      ])
    let path = "/v3/ethereum/transaction/count/\(Self.sender)"
    #expect(try sandbox.send("GET", "/v3/blockchain/fee/ETH").json == .null)
    #expect(try sandbox.send("GET", path).json == ["unexpected": [true]])
    let start = Date()
    #expect(try sandbox.send("GET", "/v3/blockchain/fee/ETH").json["medium"] == 20_000_000_000)
    #expect(Date().timeIntervalSince(start) > 0.1)
    #expect(try sandbox.send("GET", path).status == 504)
    #expect(try sandbox.send("GET", path).text == "0")
  }

  @Test func waitsAsLongAsTold() throws {
    let sandbox = try SandboxProcess()
    try sandbox.control("faults", ["kind": "latency", "milliseconds": 300, "path": "/approve/"])
    let start = Date()
    #expect(try sandbox.send("GET", "/approve/1").status == 200)
    #expect(Date().timeIntervalSince(start) >= 0.3)
  }

  @Test func laggingNodeDoesNotCountWhatWaits() throws {
    let sandbox = try SandboxProcess(state: Self.ready)
    _ = try sandbox.broadcast("ethereum", try Self.transfer().txData)
    try sandbox.control("faults", ["kind": "lagging-nonce"])
    #expect(try count(sandbox, "pending") == "0x5")
    #expect(try sandbox.send("GET", "/v3/ethereum/transaction/count/\(Self.sender)").text == "5")
  }

  // MARK: Approvals and reports

  @Test func approvesAndDeniesAsTold() throws {
    let sandbox = try SandboxProcess()
    try sandbox.control("approvals", ["deny": ["a"], "statuses": ["b": 503], "default": 204])
    #expect(try sandbox.send("GET", "/approve/a").status == 403)
    #expect(try sandbox.send("POST", "/approve/b", [123, 125]).status == 503)
    #expect(try sandbox.send("GET", "/approve/c").status == 204)
  }

  @Test func keepsWhatIsReported() throws {
    let sandbox = try SandboxProcess()
    let errors: JSONValue = [["signatureId": "5e68c66581f2ee32bc354087", "error": "no key"]]
    #expect(try sandbox.post("/v3/tatum/kms/batch", ["errors": errors]).status == 204)
    #expect(try sandbox.look("errors") == errors)
  }

  @Test func endsWhenStandardInputEnds() throws {
    let process = try ProgramProcess("TatumSandbox", ["--exit-with-stdin"])
    #expect(process.waitForLines(1).first?.hasPrefix("listening on http://127.0.0.1:") == true)
    process.closeInput()
    #expect(process.wait(timeoutSeconds: 180).status == 0)
  }
}
