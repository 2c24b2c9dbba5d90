import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains

/// Lists of what is signed without a flag (trust.md, finding 10).
@Suite struct OperationListTests {
  private static let sender = MultiversXAddress(publicKey: [UInt8](repeating: 5, count: 32))
  private static let other = MultiversXAddress(publicKey: [UInt8](repeating: 6, count: 32))
  private static let contract = MultiversXAddress(
    publicKey: [UInt8](repeating: 0, count: 10) + [UInt8](repeating: 6, count: 22))

  // MARK: What Tatum makes

  /// What the list says of a pending transaction; nil when all is known.
  private func unknown(_ chain: String, _ text: String) throws -> String? {
    switch chain {
    case "sol": return try PendingSolanaTransaction(parsing: text).message.unknownOperation
    case "tron":
      let contract = try PendingTronTransaction(parsing: text).contract
      return contract.isKnown ? nil : contract.name
    case "xrp": return try XRPTransaction(text, testnet: true).unknownOperation
    case "xlm":
      return try StellarEnvelope(text).transaction.operations.first { !$0.isKnown }.map { "\($0.type)" }
    case "algo": return try AlgorandTransaction(parsing: text).unknownOperation
    default:
      let transaction = try PendingMultiversXTransaction(parsing: text)
      return MultiversXOperations(data: transaction.data, sender: Self.sender, receiver: transaction.to)
        .unknown
    }
  }

  /// Vectors that Tatum's own SDK made; of SOL, which has few, also transfers and tokens as its operations make them.
  @Test(arguments: ["sol", "tron", "xrp", "xlm", "algo", "egld"])
  func whatTatumMakesIsKnown(_ chain: String) throws {
    var count = 0
    for vector in try EVMVectors.vectors("transactions/\(chain)") {
      guard let name = vector["name"]?.string,
        name.lowercased().contains("tatum")
          || chain == "sol" && !name.contains("stake") && !name.contains("nonce"),
        let text = vector["pending"]?["serializedTransaction"]?.string
      else { continue }
      #expect(try unknown(chain, text) == nil, "\(name)")
      count += 1
    }
    #expect(count > 0)
  }

  // MARK: SOL

  @Test(
    arguments: [
      (SolanaProgram.token, [4, 255, 255, 255, 255, 255, 255, 255, 255], false),  // Approve
      (.token, [13, 1, 0, 0, 0, 0, 0, 0, 0, 6], false),  // ApproveChecked
      (.token, [6, 0, 0], false), (.token, [6, 1, 0], false),  // SetAuthority of mint and freezing
      (.token, [9], false), (.token, [10], false), (.token, [255], false), (.token, [], false),
      (.token2022, [26], false), (.token2022, [3, 1, 0, 0, 0, 0, 0, 0, 0], true),
      (.token, [12, 1, 0, 0, 0, 0, 0, 0, 0, 6], true), (.token, [5], true),
      (.associatedToken, [], true), (.associatedToken, [1], true), (.associatedToken, [2], false),
      (.system, [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], true), (.system, [5, 0, 0, 0], false),
      (.system, [2], false),
      (.tokenMetadata, [33], true), (.tokenMetadata, [15], false), (.stake, [4, 0, 0, 0], false),
      (.memo, [1, 2, 3], true),
    ] as [(SolanaProgram, [UInt8], Bool)])
  func instructionsOfSolana(_ program: SolanaProgram, _ data: [UInt8], _ isKnown: Bool) throws {
    let payer = Base58.encode([UInt8](repeating: 5, count: 32))
    let message = try SolanaMessage(SolanaMessages.call(program, data: data, payer: payer))
    #expect((message.unknownOperation == nil) == isKnown)
  }

  @Test func programsThatNobodyKnows() throws {
    var bytes = try SolanaMessages.call(
      .memo, data: [1], payer: Base58.encode([UInt8](repeating: 5, count: 32)))
    bytes.replaceSubrange(36..<68, with: [UInt8](repeating: 8, count: 32))
    #expect(try SolanaMessage(bytes).unknownOperation?.contains("program") == true)
  }

  // MARK: EGLD

