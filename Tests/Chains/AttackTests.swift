import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What an API that knows the source would try: another spelling, another member, another contract, another network.
@Suite struct AttackTests {
  // MARK: TRON

  private static let owner = TronAddress(bytes: [0x41] + [UInt8](repeating: 7, count: 20))
  private static let other = [0x41] + [UInt8](repeating: 9, count: 20)

  /// A transaction of `number`, with `members` beside the owner as they are shown and on the wire.
  private static func tron(
    _ name: String, _ number: UInt64, _ members: [(String, JSONValue)], _ wire: [UInt8]
  ) throws -> PendingTronTransaction {
    let owner = try #require(owner)
    let contract = try #require(TronContract.named(name))
    let value = TronSample.field(1, owner.bytes) + wire
    let any = TronSample.field(1, Array(contract.typeURL.utf8)) + TronSample.field(2, value)
    let raw =
      TronSample.field(8, 1_700_000_000_000 as UInt64)
      + TronSample.field(11, TronSample.field(1, number) + TronSample.field(2, any))
    var shown = JSONObject()
    shown["owner_address"] = .string(Hex.encode(owner.bytes))
    for (member, text) in members { shown[member] = text }
    let object: JSONValue = [
      "visible": false, "txID": .string(Hex.encode(Hash.sha256(raw))),
      "raw_data_hex": .string(Hex.encode(raw)),
      "raw_data": [
        "expiration": 1_700_000_000_000,
        "contract": [
          [
            "type": .string(name),
            "parameter": ["type_url": .string(contract.typeURL), "value": .object(shown)],
          ]
        ],
      ],
    ]
    return try PendingTronTransaction(parsing: object.text)
  }

