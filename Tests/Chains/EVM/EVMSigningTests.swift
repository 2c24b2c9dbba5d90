internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

@Suite struct EVMSigningTests {
  /// Vectors that a line of the settled questions overrules, by name, with what shows that only this line is between us.
  static let overruled: [String: String] = [
    // Decision 1: a nonce of 0 is a nonce. Without it the vector's bytes come out (see the test below).
    "gasPrice \"0\" in the pending object is replaced by the network gas price; nonce 0 by the transaction count":
      "decision 1",
    // Decision 1: the nonce and the gas limit of the pending transaction win.
    "nonce 0 is replaced by the transaction count and gas by the estimate": "decision 1",
    // Chain ids are pinned (defect F5): 223 is not Ethereum, 1 is not Klaytn. See EVMTransactionTests.
    "ethers random-1: chainId 223": "F5",
    "Klaytn documentation: TxTypeLegacyTransaction": "F5",
  ]

  @Test(arguments: EVMVectors.chains.map(\.name).filter { $0 != "CELO" })
  func signsTheVectorsByteForByte(name: String) throws {
    let chain = try #require(EVMVectors.chains.first { $0.name == name })
    var count = 0
    for vector in try EVMVectors.vectors("transactions", of: chain) {
      let label = try #require(vector["name"]?.string)
      guard vector["expected"]?["txData"] != nil, vector["pending"] != nil, Self.overruled[label] == nil
      else {
        continue
      }
      var pending = try #require(vector["pending"]?.object)
      // The test data of tatum-js has the index 69458588.50738375, which no wallet has.
      if pending["index"]?.number?.digits == "69458588.50738375" { pending["index"] = nil }
      try expect(vector, chain: chain, pending: .object(pending))
      count += 1
    }
    #expect(count >= 8)
  }

  /// Signs the vector's pending transaction and compares bytes, id, sender and nonce.
  private func expect(
    _ vector: JSONValue, chain: SigningChain, pending: JSONValue? = nil, expected: JSONValue? = nil,
    context: JSONValue? = nil
  ) throws {
    let label = Comment(rawValue: vector["name"]?.string ?? "")
    let expected = expected ?? vector["expected"]
    let testnet = vector["testnet"]?.bool == true
    let mnemonic = vector["mnemonic"]?.string
    let secret = try mnemonic ?? #require(vector["privateKeys"]?.array?.first?.string)
    let request = try EVMVectors.request(
      chain, pending: try pending ?? #require(vector["pending"]), testnet: testnet,
      context: context ?? EVMVectors.context(of: vector), secret: secret,
      kind: mnemonic == nil ? .privateKey : .mnemonic, policy: EVMVectors.unlimited(chain))
    let signed = try chain.sign(request)
    #expect(signed.txData == expected?["txData"]?.string, label)
    #expect(signed.txID == expected?["txId"]?.string, label)
    #expect(signed.nonce == request.nonce, label)
    if let from = vector["context"]?["from"]?.string {
      let address = try EVMVectors.network(chain).form.read(from, member: "from")
      #expect(try signed.from == .one(EVMVectors.network(chain).form.text(address)), label)
    }
    #expect(signed.extra.isEmpty && signed.expiresAt == nil && signed.lastValidHeight == nil)
    #expect(try chain.sign(request) == signed)
  }

