import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

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
    ("mail me at a@b", false), ("invoice 7", true), ("Hello", false), ("Thanks a lot", true), ("A1", true),
    ("ESDTTransfer@01", false), ("ESDTTransfer@01@02@66", false), ("ESDTTransfer@01@02@66@07", false),
    ("ESDTNFTTransfer@01@02@03@04", true), ("ESDTNFTTransfer@01@02@03@04@66", false),
    ("MultiESDTNFTTransfer@01@01@02@03@04", true), ("MultiESDTNFTTransfer@01@01@02@03@04@66", false),
    ("MultiESDTNFTTransfer@01@02@02@03@04", false), ("MultiESDTNFTTransfer@01@-1@02", false),
    ("MultiESDTNFTTransfer@01@ffffffffffffffff@02", false), ("MultiESDTNFTTransfer@01", false),
    ("MultiESDTNFTTransfer", false), ("esdttransfer@01@02", false), ("@", false), ("issue@01@02", false),
  ])
  func dataForOtherAccounts(_ data: String, _ isKnown: Bool) {
    let operations = MultiversXOperations(data: Array(data.utf8), sender: Self.sender, receiver: Self.other)
    #expect((operations.unknown == nil) == isKnown, "\(operations.unknown ?? "")")
  }

  /// Whatever a contract can do in the name of who calls it is nothing that is read here.
  @Test(arguments: [
    ("", true), ("swap", false), ("issue@01@02", false), ("stopNFTCreate@01", false),
    ("ChangeOwnerAddress@01", false),
    ("transferOwnership@01@02", false), ("ClaimDeveloperRewards", false), ("upgradeContract@01", false),
    ("ESDTTransfer@01@02", true), ("ESDTTransfer@01@02@73776170", false), ("hello world", false),
    ("0061736d01@0500@0100", false), ("Ünlesbar", false),
  ])
  func dataForContracts(_ data: String, _ isKnown: Bool) {
    let operations = MultiversXOperations(
      data: Array(data.utf8), sender: Self.sender, receiver: Self.contract)
    #expect((operations.unknown == nil) == isKnown, "\(operations.unknown ?? "")")
  }

  @Test(arguments: [
    ("issue@01@02", true), ("issueNonFungible@01", true), ("issueSemiFungible@01", true),
    ("registerMetaESDT@01", true),
    ("registerAndSetAllRoles@01", true), ("stopNFTCreate@01", true), ("transferOwnership@01@02", false),
    ("setSpecialRole@01@02", false), ("freeze@01@02", false), ("wipe@01@02", false), ("pause@01", false),
    ("Issue@01", false), ("issue ", false), ("transferNFTCreateRole@01", false), ("controlChanges@01", false),
  ])
  func dataForTheTokenContract(_ data: String, _ isKnown: Bool) throws {
    let operations = MultiversXOperations(
      data: Array(data.utf8), sender: Self.sender,
      receiver: try MultiversXAddress(
        "erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u", member: "to"))
    #expect((operations.unknown == nil) == isKnown, "\(operations.unknown ?? "")")
  }

  @Test func dataThatIsNoText() {
    for receiver in [Self.contract, Self.other] {
      for data in [[0xff, 0x40, 0x30], [0xff]] as [[UInt8]] {
        let operations = MultiversXOperations(data: data, sender: Self.sender, receiver: receiver)
        #expect((operations.unknown == nil) == (receiver == Self.other && data.count == 1))
      }
    }
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

  // MARK: ALGO

  @Test func typesOfAlgorand() throws {
    let asset: [String: JSONValue?] = ["type": "axfer", "assetIndex": 5]
    func unknown(_ changes: [String: JSONValue?]) throws -> Bool {
      try AlgorandTransaction(parsing: AlgorandVectors.payment(changes)).unknownOperation != nil
    }
    let other = try AlgorandVectors.address(AlgorandVectors.receiver)
    #expect(try !unknown([:]))
    #expect(try !unknown(asset))
    #expect(try unknown(asset.merging(["assetRevocationTarget": other]) { $1 }))
    let none: [String: JSONValue?] = ["to": nil, "amount": nil]
    #expect(try !unknown(none.merging(["type": "acfg", "assetTotal": 5, "assetManager": other]) { $1 }))
    #expect(try !unknown(none.merging(["type": "acfg", "assetIndex": 5]) { $1 }))
    #expect(try unknown(none.merging(["type": "acfg", "assetIndex": 5, "assetManager": other]) { $1 }))
    #expect(try unknown(none.merging(["type": "keyreg", "nonParticipation": true]) { $1 }))
    #expect(try unknown(none.merging(["type": "afrz", "assetIndex": 5, "freezeAccount": other]) { $1 }))
    #expect(try unknown(none.merging(["type": "appl", "appIndex": 5]) { $1 }))
  }

  // MARK: Through the door

  /// Refused by name, signed with the flag: an operation of Stellar that nobody asked for.
  @Test func operationsOfStellar() throws {
    let source = try StellarSigning.publicKey()
    func code(_ body: [UInt8], allowing: Bool = false) throws -> ErrorCode? {
      let signing = try TestSigning("XLM")
      let envelope = XDR.envelope(
        source: source, preconditions: XDR.u32(1) + XDR.u64(0) + XDR.u64(1_700_000_300),
        operations: [XDR.u32(0) + body])
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
      ("9fd5a6cf", spender + spender + unlimited + word("1"), true),
      ("2b67b570", word("1") + word("2") + unlimited + word("3") + word("4") + spender + word("5"), true),
      ("2b67b570", word("1") + word("2") + word("9") + word("3") + word("4") + spender + word("5"), false),
      ("e1f21c67", spender + spender + unlimited, true), ("cae9ca51", spender + unlimited + word("60"), true),
      ("3177029f", spender + word("7"), false), ("426a8493", spender + word("1") + unlimited, true),
      ("558a7297", spender + word("1"), true), ("b49506fd", spender + unlimited + word("60"), true),
      ("2bc1da82", spender + word("7") + word("60"), false), ("c04a8a10", spender + unlimited, true),
      ("110496e5", spender + word("1"), true),
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

  /// The four bytes are those of the signatures, which are all that the table says.
  @Test func areKnownByTheirSignatures() throws {
    for (signature, selector) in [
      ("approve(address,uint256)", "095ea7b3"), ("increaseAllowance(address,uint256)", "39509351"),
      ("increaseApproval(address,uint256)", "d73dd623"), ("setApprovalForAll(address,bool)", "a22cb465"),
      ("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", "d505accf"),
      ("permit(address,address,uint256,uint256,bytes)", "9fd5a6cf"),
      ("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", "8fcbaf0c"),
      ("approve(address,address,uint160,uint48)", "87517c45"),
      ("permit(address,((address,uint160,uint48,uint48),address,uint256),bytes)", "2b67b570"),
      ("permit(address,((address,uint160,uint48,uint48)[],address,uint256),bytes)", "2a2d80d1"),
      ("approve(address,address,uint256)", "e1f21c67"), ("approveAndCall(address,uint256,bytes)", "cae9ca51"),
      ("approveAndCall(address,uint256)", "3177029f"), ("approve(address,uint256,uint256)", "426a8493"),
      ("setOperator(address,bool)", "558a7297"), ("authorizeOperator(address)", "959b8c3f"),
      ("authorizeOperator(address,uint256,bytes)", "b49506fd"),
      ("increaseAllowance(address,uint256,bytes)", "2bc1da82"),
      ("approveDelegation(address,uint256)", "c04a8a10"),
      ("allow(address,bool)", "110496e5"), ("multicall(bytes[])", "ac9650d8"),
      ("multicall(uint256,bytes[])", "5ae401dc"), ("multicall(bytes32,bytes[])", "1f0464d1"),
    ] {
      #expect(Hex.encode(Hash.keccak256(Array(signature.utf8)).prefix(4)) == selector, "\(signature)")
    }
  }

  /// A call in a call, as wallets of contracts bundle them.
  private static func multicall(_ calls: [String]) -> String {
    var (places, strings) = ("", "")
    for call in calls {
      places += word(String(calls.count * 32 + strings.utf8.count / 2, radix: 16))
      strings += word(String(call.utf8.count / 2, radix: 16)) + call
      strings += String(repeating: "0", count: (64 - call.utf8.count % 64) % 64)
    }
    return "ac9650d8" + word("20") + word(String(calls.count, radix: 16)) + places + strings
  }

  @Test func areReadInCallsOfCalls() throws {
    let (approve, transfer) = (
      "095ea7b3" + Self.spender + Self.unlimited, "a9059cbb" + Self.spender + Self.word("5")
    )
    for data in [
      Self.multicall([approve]), Self.multicall([transfer, approve]),
      Self.multicall([transfer, Self.multicall([approve, transfer])]),
    ] {
      let allowances = Allowance.all(call: try #require(Hex.decode(data)), to: Self.token)
      #expect(allowances.map(\.isUnlimited) == [true])
    }
    #expect(Allowance.all(call: try #require(Hex.decode(Self.multicall([transfer]))), to: Self.token).isEmpty)
  }

  /// Whatever the numbers say, nothing traps and nothing is read twice.
  @Test func brokenCallsOfCallsAllowNothing() throws {
    let call = Self.multicall(["095ea7b3" + Self.spender + Self.unlimited])
    let bytes = try #require(Hex.decode(call))
    for length in 0..<bytes.count - 28 {
      #expect(Allowance.all(call: Array(bytes.prefix(length)), to: Self.token).count <= 1)
    }
    for place in stride(from: 4, to: bytes.count, by: 32) {
      for filling: UInt8 in [0x7f, 0x80, 0xff] {
        var changed = bytes
        changed.replaceSubrange(
          place..<min(place + 32, bytes.count), with: [UInt8](repeating: filling, count: 32))
        #expect(Allowance.all(call: Array(changed.prefix(bytes.count)), to: Self.token).count <= 1)
      }
    }
    var deep = "095ea7b3" + Self.spender + Self.unlimited
    for _ in 0..<8 { deep = Self.multicall([deep]) }
    #expect(Allowance.all(call: try #require(Hex.decode(deep)), to: Self.token).isEmpty)
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