  /// The comparison takes `0x…` for the same bytes; the look at allowances took it for nothing.
  @Test(arguments: ["", "0x", "0X"])
  func anAllowanceOfTronInAnotherSpelling(_ prefix: String) throws {
    let data =
      try #require(
        Hex.decode("095ea7b3" + String(repeating: "0", count: 24) + String(repeating: "ab", count: 20)))
      + [UInt8](
        repeating: 0xff, count: 32)
    func read() throws -> PendingTronTransaction {
      try Self.tron(
        "TriggerSmartContract", 31,
        [
          ("contract_address", .string(Hex.encode(Self.other))),
          ("data", .string(prefix + Hex.encode(data))),
        ], TronSample.field(2, Self.other) + TronSample.field(4, data))
    }
    do { #expect(try read().allowances.map(\.isUnlimited) == [true]) } catch let error as ChainError {
      // Refused is as good as said.
      #expect(prefix == "0X" && error.code == .malformedTransaction)
    }
  }

  /// DelegateResource is not signed; the contract before it could lend as well.
  @Test func lendingResourcesByTheOlderContract() throws {
    let frozen = TronSample.field(2, 5_000_000 as UInt64) + TronSample.field(3, 3 as UInt64)
    let members: [(String, JSONValue)] = [("frozen_balance", 5_000_000), ("frozen_duration", 3)]
    #expect(try Self.tron("FreezeBalanceContract", 11, members, frozen).unknownOperation == nil)
    let lending = try Self.tron(
      "FreezeBalanceContract", 11, members + [("receiver_address", .string(Hex.encode(Self.other)))],
      frozen + TronSample.field(15, Self.other))
    #expect(lending.unknownOperation?.contains("lends") == true)
  }

  // MARK: SOL

  private static let payer = Base58.encode([UInt8](repeating: 5, count: 32))

  /// An account with room for data can neither pay nor be emptied.
  @Test func allocatingAWalletsAccount() throws {
    let message = try SolanaMessage(
      SolanaMessages.call(.system, data: [8, 0, 0, 0] + SolanaMessages.little(64, 8), payer: Self.payer))
    #expect(message.unknownOperation?.contains("system") == true)
  }

  /// Whoever owns the table decides whom the message pays.
  @Test func receiversThatATableNames() throws {
    let message = try SolanaMessage(SolanaMessages.versionedTransfer(from: Self.payer))
    #expect(message.unknownOperation?.contains("table") == true)
  }

  // MARK: XLM

  @Test func clawbacksOfStellar() throws {
    let source = try StellarSigning.publicKey()
    func operation(_ body: [UInt8]) throws -> StellarOperation {
      var reader = XDRReader(XDR.u32(0) + body)
      return try StellarOperation(&reader)
    }
    // Clawback of a native asset is none, but has the form; and of a claimable balance.
    #expect(try !operation(XDR.u32(19) + XDR.u32(0) + XDR.account(source) + XDR.u64(1)).isKnown)
    #expect(try !operation(XDR.u32(20) + XDR.u32(0) + [UInt8](repeating: 1, count: 32)).isKnown)
  }

  // MARK: How far ahead

  private func code(_ signing: SigningCase, _ chain: SigningChain, now: Int64) -> ErrorCode? {
    var signing = signing
    (signing.isStrict, signing.unixTime) = (true, now)
    return refusal { try chain.sign(signing) }
  }

  @Test func roundsOfAlgorandThatAreYearsAhead() throws {
    let signing = try TestSigning("ALGO")
    func code(_ last: UInt64, testnet: Bool, now: Int64) throws -> ErrorCode? {
      let pending = try PendingTransaction(
        signing.pending(
          AlgorandVectors.payment([
            "firstRound": .number(JSONNumber(last - 1000)), "lastRound": .number(JSONNumber(last)),
            "genesisID": .string(testnet ? "testnet-v1.0" : "mainnet-v1.0"),
            "genesisHash": AlgorandVectors.buffer(
              testnet ? AlgorandVectors.testnetHash : AlgorandVectors.mainnetHash),
          ])), chain: "ALGO")
      let key = SigningKey(
        reference: try pending.firstKeyReference(), privateKey: try signing.material(AlgorandVectors.secret))
      return self.code(
        SigningCase(pending: pending, testnet: testnet, context: [:], keys: [key], unixTime: 0), .algorand,
        now: now)
    }
    let now: Int64 = 1_795_000_000  // 2026-11-18
    #expect(try code(40_085_294 + UInt64(now - 1_719_311_110) / 2, testnet: false, now: now) == nil)
    #expect(
      try code(40_085_295 + UInt64(now - 1_719_311_110) / 2, testnet: false, now: now) == .validityRefused)
    #expect(try code(55_540_769 + UInt64(now - 1_757_852_484) / 2, testnet: true, now: now) == nil)
    #expect(
      try code(55_540_770 + UInt64(now - 1_757_852_484) / 2, testnet: true, now: now) == .validityRefused)
  }

  @Test func ledgersOfXRPThatAreYearsAhead() throws {
    let signing = try TestSigning("XRP")
    func code(_ last: UInt64, now: Int64) throws -> ErrorCode? {
      let pending = try PendingTransaction(
        signing.pending(
          XRPSigning.changed([("LastLedgerSequence", .number(JSONNumber(last)))]).text), chain: "XRP")
      let key = SigningKey(
        reference: try pending.firstKeyReference(), privateKey: try signing.material(XRPSigning.secret))
      return self.code(
        SigningCase(pending: pending, testnet: true, context: [:], keys: [key], unixTime: 0), .xrp, now: now)
    }
    let now: Int64 = 1_795_000_000
    #expect(try code(88_550_384 + UInt64(now - 1_717_859_811) / 3, now: now) == nil)
    #expect(try code(88_550_385 + UInt64(now - 1_717_859_811) / 3, now: now) == .validityRefused)
  }

  // MARK: Test networks of one chain

  /// One address has an account on each test network, with a count and a price of its own.
  @Test func testNetworksAreCountedApart() throws {
    let signing = try TestSigning("ETH")
    let key = try signing.material("0x" + String(repeating: "11", count: 32))
    func request(_ chainID: String) throws -> (sender: String?, questions: Set<String>) {
      let text = #"{"to":"\#(key.address)","value":"1","chainId":\#(chainID)}"#
      let pending = try PendingTransaction(signing.pending(text), chain: "ETH")
      let wanted = try SigningChain.eth.nonceRequest(
        of: SigningCase(
          pending: pending, testnet: true,
          context: ["nonce": "5", "gas": "21000", "gasPrice": "1000000000", "chainId": .string(chainID)],
          keys: [SigningKey(reference: try pending.firstKeyReference(), privateKey: key)], unixTime: 0))
      let wallet = WalletView(
        signatureID: "", chain: "ETH", testnet: true, kind: .privateKey, xpub: nil, address: key.address,
        publicKey: nil)
      let needs = try signing.chain.read(pending, testnet: true).needs(wallet: wallet)
      return (wanted?.sender, Set(needs.filter { $0.lifetime == .poll }.map(\.question)))
    }
    let (sepolia, holesky) = (try request("11155111"), try request("17000"))
    #expect(sepolia.sender == key.address)
    #expect(holesky.sender != nil && holesky.sender != sepolia.sender)
    #expect(!holesky.questions.isEmpty && holesky.questions.isDisjoint(with: sepolia.questions))
  }
}
