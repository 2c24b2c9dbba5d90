import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Time is nobody's word: what would be valid at a time at which nobody expects it is refused (trust.md, finding 5).
@Suite struct ValidityTests {
  private static let now: Int64 = 1_760_000_000

  private func code(
    _ signing: SigningCase, _ chain: SigningChain, now: Int64 = now, allowing: Bool = false
  ) -> ErrorCode? {
    var signing = signing
    signing.isStrict = true
    signing.unixTime = now
    signing.policy.allowLongValidity = allowing
    signing.policy.trustAmounts = true
    return refusal { try chain.sign(signing.numbered(by: chain)) }
  }

  // MARK: SOL

  /// A message of one signer with calls of the System program, whose place is 2.
  private static func message(_ calls: [[UInt8]], payer: [UInt8]) -> [UInt8] {
    var message: [UInt8] = [1, 0, 1, 3]
    message += payer
    message += [UInt8](repeating: 7, count: 32)
    message += [UInt8](repeating: 0, count: 32)
    message += [UInt8](repeating: 9, count: 32)
    message.append(UInt8(calls.count))
    for call in calls {
      message += [2, 2, 1, 0, UInt8(call.count)]
      message += call
    }
    return message
  }

  @Test func durableNoncesOfSolana() throws {
    let chain = SigningChain.solana
    let seed = String(repeating: "05", count: 32)
    let own = try Ed25519PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 5, count: 32)))
    let material = try chain.wallets.key(
      kind: .privateKey, secret: SecretBytes(seed + Hex.encode(own.publicKey)), index: nil, testnet: false)
    func signing(_ calls: [[UInt8]]) throws -> SigningCase {
      let text = #"{"txData":"\#(Hex.encode(Self.message(calls, payer: material.publicKey)))"}"#
      let pending = try PendingTransaction(SigningTest.pending(text, chain: chain), chain: "SOL")
      return SigningCase(
        pending: pending, testnet: false,
        context: [
          "recentBlockhash": .string(Base58.encode([UInt8](repeating: 3, count: 32))),
          "lastValidBlockHeight": "250000150",
        ],
        keys: [SigningKey(reference: try pending.firstKeyReference(), privateKey: material)],
        unixTime: Self.now)
    }
    let transfer: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], advance: [UInt8] = [4, 0, 0, 0]
    #expect(code(try signing([transfer]), chain) == nil)
    #expect(code(try signing([advance, transfer]), chain) == .validityRefused)
    #expect(code(try signing([transfer, advance]), chain) == .validityRefused)
    #expect(code(try signing([advance, transfer]), chain, allowing: true) == nil)
    // Allowed, it never counts as expired: somebody may use the nonce in a year.
    let durable = try chain.sign(signing([advance, transfer]))
    #expect(durable.expiresAt == nil && durable.lastValidHeight == nil)
    let usual = try chain.sign(signing([transfer]))
    #expect(usual.expiresAt == Self.now + 600 && usual.lastValidHeight == 250_000_150)
  }

  // MARK: VET

  @Test func blocksOfTheFutureOfVeChain() throws {
    let text = #"{"to":"\#(VeChainVectors.testAddress)","value":"1","gas":21000}"#
    func code(block: UInt32, _ more: String = "", allowing: Bool = false) throws -> ErrorCode? {
      let digits = String(block, radix: 16)
      let reference = "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits + "34ef5678"
      var context = try #require(VeChainVectors.context.object)
      context["blockRef"] = .string(reference)
      return self.code(
        try VeChainVectors.request(
          text.replacing("}", with: more + "}"), context: .object(context)), .vechain, allowing: allowing)
    }
    // 22,998,560 blocks of ten seconds are possible since the first one of the test network.
    #expect(try code(block: 22_998_560) == nil)
    #expect(try code(block: 22_998_561) == .validityRefused)
    #expect(try code(block: .max - 1000) == .validityRefused)
    #expect(try code(block: 22_998_561, allowing: true) == nil)
    #expect(try code(block: 22_000_000, #","expiration":8640"#) == nil)
    #expect(try code(block: 22_000_000, #","expiration":8641"#) == .validityRefused)
  }

  // MARK: TRON

  @Test func expirationsOfTron() throws {
    let object = try #require(
      try TronVectors.transactions().map { try TronVectors.object(of: $0) }.first {
        TronVectors.refusal($0) == nil
      })
    let expiration = Int64(
      try #require(object["raw_data"]?["expiration"]?.uint64) / 1000)
    func code(now: Int64, allowing: Bool = false) throws -> ErrorCode? {
      self.code(
        try TronVectors.request(JSONValue.object(object).text), .tron, now: now, allowing: allowing)
    }
    #expect(try code(now: expiration - 86_400) == nil)
    #expect(try code(now: expiration - 86_401) == .validityRefused)
    #expect(try code(now: expiration - 86_401, allowing: true) == nil)
  }

  // MARK: XRP

  @Test func ledgersOfXRP() throws {
    func code(_ last: JSONValue?, allowing: Bool = false) throws -> ErrorCode? {
      let signing = try TestSigning("XRP")
      let pending = try PendingTransaction(
        signing.pending(XRPSigning.changed([("LastLedgerSequence", last)]).text), chain: "XRP")
      let key = SigningKey(
        reference: try pending.firstKeyReference(), privateKey: try signing.material(XRPSigning.secret))
      return self.code(
        SigningCase(pending: pending, testnet: true, context: [:], keys: [key], unixTime: 0), .xrp,
        allowing: allowing)
    }
    #expect(try code(95_000_000) == nil)
    #expect(try code(nil) == .validityRefused)
    #expect(try code(4_294_967_295) == .validityRefused)
    #expect(try code(nil, allowing: true) == nil)
  }

  // MARK: XLM

  @Test func timesOfStellar() throws {
    let source = try StellarSigning.publicKey()
    let payment = XDR.u32(0) + XDR.u32(1) + XDR.account(source) + XDR.u32(0) + XDR.u64(1)
    func code(envelope: [UInt8], allowing: Bool = false) throws -> ErrorCode? {
      let signing = try TestSigning("XLM")
      let pending = try PendingTransaction(signing.pending(Base64.encode(envelope)), chain: "XLM")
      let key = SigningKey(
        reference: try pending.firstKeyReference(), privateKey: try signing.material(StellarSigning.secret))
      return self.code(
        SigningCase(pending: pending, testnet: true, context: [:], keys: [key], unixTime: 0), .stellar,
        allowing: allowing)
    }
    func code(_ conditions: [UInt8], allowing: Bool = false) throws -> ErrorCode? {
      try code(
        envelope: XDR.envelope(source: source, preconditions: conditions, operations: [payment]),
        allowing: allowing)
    }
    func times(from minTime: Int64 = 0, to maxTime: Int64) -> [UInt8] {
      XDR.u64(UInt64(minTime)) + XDR.u64(UInt64(maxTime))
    }
    // As Tatum makes them: from the beginning of time for five minutes.
    #expect(try code(XDR.u32(1) + times(to: Self.now + 300)) == nil)
    #expect(try code(XDR.u32(1) + times(to: Self.now + 86_400)) == nil)
    #expect(try code(XDR.u32(1) + times(to: .max)) == nil)
    #expect(try code(XDR.u32(1) + times(to: Self.now - 1)) == .expired)
    #expect(try code(XDR.u32(1) + times(to: Self.now - 1), allowing: true) == .expired)
    // No end: no bounds, an end of 0, and the later form of conditions without times or with a ledger only.
    let none = XDR.u32(0) + XDR.u64(0) + XDR.u32(0) + XDR.u32(0)
    let endless = [
      XDR.u32(0), XDR.u32(1) + times(to: 0), XDR.u32(1) + times(from: Self.now + 86_400, to: 0),
      XDR.u32(2) + XDR.u32(0) + XDR.u32(0) + none,
      XDR.u32(2) + XDR.u32(1) + times(to: 0) + XDR.u32(0) + none,
      XDR.u32(2) + XDR.u32(0) + XDR.u32(1) + XDR.u32(0) + XDR.u32(50) + none,
    ]
    for conditions in endless {
      #expect(try code(conditions) == nil)
      // Within a fee bump, whose payer signs.
      let inner = XDR.envelope(source: source, preconditions: conditions, operations: [payment])
      let bump = XDR.u32(5) + XDR.account(source) + XDR.u64(400) + inner + XDR.u32(0) + XDR.u32(0)
      #expect(try code(envelope: bump) == nil)
    }
    #expect(try code(XDR.u32(2) + XDR.u32(1) + times(to: Self.now + 300) + XDR.u32(0) + none) == nil)
    // The lower bound.
    #expect(
      try code(XDR.u32(1) + times(from: Self.now + 86_401, to: Self.now + 86_402)) == .validityRefused)
    #expect(
      try code(XDR.u32(1) + times(from: Self.now + 86_401, to: Self.now + 86_402), allowing: true) == nil)
  }

  // MARK: BTC and its family

  @Test(arguments: ["BTC", "LTC", "DOGE"])
  func lockTimesOfBitcoin(_ chain: String) throws {
    let signing = try TestSigning(chain)
    let key = try signing.material(String(repeating: "11", count: 32))
    func code(lockTime: UInt32, sequence: UInt32, version: UInt32 = 2, allowing: Bool = false) throws
      -> ErrorCode?
    {
      let transaction = TestTransaction(
        version: version,
        inputs: [
          .init(
            id: String(repeating: "ab", count: 32), sequence: sequence, value: 10_000_000,
            script: AmountProofTests.script(key))
        ], outputs: [(9_990_000, LockingScript.publicKeyHashScript([UInt8](repeating: 1, count: 20)))],
        lockTime: lockTime)
      let pending = try PendingTransaction(signing.pending(transaction.text), chain: chain)
      return self.code(
        SigningCase(
          pending: pending, testnet: true, context: [:],
          keys: [SigningKey(reference: try pending.firstKeyReference(), privateKey: key)], unixTime: 0),
        signing.chain, allowing: allowing)
    }
    let future = UInt32(Self.now + 1)
    #expect(try code(lockTime: 0, sequence: 0xffff_fffd) == nil)
    // What no input waits for is no lock.
    #expect(try code(lockTime: future, sequence: .max) == nil)
    #expect(try code(lockTime: future, sequence: 0xffff_fffe) == .validityRefused)
    #expect(try code(lockTime: 4_102_444_800, sequence: 0xffff_fffe) == .validityRefused)
    #expect(try code(lockTime: future - 1, sequence: 0xffff_fffe) == nil)
    #expect(try code(lockTime: future, sequence: 0xffff_fffe, allowing: true) == nil)
    #expect(try code(lockTime: 499_999_999, sequence: 0) == .validityRefused)
    #expect(try code(lockTime: 700_000, sequence: 0xffff_fffe) == nil)
    // An age of what is spent (BIP-68), which version 1 does not have.
    #expect(try code(lockTime: 0, sequence: 144) == .validityRefused)
    #expect(try code(lockTime: 0, sequence: 144, version: 1) == nil)
    #expect(try code(lockTime: 0, sequence: 0) == nil)
  }

  // MARK: ADA

  @Test func timeToLiveOfCardano() throws {
    func code(ttl: Int64, testnet: Bool) throws -> ErrorCode? {
      refusal {
        _ = try CardanoVectors.sign(
          body: CBORText.body(ttl: UInt64(ttl)), ttl: String(ttl)
        ) {
          $0.isStrict = true
          $0.unixTime = Self.now
        }
      }
    }
    let slot = Self.now - 1_655_683_200
    #expect(try code(ttl: slot + 1000, testnet: true) == nil)
    #expect(try code(ttl: slot + 86_400, testnet: true) == nil)
    #expect(try code(ttl: slot + 86_401, testnet: true) == .validityRefused)
  }
}