  @Test(arguments: [
    ("", true), ("ESDTTransfer@01@02", true), ("hello", true), ("for the book", true),
    ("SetGuardian@01@02", false), ("GuardAccount", false), ("guardaccount", false), ("UnGuardAccount", false),
    ("ChangeOwnerAddress@01", false), ("somethingNew@01", false), ("SaveKeyValue@01@02", false),
    ("mail me at a@b", false),
  ])
  func dataForOtherAccounts(_ data: String, _ isKnown: Bool) {
    let operations = MultiversXOperations(data: Array(data.utf8), sender: Self.sender, receiver: Self.other)
    #expect((operations.unknown == nil) == isKnown, "\(operations.unknown ?? "")")
  }

  @Test(arguments: [
    ("issue@01@02", true), ("stopNFTCreate@01", true), ("swap", true), ("ChangeOwnerAddress@01", false),
    ("transferOwnership@01@02", false), ("ClaimDeveloperRewards", false), ("upgradeContract@01", false),
  ])
  func dataForContracts(_ data: String, _ isKnown: Bool) {
    let operations = MultiversXOperations(
      data: Array(data.utf8), sender: Self.sender, receiver: Self.contract)
    #expect((operations.unknown == nil) == isKnown, "\(operations.unknown ?? "")")
  }

  @Test func dataForOneself() {
    for (data, isKnown) in [
      ("", true), ("ESDTNFTCreate@01", true), ("GuardAccount", false), ("anything", false),
    ] {
      let operations = MultiversXOperations(
        data: Array(data.utf8), sender: Self.sender, receiver: Self.sender)
      #expect((operations.unknown == nil) == isKnown)
    }
  }

  // MARK: TRON

  @Test func contractsOfTron() {
    let refused = TronContract.all.filter { !$0.isKnown }.map(\.name)
    #expect(
      refused == [
        "VoteAssetContract", "VoteWitnessContract", "WitnessCreateContract", "WitnessUpdateContract",
        "ParticipateAssetIssueContract", "AccountUpdateContract", "UpdateAssetContract",
        "SetAccountIdContract",
        "UpdateSettingContract", "UpdateEnergyLimitContract", "ClearABIContract", "UpdateBrokerageContract",
        "DelegateResourceContract",
      ])
  }

  // MARK: XRP

  @Test(
    arguments: [
      ("NFTokenAcceptOffer", [:], false), ("Clawback", [:], false), ("PaymentChannelClaim", [:], false),
      ("Payment", [:], true), ("AccountSet", ["SetFlag": 1], true), ("AccountSet", ["SetFlag": 6], false),
      ("AccountSet", ["SetFlag": 16], false), ("AccountSet", ["SetFlag": 99], false),
      ("AccountSet", [:], true),
      ("NFTokenCreateOffer", ["Flags": 1, "Amount": "0"], false),
      ("NFTokenCreateOffer", ["Flags": 1, "Amount": "0", "Destination": "r"], true),
      ("NFTokenCreateOffer", ["Flags": 1, "Amount": "5"], true),
      ("NFTokenCreateOffer", ["Amount": "0"], true),
    ] as [(String, [String: JSONValue], Bool)])
  func transactionsOfXRP(_ type: String, _ members: [String: JSONValue], _ isKnown: Bool) {
    #expect((XRPOperations.unknown(type, members) == nil) == isKnown)
  }

  // MARK: Through the door

  /// Refused by name, signed with the flag: an operation of Stellar that nobody asked for.
  @Test func operationsOfStellar() throws {
    let source = try StellarSigning.publicKey()
    func code(_ body: [UInt8], allowing: Bool = false) throws -> ErrorCode? {
      let signing = try TestSigning("XLM")
      let envelope = XDR.envelope(source: source, operations: [XDR.u32(0) + body])
      let pending = try PendingTransaction(signing.pending(Base64.encode(envelope)), chain: "XLM")
      var request = SigningCase(
        pending: pending, testnet: true, context: [:],
        keys: [
          SigningKey(
            reference: try pending.firstKeyReference(),
            privateKey: try signing.material(StellarSigning.secret))
        ], unixTime: 1_700_000_000)
      request.isStrict = true
      request.policy.allowUnknownOperations = allowing
      return refusal { try SigningChain.stellar.sign(request) }
    }
    let homeDomain =
      XDR.u32(5) + XDR.u32(0) + XDR.u32(0) + XDR.u32(0) + XDR.u32(0) + XDR.u32(0) + XDR.u32(0)
      + XDR.u32(0) + XDR.u32(0) + XDR.u32(0)
    let immutable =
      XDR.u32(5) + XDR.u32(0) + XDR.u32(0) + XDR.u32(1) + XDR.u32(4) + XDR.u32(0) + XDR.u32(0)
      + XDR.u32(0) + XDR.u32(0) + XDR.u32(0) + XDR.u32(0)
    for body in [homeDomain, immutable, XDR.u32(16) + XDR.account(source), XDR.u32(17)] {
      #expect(try code(body) == .operationRefused)
      #expect(try code(body, allowing: true) == nil)
    }
    #expect(try code(XDR.u32(1) + XDR.account(source) + XDR.u32(0) + XDR.u64(1)) == nil)
  }
}

