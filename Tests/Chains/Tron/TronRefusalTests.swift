internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct TronRefusalTests {
  static let transfer = "tatum-js v1 request: 0.000001 TRX (to the own address)"
  static let token = "tatum-js v1 request: TRC20 transfer with fee limit 100 TRX"

  @Test(arguments: [
    "", "{", "null", "5", "[]", "{}",
    // Defect F20: digits that would be signed as a message.
    "\"0a02b80122080e2bc08d550f5f58\"", "\"{}\"", "0a02b801",
  ])
  func refusesWhatIsNoTransaction(text: String) {
    #expect {
      try TronVectors.chain.sign(TronVectors.request(text))
    } throws: { ($0 as? ChainError)?.code == .malformedTransaction }
  }

  @Test(arguments: [
    #"{"signature":[]}"#, #"{"signature":["00"]}"#, #"{"ret":[]}"#, #"{"visible":1}"#, #"{"visible":"true"}"#,
    #"{"visible":true}"#, #"{"txID":null}"#, #"{"txID":7}"#, #"{"raw_data":null}"#, #"{"raw_data_hex":null}"#,
    #"{"raw_data_hex":""}"#, #"{"raw_data_hex":"0"}"#, #"{"raw_data_hex":"zz"}"#, #"{"raw_data":"{}"}"#,
    #"{"raw_data":{"contract":[]}}"#, #"{"__payload__":{"a":1}}"#,
  ])
  func refusesMembersThatChangeTheMeaning(changes: String) throws {
    var object = try TronVectors.object(Self.transfer)
    for member in try #require(try JSONValue(parsing: changes).object).members {
      object[member.name] = member.value
    }
    #expect(TronVectors.refusal(object) == .malformedTransaction)
  }

  @Test func refusesAnIdThatIsNotTheHash() throws {
    var object = try TronVectors.object(Self.transfer)
    object["txID"] = .string(Hex.encode(Hash.sha256([1])))
    #expect(TronVectors.refusal(object) == .contentMismatch)
  }

  @Test func refusesAContractAddressWhereNoneIsCreated() throws {
    var object = try TronVectors.object(Self.transfer)
    object["contract_address"] = "41f59f92188ff2e54fb2e417e05e68e20e43a7a4ee"
    #expect(TronVectors.refusal(object) == .contentMismatch)
  }

  @Test(arguments: [
    "ProposalCreateContract", "ExchangeTransactionContract", "ShieldedTransferContract",
    "MarketSellAssetContract",
    "CustomContract", "GetContract", "transferContract", "", "Transfer\u{0}Contract",
  ])
  func refusesKindsThatAreNotKnown(name: String) throws {
    var object = try TronVectors.object(Self.transfer)
    var raw = try #require(object["raw_data"]?.object)
    var contract = try #require(raw["contract"]?.array?.first?.object)
    contract["type"] = .string(name)
    raw["contract"] = [.object(contract)]
    object["raw_data"] = .object(raw)
    #expect(TronVectors.refusal(object) == .malformedTransaction)
  }

  @Test func refusesTwoContracts() throws {
    var object = try TronVectors.object(Self.transfer)
    var raw = try #require(object["raw_data"]?.object)
    let contract = try #require(raw["contract"]?.array?.first)
    raw["contract"] = [contract, contract]
    object["raw_data"] = .object(raw)
    #expect(TronVectors.refusal(object) == .malformedTransaction)
  }

  @Test func refusesTheKeyOfAnotherAccount() throws {
    let text = JSONValue.object(try TronVectors.object(Self.transfer)).text
    #expect {
      try TronVectors.chain.sign(TronVectors.request(text, secret: String(repeating: "46", count: 32)))
    } throws: { ($0 as? ChainError)?.code == .keyNotSender }
    var request = try TronVectors.request(text)
    request.keys = []
    #expect { try TronVectors.chain.sign(request) } throws: { ($0 as? ChainError)?.code == .walletNotFound }
  }

  @Test func refusesToHandOverTheAccountUnlessAllowed() throws {
    var sample = TronSample(
      generator: SeededGenerator(state: 3), isVisible: false,
      owner: try #require(TronAddress(text: TronVectors.testAddress)))
    let contract = try #require(TronContract.named("AccountPermissionUpdateContract"))
    let object = sample.transaction(contract, all: true)
    #expect(TronVectors.refusal(object) == .accountControlRefused)
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    #expect(TronVectors.refusal(object, policy: policy) == nil)
    #expect(TronContract.all.filter(\.handsOverControl).map(\.name) == [contract.name])
  }

  @Test func refusesAFeeAboveTheLimit() throws {
    let object = try TronVectors.object(Self.token)
    func limit(_ text: String) -> SigningPolicy {
      var policy = SigningPolicy()
      let isTaken = policy.setMaximumFee(text, of: "TRON")
      #expect(isTaken)
      return policy
    }
    #expect(TronVectors.refusal(object, policy: limit("99999999")) == .feeTooHigh)
    #expect(TronVectors.refusal(object, policy: limit("100000000")) == nil)
    var policy = SigningPolicy()
    #expect({ !policy.setMaximumFee("much", of: "TRON") && !policy.setMaximumFee("-1", of: "TRON") }())
    // Without a limit of its own, a transaction needs none.
    #expect(TronVectors.refusal(try TronVectors.object(Self.transfer), policy: limit("0")) == nil)
    #expect(TronIntent.maximumFee == 1_000_000_000)
  }

  @Test func refusesWhatIsExpired() throws {
    let object = try TronVectors.object(Self.transfer)
    let expiration = Int64(1_640_995_260)
    #expect(TronVectors.refusal(object, unixTime: expiration - 1) == nil)
    #expect(TronVectors.refusal(object, unixTime: expiration) == .expired)
    #expect(TronVectors.refusal(object, unixTime: .max) == .expired)
    #expect(TronVectors.refusal(object, unixTime: .min) == nil)
  }

  @Test func refusesATransactionThatNeverExpires() throws {
    var object = try TronVectors.object(Self.transfer)
    var raw = try #require(object["raw_data"]?.object)
    raw["expiration"] = nil
    object["raw_data"] = .object(raw)
    let bytes = try #require(Hex.decode(try EVMVectors.value(object["raw_data_hex"]?.string)))
    // Field 8, after ref_block_bytes (4 bytes) and ref_block_hash (10 bytes): key and 6 bytes.
    #expect(bytes[14] == 0x40)
    #expect(
      TronVectors.refusal(TronVectors.object(object, rawData: Array(bytes[..<14] + bytes[21...])))
        == .malformedTransaction)
  }

  @Test func needsRefusesWhatSigningWouldRefuse() throws {
    let request = try TronVectors.request("{}")
    #expect(throws: ChainError.self) {
      try TronVectors.chain.needs(of: request.pending, wallet: nil, testnet: false)
    }
  }
}