  @Test(arguments: ["ETH", "BSC", "MATIC", "KCS", "XDC"])
  func overruledVectorsDifferOnlyByWhatThePendingTransactionSays(name: String) throws {
    let chain = try #require(EVMVectors.chains.first { $0.name == name })
    var count = 0
    for vector in try EVMVectors.vectors("transactions", of: chain) {
      guard Self.overruled[vector["name"]?.string ?? ""] == "decision 1" else { continue }
      let serialized = try #require(vector["pending"]?["serializedTransaction"]?.string)
      let without = try EVMVectors.text(serialized, without: name == "XDC" ? ["nonce", "gas"] : ["nonce"])
      try expect(vector, chain: chain, pending: EVMVectors.pending(without, chain: chain))
      // As it stands, the transaction's own nonce is used.
      let signed = try chain.sign(
        EVMVectors.request(
          chain, pending: try #require(vector["pending"]), testnet: true,
          context: EVMVectors.context(of: vector),
          secret: try #require(vector["privateKeys"]?.array?.first?.string)))
      #expect(signed.nonce == 0)
      count += 1
    }
    #expect(count == 1)
  }

  /// The transactions that web3.js makes of EIP-1559 members, and those that it refuses.
  @Test func followsWeb3() throws {
    var signed = 0
    var refused = 0
    for vector in try EVMVectors.vectors("transactions", of: .eth) {
      guard let name = vector["name"]?.string, name.hasPrefix("web3.js"), vector["pending"] == nil else {
        continue
      }
      let pending = EVMVectors.pending(try #require(vector["unsigned"]).text, chain: .eth)
      if vector["expected"]?["error"] != nil {
        #expect(throws: ChainError.self, Comment(rawValue: name)) {
          try expect(vector, chain: .eth, pending: pending)
        }
        refused += 1
      } else {
        try expect(vector, chain: .eth, pending: pending)
        signed += 1
      }
    }
    #expect(signed == 5)
    #expect(refused == 6)
  }

  /// Decision 7: the vectors of celo.json have the format that Celo does not take any more; here are the same
  /// transactions in the present ones.
  @Test func signsForCeloInItsPresentFormats() throws {
    let current = try EVMVectors.vectors("transactions/celo-current")
    var count = 0
    for vector in try EVMVectors.vectors("transactions", of: .celo) {
      let name = try #require(vector["name"]?.string)
      guard let expected = current.first(where: { $0["name"]?.string == name }) else {
        // Chain ids 44378 and 2, which are not Celo's (F5).
        #expect(name.hasPrefix("celo-monorepo"))
        #expect(throws: ChainError.self) { try expect(vector, chain: .celo) }
        continue
      }
      var context = try #require(EVMVectors.context(of: vector).object)
      let estimate = try #require(context["gas"]?.uint64)
      context["gas"] = .string(String(estimate + 100_000))  // what kms-fetch writes, as the original
      try expect(vector, chain: .celo, expected: expected, context: .object(context))
      count += 1
    }
    #expect(count == 9)
  }

  /// Transactions of every type, signed by another implementation.
  @Test func agreesWithOtherImplementationsOnEveryType() throws {
    var types: [String: Int] = [:]
    for vector in try EVMVectors.vectors("transactions/evm-types") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let chain = try #require(EVMVectors.chains.first { $0.name == vector["chain"]?.string })
      let request = try EVMVectors.request(
        chain,
        pending: EVMVectors.pending(try #require(vector["serializedTransaction"]?.string), chain: chain),
        testnet: vector["testnet"]?.bool == true, secret: try #require(vector["privateKey"]?.string),
        policy: EVMVectors.unlimited(chain))
      let signed = try chain.sign(request)
      #expect(signed.txData == vector["txData"]?.string, label)
      #expect(signed.txID == vector["txId"]?.string, label)
      #expect(signed.nonce == vector["nonce"]?.uint64, label)
      let address = try EVMVectors.network(chain).form.read(
        try #require(vector["from"]?.string), member: "from")
      #expect(try signed.from == .one(EVMVectors.network(chain).form.text(address)), label)
      let bytes = try #require(Hex.decodePrefixed(signed.txData))
      #expect(try EVMTransactionTests.recoveredSender(of: bytes) == address, label)
      types[String(bytes[0] < 0xC0 ? bytes[0] : 0), default: 0] += 1
    }
    #expect(types == ["0": 36, "1": 36, "2": 36, "123": 36])
  }

  @Test func signsWithdrawalsLikeOtherTransactions() throws {
    for chain in [SigningChain.eth, .one] {
      let text = #"{"from":0,"to":"0x3535353535353535353535353535353535353535","value":"1","gas":"30000"}"#
      var pending = try #require(EVMVectors.pending(text, chain: chain).object)
      let context: JSONValue = ["nonce": "4", "gas": "21000", "gasPrice": "7"]
      let onChain = try chain.sign(
        EVMVectors.request(
          chain, pending: .object(pending), testnet: false, context: context, secret: EVMVectors.testKey))
      pending["withdrawalId"] = "61dceae734e9c028cc7fc59c"
      let withdrawal = try chain.sign(
        EVMVectors.request(
          chain, pending: .object(pending), testnet: false, context: context, secret: EVMVectors.testKey))
      #expect(withdrawal == onChain)
      // Decision 1: the gas limit of the pending transaction, not the estimate.
      #expect(try EVMTransactionTests.fields(of: withdrawal)[2] == .bytes([0x75, 0x30]))
    }
  }

  @Test func addressFormsOfOneChainGiveOneTransaction() throws {
    func sign(_ to: String, _ chain: SigningChain) throws -> SignedTransaction {
      try EVMVectors.sign(
        #"{"from":0,"to":"\#(to)","value":1,"gas":21000,"gasPrice":1,"nonce":0}"#, chain: chain)
    }
    let hex = "0x8acbcfbc8ce37f6f674f4b9861d3efe89288d89f"
    let forms: [(SigningChain, [String])] = [
      (.xdc, ["xdc8acbcfbc8ce37f6f674f4b9861d3efe89288d89f", String(hex.dropFirst(2))]),
      (.one, ["one13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmc"]),
    ]
    for (chain, texts) in forms {
      for text in texts { #expect(try sign(text, chain) == sign(hex, chain)) }
    }
    #expect(throws: ChainError.self) { try sign("xdc8acbcfbc8ce37f6f674f4b9861d3efe89288d89f", .eth) }
    #expect(throws: ChainError.self) { try sign("one13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmc", .xdc) }
  }

  @Test func sameNumberInEveryFormGivesOneTransaction() throws {
    func sign(_ value: String, _ gas: String, _ price: String, _ nonce: String) throws -> SignedTransaction {
      try EVMVectors.sign(
        #"{"to":"0x3535353535353535353535353535353535353535","value":\#(value),"gas":\#(gas),"#
          + #""gasPrice":\#(price),"nonce":\#(nonce)}"#)
    }
    let expected = try sign("255", "30000", "20", "7")
    #expect(try sign(#""255""#, #""30000""#, #""20""#, #""7""#) == expected)
    #expect(try sign(#""0xff""#, #""0x7530""#, #""0x14""#, #""0x7""#) == expected)
    #expect(try sign(#""0XFF""#, #""0x07530""#, #""020""#, #""0x0007""#) == expected)
    // web3.js takes a bare 0x for zero.
    #expect(try sign(#""0x""#, "30000", "20", "7") == sign("0", "30000", "20", "7"))
  }

  @Test func theTransactionWinsOverTheContextAndZeroIsMissing() throws {
    let to = #""to":"0x3535353535353535353535353535353535353535""#
    let context: JSONValue = ["chainId": "1", "nonce": "9", "gas": "40000", "gasPrice": "50"]
    let own = try EVMVectors.sign(
      "{\(to),\"nonce\":0,\"gas\":21000,\"gasPrice\":\"3\"}", context: context)
    #expect(own == (try EVMVectors.sign("{\(to),\"nonce\":0,\"gas\":21000,\"gasPrice\":\"3\"}")))
    #expect(own.nonce == 0)
    let filled = try EVMVectors.sign("{\(to)}", context: context)
    #expect(filled.nonce == 9)
    #expect(
      try EVMTransactionTests.fields(of: filled).prefix(3) == [
        .bytes([9]), .bytes([50]), .bytes([0x9C, 0x40]),
      ])
    for zero in [#""0""#, "0", #""0x0""#, #""0x00""#, #""""#, "null", #""0x""#] {
      #expect(try EVMVectors.sign("{\(to),\"gas\":\(zero),\"gasPrice\":\(zero)}", context: context) == filled)
      #expect(
        throws: ChainError.contextMissing("gas"),
        performing: { try EVMVectors.sign("{\(to),\"nonce\":1,\"gas\":\(zero),\"gasPrice\":2}") })
      #expect(
        throws: ChainError.contextMissing("gasPrice"),
        performing: { try EVMVectors.sign("{\(to),\"nonce\":1,\"gas\":21000,\"gasPrice\":\(zero)}") })
    }
  }
}
