internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct EVMRefusalTests {
  /// A transaction that signs, as members of JSON.
  static let base: [(name: String, json: String)] = [
    ("from", "0"), ("to", #""0x3535353535353535353535353535353535353535""#), ("value", #""1000""#),
    ("nonce", "5"),
    ("gas", "30000"), ("gasPrice", #""20""#),
  ]

  /// `base` with `changes`; nil removes a member.
  static func text(_ changes: [String: String?] = [:]) -> String {
    var members = base.filter { changes[$0.name] == nil }.map { "\"\($0.name)\":\($0.json)" }
    for (name, json) in changes.sorted(by: { $0.key < $1.key }) {
      if let json { members.append("\"\(name)\":\(json)") }
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  func refusal(
    _ changes: [String: String?] = [:], _ chain: SigningChain = .eth, testnet: Bool = false,
    context: JSONValue = [:],
    policy: SigningPolicy = SigningPolicy()
  ) -> ErrorCode? {
    do {
      _ = try EVMVectors.sign(
        Self.text(changes), chain: chain, testnet: testnet, context: context, policy: policy)
      return nil
    } catch { return (error as? ChainError)?.code }
  }

  @Test func theBaseSigns() {
    #expect(refusal() == nil)
    #expect(refusal([:], .celo) == nil)
  }

  @Test(arguments: [
    #"{"type":3}"#, #"{"type":"0x3"}"#, #"{"type":4}"#, #"{"type":"0x7b"}"#, #"{"type":123}"#,
    #"{"type":"LEGACY"}"#,
    #"{"type":"VALUE_TRANSFER"}"#, #"{"type":"cip64"}"#, #"{"type":-1}"#, #"{"type":1.5}"#, #"{"type":[]}"#,
    #"{"authorizationList":[]}"#, #"{"blobVersionedHashes":[]}"#, #"{"maxFeePerBlobGas":"1"}"#,
    #"{"blobs":[]}"#,
    #"{"common":{}}"#, #"{"chain":"mainnet"}"#, #"{"hardfork":"london"}"#, #"{"feePayer":"0x"}"#,
    #"{"feeCurrency":"0x765de816845861e75a25fca122bb6898b8b1282a"}"#, #"{"gatewayFee":"0x1"}"#,
    #"{"networkId":1}"#,
    #"{"gatewayFeeRecipient":"0x765de816845861e75a25fca122bb6898b8b1282a"}"#, #"{"v":"0x25"}"#,
    #"{"Gas":"1"}"#,
    #"{"to":""}"#, #"{"to":"0x"}"#, #"{"to":0}"#, #"{"to":{}}"#, #"{"to":null}"#,
    #"{"to":"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}"#, #"{"from":1}"#, #"{"from":"0"}"#,
    #"{"from":"me"}"#,
    #"{"value":-1}"#, #"{"value":"-1"}"#, #"{"value":1.5}"#, #"{"value":"1.5"}"#, #"{"value":"1e3"}"#,
    #"{"value":1e3}"#, #"{"value":9007199254740992}"#, #"{"value":100000000000000000000}"#,
    #"{"value":"ff"}"#,
    #"{"value":"0xfg"}"#, #"{"value":" 1"}"#, #"{"value":true}"#, #"{"value":[1]}"#,
    #"{"value":"0x10000000000000000000000000000000000000000000000000000000000000000"}"#,
    #"{"value":{"type":"BigNumber","hex":"0x1"}}"#,
    #"{"nonce":-1}"#, #"{"nonce":1.0}"#, #"{"nonce":"18446744073709551615"}"#,
    #"{"nonce":"18446744073709551616"}"#,
    #"{"gas":"18446744073709551616"}"#, #"{"gas":20999}"#, #"{"gas":-1}"#, #"{"gasLimit":"30001"}"#,
    #"{"gasPrice":"A"}"#, #"{"gasPrice":-5}"#,
    #"{"data":"0x123"}"#, #"{"data":"0xzz"}"#, #"{"data":5}"#, #"{"data":"0x01","input":"0x01"}"#,
    #"{"chainId":"one"}"#, #"{"accessList":{}}"#, #"{"accessList":[1]}"#, #"{"accessList":[[]]}"#,
    #"{"accessList":[{"address":"0x01","storageKeys":[]}]}"#,
    #"{"accessList":[{"address":"0x765de816845861e75a25fca122bb6898b8b1282a"}]}"#,
    #"{"accessList":[{"address":"0x765de816845861e75a25fca122bb6898b8b1282a","storageKeys":["0x01"]}]}"#,
    #"{"accessList":[{"address":"0x765de816845861e75a25fca122bb6898b8b1282a","storageKeys":[],"x":1}]}"#,
    #"{"accessList":[],"type":0}"#, #"{"maxFeePerGas":"30"}"#, #"{"maxPriorityFeePerGas":"3"}"#,
    #"{"type":2}"#,
    #"{"gasPrice":null,"maxFeePerGas":"30","maxPriorityFeePerGas":"31"}"#,
    #"{"gasPrice":null,"maxFeePerGas":"30","maxPriorityFeePerGas":"3","type":1}"#,
    #"{"gasPrice":null,"maxFeePerGas":"30","maxPriorityFeePerGas":"3","type":0}"#,
  ])
  func refusesWhatWouldChangeTheMeaning(changes: String) throws {
    let object = try #require(try JSONValue(parsing: changes).object)
    var members: [String: String?] = [:]
    for member in object.members { members[member.name] = member.value.text }
    #expect(refusal(members) == .malformedTransaction)
  }

  @Test(arguments: [
    "", "null", "[]", "5", "\"text\"", "{", "{}", #"{"to":"0x3535353535353535353535353535353535353535"} "{}"#,
    #"{"to":"0x3535353535353535353535353535353535353535","to":"0x3535353535353535353535353535353535353535"}"#,
    #"{"data":""}"#, #"{"data":"0x"}"#, #"{"value":"5"}"#,
  ])
  func refusesTextThatIsNoTransaction(text: String) {
    #expect { try EVMVectors.sign(text) } throws: { ($0 as? ChainError)?.code == .malformedTransaction }
  }

  @Test func saysWhichMemberIsWrong() {
    #expect {
      try EVMVectors.sign(Self.text(["gasPrice": "1.5"]))
    } throws: { "\($0)".contains("serializedTransaction.gasPrice") }
    #expect {
      try EVMVectors.sign(Self.text(["surprise": "1"]))
    } throws: { "\($0)".contains("surprise") }
  }

  // MARK: Chain ids

  @Test func pinsTheChainIDsOfEveryChain() throws {
    let networks = try EVMVectors.chains.map(EVMVectors.network)
    let pinned: [[UInt64]] = networks.map {
      $0.pinnedChainIDs(testnet: false) + $0.pinnedChainIDs(testnet: true)
    }
    let all: [UInt64] = pinned.joined() + [0, 2, 80001]
    for chain in EVMVectors.chains {
      for testnet in [false, true] {
        let own = try EVMVectors.network(chain).pinnedChainIDs(testnet: testnet)
        for other in all {
          let expected: ErrorCode? = own.contains(other) ? nil : .chainIDMismatch
          #expect(refusal(["chainId": "\(other)"], chain, testnet: testnet) == expected)
          #expect(
            refusal([:], chain, testnet: testnet, context: ["chainId": .string("\(other)")]) == expected)
        }
      }
    }
  }

  /// The table of docs/chains/evm.md has every id, and a source for each chain.
  @Test(arguments: EVMVectors.chains.map(\.name))
  func documentsThePinnedChainIDs(name: String) throws {
    let chain = try EVMVectors.network(#require(EVMVectors.chains.first { $0.name == name }))
    let table = try EVMVectors.text(of: "docs/chains/evm.md").split(separator: "## Chain ids").last
    let row = try #require(
      table?.split(separator: "\n").first { $0.hasPrefix("| \(name) |") }?.split(separator: "|"))
    func ids(_ cell: Substring) -> [UInt64] {
      cell.split { " ,".contains($0) }.compactMap { UInt64($0) }
    }
    #expect(row.count == 4)
    #expect(ids(row[1]) == chain.pinnedChainIDs(testnet: false))
    #expect(ids(row[2]) == chain.pinnedChainIDs(testnet: true))
    #expect(row[3].contains { "./".contains($0) }, "a source")
  }

  @Test func chainIDsOfTransactionAndContextMustAgree() {
    let sepolia: JSONValue = ["chainId": "11155111"]
    #expect(refusal(["chainId": "11155111"], testnet: true, context: sepolia) == nil)
    #expect(refusal(["chainId": #""0xaa36a7""#], testnet: true, context: sepolia) == nil)
    #expect(refusal(["chainId": "17000"], testnet: true, context: sepolia) == .chainIDMismatch)
    #expect(refusal([:], testnet: true) == .contextMissing)
    #expect(refusal([:], .matic, testnet: true) == nil)  // only one is pinned
  }

  // MARK: Keys, nonces, fees

  @Test func keyMustBeTheSenders() {
    let other = #""0x3535353535353535353535353535353535353535""#
    let own = "\"\(EVMVectors.testAddress)\""
    #expect(refusal(["from": other]) == .keyNotSender)
    #expect(refusal(["from": own]) == nil)
    #expect(refusal([:], context: ["from": "0x3535353535353535353535353535353535353535"]) == .keyNotSender)
    #expect(refusal([:], context: ["from": .string(EVMVectors.testAddress)]) == nil)
    #expect(refusal([:], .xdc, context: ["from": .string(EVMVectors.testAddress)]) == nil)
    #expect(
      refusal([:], .xdc, context: ["from": "xdc3535353535353535353535353535353535353535"]) == .keyNotSender)
    #expect(refusal([:], context: ["from": 5]) == .malformedTransaction)
  }

  @Test func nonceIsThatOfTheJournalOrTheTransaction() throws {
    let pending = EVMVectors.pending(Self.text(["nonce": nil]), chain: .xdc)
    var request = try EVMVectors.request(
      .xdc, pending: pending, testnet: false, context: ["nonce": "3"], secret: EVMVectors.testKey)
    let asked = try #require(try SigningChain.xdc.nonceRequest(of: request))
    #expect(
      asked
        == NonceRequest(
          sender: "xdc" + EVMVectors.testAddress.dropFirst(2), explicit: nil, networkCount: 3))
    request.nonce = 17
    #expect(try SigningChain.xdc.sign(request).nonce == 17)
    request.nonce = nil
    #expect(throws: ChainError.contextMissing("nonce")) { try SigningChain.xdc.sign(request) }

    let explicit = EVMVectors.pending(Self.text(["nonce": "0"]), chain: .eth)
    request = try EVMVectors.request(
      .eth, pending: explicit, testnet: false, context: ["nonce": "3"], secret: EVMVectors.testKey)
    let named = try #require(try SigningChain.eth.nonceRequest(of: request))
    #expect(named == NonceRequest(sender: EVMVectors.testAddress, explicit: 0, networkCount: 3))
    #expect(try SigningChain.eth.sign(request).nonce == 0)
    request.nonce = 3
    #expect(throws: ChainError.self) { try SigningChain.eth.sign(request) }
  }

  @Test func feeLimitHoldsUnlessRaised() {
    // 40000 gas at 25000 gwei is 1 ETH exactly.
    let atLimit = ["gas": "40000", "gasPrice": #""25000000000000""#]
    let above = ["gas": "40000", "gasPrice": #""25000000000001""#]
    #expect(refusal(atLimit) == nil)
    #expect(refusal(above) == .feeTooHigh)
    #expect(refusal(["gasPrice": nil, "gas": "40000", "maxFeePerGas": #""25000000000001""#]) == .feeTooHigh)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("1000000000000040000", of: "ETH")
    #expect(refusal(above, policy: policy) == nil)
    _ = policy.setMaximumFee("1000000000000039999", of: "ETH")
    #expect(refusal(above, policy: policy) == .feeTooHigh)
    _ = policy.setMaximumFee("1000000000000040000", of: "BSC")
    #expect(refusal(above, policy: policy) == .feeTooHigh)
  }

  @Test func refusesFeesAndAmountsThatOverflow() {
    let maximum = "\"\(UInt256Tests.maximum)\""
    let policy = EVMVectors.unlimited(.eth)
    #expect(refusal(["gasPrice": maximum], policy: policy) == .malformedTransaction)
    #expect(refusal(["value": maximum], policy: policy) == .malformedTransaction)
    #expect(refusal(["gas": #""0xffffffffffffffff""#, "gasPrice": #""0xffffffffffffffff""#]) == .feeTooHigh)
  }

  @Test func gasLimitMustCoverTheData() {
    #expect(refusal(["gas": "21000"]) == nil)
    #expect(refusal(["gas": "21019", "data": #""0x0001""#]) == .malformedTransaction)
    #expect(refusal(["gas": "21020", "data": #""0x0001""#]) == nil)
    #expect(refusal(["gas": "53019", "data": #""0x0001""#, "to": nil]) == .malformedTransaction)
    #expect(refusal(["gas": "53020", "data": #""0x0001""#, "to": nil]) == nil)
  }

  @Test func refusesWithoutAKey() throws {
    var request = try EVMVectors.request(
      .eth, pending: EVMVectors.pending(Self.text(), chain: .eth), testnet: false, secret: EVMVectors.testKey)
    request.keys = []
    #expect { try SigningChain.eth.sign(request) } throws: { ($0 as? ChainError)?.code == .walletNotFound }
    #expect { try SigningChain.eth.nonceRequest(of: request) } throws: {
      ($0 as? ChainError)?.code == .walletNotFound
    }
  }

  // MARK: Fee members

  @Test func fillsTheFeeMembersOfEIP1559() throws {
    func fee(_ changes: [String: String?], _ chain: SigningChain = .eth) throws -> EVMTransaction.Fee {
      var changes = changes
      changes["gasPrice"] = .some(changes["gasPrice"] ?? nil)
      return try PendingEVMTransaction(
        parsing: Self.text(changes), form: .hexadecimal, celo: chain.name == "CELO"
      )
      .fee(EVMContext(["gasPrice": "4000000000"]))
    }
    let two = UInt256(2_000_000_000)
    let price = UInt256(4_000_000_000)
    let tip = UInt256(2_500_000_000)
    #expect(try fee(["type": "2"]) == .dynamic(maxPriorityFeePerGas: tip, maxFeePerGas: price))
    #expect(
      try fee(["maxFeePerGas": "2000000000"]) == .dynamic(maxPriorityFeePerGas: two, maxFeePerGas: two))
    #expect(
      try fee(["maxPriorityFeePerGas": "0"]) == .dynamic(maxPriorityFeePerGas: .zero, maxFeePerGas: price))
    let token = "0x765de816845861e75a25fca122bb6898b8b1282a"
    let currency = try EVMAddressForm.hexadecimal.read(token, member: "")
    #expect(
      try fee(["feeCurrency": "\"\(token)\""], .celo)
        == .celoDynamic(maxPriorityFeePerGas: price, maxFeePerGas: price, feeCurrency: currency))
    #expect(
      try fee(["feeCurrency": "\"\(token)\"", "gasPrice": "2000000000", "type": "123"], .celo)
        == .celoDynamic(maxPriorityFeePerGas: two, maxFeePerGas: two, feeCurrency: currency))
    #expect(
      try fee(
        ["feeCurrency": "\"\(token)\"", "maxFeePerGas": "4000000000", "maxPriorityFeePerGas": "1"], .celo)
        == .celoDynamic(maxPriorityFeePerGas: UInt256(1), maxFeePerGas: price, feeCurrency: currency))
    #expect(
      try fee(["gasPrice": #"{"type":"BigNumber","hex":"0x77359400"}"#], .celo) == .legacy(gasPrice: two))
    #expect(try fee(["accessList": "[]"]) == .accessList(gasPrice: price))
  }

  @Test func refusesTheOldMembersOfCelo() {
    let token = #""0x765de816845861e75a25fca122bb6898b8b1282a""#
    #expect(refusal(["gatewayFee": #""0x1""#], .celo) == .malformedTransaction)
    #expect(refusal(["gatewayFeeRecipient": token], .celo) == .malformedTransaction)
    #expect(refusal(["type": "123"], .celo) == .malformedTransaction)
    #expect(refusal(["type": "2", "feeCurrency": token], .celo) == .malformedTransaction)
    #expect(refusal(["feeCurrency": #""CUSD""#], .celo) == .malformedTransaction)
    #expect(refusal(["feeCurrency": token], .celo) == nil)
  }
}