/// Permissions to dispose of tokens (trust.md, finding 10).
@Suite struct AllowanceTests {
  private static let spender = String(repeating: "0", count: 24) + String(repeating: "ab", count: 20)
  private static let token = "0x" + String(repeating: "cd", count: 20)

  private static func word(_ digits: String) -> String {
    String(repeating: "0", count: 64 - digits.utf8.count) + digits
  }

  private static let unlimited = String(repeating: "f", count: 64)
  private static let bound = String(repeating: "f", count: 24)  // 2^96 - 1

  @Test(
    arguments: [
      ("095ea7b3", spender + unlimited, true), ("095ea7b3", spender + word(bound), true),
      ("095ea7b3", spender + word("fffffffffffffffffffffffe"), false),
      ("095ea7b3", spender + word("0"), false),
      ("39509351", spender + unlimited, true), ("d73dd623", spender + unlimited, true),
      ("a22cb465", spender + word("1"), true), ("959b8c3f", spender, true),
      ("d505accf", spender + spender + unlimited + word("1"), true),
      ("d505accf", spender + spender + word("5") + word("1"), false),
      ("8fcbaf0c", spender + spender + word("0") + word("0") + word("1"), true),
      ("87517c45", spender + spender + word(bound) + word("1"), true),
    ] as [(String, String, Bool)])
  func areRead(_ selector: String, _ arguments: String, _ isUnlimited: Bool) throws {
    let call = try #require(Hex.decode(selector + arguments))
    let allowance = try #require(Allowance(call: call, to: Self.token))
    #expect(allowance.isUnlimited == isUnlimited)
    #expect(allowance.words.contains("0x" + String(repeating: "ab", count: 20)))
  }

  @Test(arguments: [
    "", "a9059cbb" + spender + unlimited, "a22cb465" + spender + word("0"), "095ea7b3", "095ea7",
    "8fcbaf0c" + spender + spender + word("0") + word("0") + word("0"),
  ])
  func otherCallsAllowNothing(_ data: String) throws {
    #expect(Allowance(call: try #require(Hex.decode(data)), to: Self.token) == nil)
  }

  @Test(arguments: ["ETH", "MATIC", "CELO"])
  func withoutALimitTheyAreSaidAndCanBeRefused(_ chain: String) throws {
    let data = "0x095ea7b3" + Self.spender + Self.unlimited
    let signing = try TestSigning(chain)
    let key = try signing.material("0x" + String(repeating: "11", count: 32))
    let text =
      #"{"to":"\#(Self.token)","data":"\#(data)","gas":60000,"gasPrice":"1000000000","nonce":1}"#
    let pending = try PendingTransaction(signing.pending(text), chain: chain)
    #expect(
      try signing.chain.read(pending, testnet: true).summary?.contains("without a limit") == true)
    var request = SigningCase(
      pending: pending, testnet: true,
      context: [
        "from": .string(key.address),
        "chainId": chain == "ETH" ? "11155111" : chain == "MATIC" ? "80002" : "44787",
      ],
      keys: [SigningKey(reference: try pending.firstKeyReference(), privateKey: key)], nonce: 1,
      unixTime: 1_700_000_000)
    request.isStrict = true
    #expect(refusal { try signing.chain.sign(request) } == nil)
    request.policy.noUnlimitedAllowances = true
    #expect(refusal { try signing.chain.sign(request) } == .allowanceRefused)
  }
}
