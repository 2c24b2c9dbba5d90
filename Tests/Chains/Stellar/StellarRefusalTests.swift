import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains

/// What must end in a refusal, never in a signature.
@Suite struct StellarRefusalTests {
  private func code(_ bytes: [UInt8], _ policy: SigningPolicy = SigningPolicy()) -> ErrorCode? {
    refusal { try StellarSigning.sign(bytes, policy: policy) }
  }

  private func code(operation: [UInt8], _ policy: SigningPolicy = SigningPolicy()) throws -> ErrorCode? {
    code(XDR.envelope(source: try StellarSigning.publicKey(), operations: [operation]), policy)
  }

  @Test func refusesWhatIsExpired() throws {
    let signed = try StellarSigning.sign(StellarSigning.payment, unixTime: 1_700_000_300)
    #expect(signed.expiresAt == 1_700_000_300)
    #expect(signed.lastValidHeight == nil)
    #expect(
      refusal { try StellarSigning.sign(StellarSigning.payment, unixTime: 1_700_000_301) } == .expired)
  }

  @Test func knowsTheLastLedger() throws {
    let source = try StellarSigning.publicKey()
    func sign(maxLedger: UInt32, maxTime: UInt64) throws -> SignedTransaction {
      let bounds = XDR.u32(1) + XDR.u64(0) + XDR.u64(maxTime) + XDR.u32(1) + XDR.u32(0) + XDR.u32(maxLedger)
      let rest = XDR.u32(0) + XDR.u64(0) + XDR.u32(0) + XDR.u32(0)
      return try StellarSigning.sign(
        XDR.envelope(source: source, preconditions: XDR.u32(2) + bounds + rest, operations: [XDR.inflation]))
    }
    #expect(try sign(maxLedger: 50, maxTime: 0).lastValidHeight == 49)
    // Either ends it, and nobody tells the ledger: where there is a time, it decides.
    #expect(try sign(maxLedger: 50, maxTime: .max).lastValidHeight == nil)
    #expect(try sign(maxLedger: 50, maxTime: .max).expiresAt == .max)
    #expect(try sign(maxLedger: 0, maxTime: 0).lastValidHeight == nil)
    #expect(try sign(maxLedger: 0, maxTime: 0).expiresAt == nil)
  }

  @Test func refusesTimeBoundsWithoutTime() throws {
    let bounds = XDR.u32(1) + XDR.u64(2) + XDR.u64(1)
    let source = try StellarSigning.publicKey()
    #expect(
      code(XDR.envelope(source: source, preconditions: bounds, operations: [XDR.inflation]))
        == .malformedTransaction)
  }

  @Test func refusesKeyOfAnotherSource() throws {
    let key = try StellarSigning.publicKey()
    let other = [UInt8](repeating: 9, count: 32)
    #expect(code(XDR.envelope(source: other, operations: [XDR.inflation])) == .keyNotSender)
    // The source of an operation must sign, too.
    let operation = XDR.u32(1) + XDR.account(key) + XDR.u32(9)
    let signed = try StellarSigning.sign(XDR.envelope(source: other, operations: [operation]))
    #expect(signed.from == .one(StrKey.address(of: other)))
    // A further signer of that account, when this is allowed.
    var allowing = SigningPolicy()
    allowing.allowDelegatedKeys = true
    let delegated = try StellarSigning.sign(
      XDR.envelope(source: other, operations: [XDR.inflation]), policy: allowing)
    #expect(delegated.from == .one(StrKey.address(of: other)))
    #expect(
      code(XDR.envelope(source: other, operations: [XDR.u32(1) + XDR.account(other) + XDR.u32(9)]))
        == .keyNotSender)
  }

  @Test func signsFeeBumpsForWhoPaysOnly() throws {
    let key = try StellarSigning.publicKey()
    let other = [UInt8](repeating: 9, count: 32)
    func feeBump(payer: [UInt8], fee: UInt64, source: [UInt8]) -> [UInt8] {
      XDR.u32(5) + XDR.account(payer) + XDR.u64(fee)
        + XDR.envelope(source: source, operations: [XDR.inflation]) + XDR.u32(0) + XDR.u32(0)
    }
    #expect(code(feeBump(payer: key, fee: 200, source: other)) == nil)
    // The inner transaction has signatures of its own: this one would make the network refuse it.
    #expect(code(feeBump(payer: other, fee: 200, source: key)) == .keyNotSender)
    #expect(code(feeBump(payer: key, fee: 10_000_001, source: other)) == .feeTooHigh)
    #expect(code(feeBump(payer: key, fee: 1 << 63, source: other)) == .malformedTransaction)
  }

  @Test func refusesToHandOverTheAccount() throws {
    var allowing = SigningPolicy()
    allowing.allowAccountControl = true
    let none = XDR.u32(0)
    let head = XDR.u32(0) + XDR.u32(5) + none  // SetOptions without inflationDest
    func options(_ present: Int) -> [UInt8] {
      // clearFlags, setFlags, masterWeight, low, med, high
      head + (0..<6).flatMap { $0 == present ? XDR.u32(1) + XDR.u32(0) : none }
    }
    let signer = XDR.u32(1) + XDR.u32(0) + [UInt8](repeating: 3, count: 32) + XDR.u32(1)
    let merge = XDR.u32(0) + XDR.u32(8) + XDR.account([UInt8](repeating: 3, count: 32))
    let bump = XDR.u32(0) + XDR.u32(11)
    var control = (2..<6).map { options($0) + none + none }
    control += [options(-1) + none + signer, merge, bump + XDR.u64(1 << 62 + 1), bump + XDR.u64(1 << 63 - 1)]
    for operation in control {
      #expect(try code(operation: operation) == .accountControlRefused)
      #expect(try code(operation: operation, allowing) == nil)
    }
    for operation in [options(0) + none + none, options(1) + none + none, bump + XDR.u64(1 << 62)] {
      #expect(try code(operation: operation) == nil)
    }
    // Hidden behind harmless operations, or in a fee bump.
    let key = try StellarSigning.publicKey()
    let hidden = XDR.envelope(source: key, operations: [XDR.inflation, XDR.inflation, merge])
    #expect(code(hidden) == .accountControlRefused)
    #expect(
      code(XDR.u32(5) + XDR.account(key) + XDR.u64(200) + hidden + XDR.u32(0) + XDR.u32(0))
        == .accountControlRefused)
  }

  @Test func limitsTheFee() throws {
    let source = try StellarSigning.publicKey()
    func envelope(_ fee: UInt32) -> [UInt8] {
      XDR.envelope(source: source, fee: fee, operations: [XDR.inflation])
    }
    #expect(code(envelope(10_000_000)) == nil)
    #expect(code(envelope(10_000_001)) == .feeTooHigh)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("20000000", of: "XLM")
    #expect(code(envelope(20_000_000), policy) == nil)
    #expect(code(envelope(20_000_001), policy) == .feeTooHigh)
  }

  @Test func refusesUnknownOperations() throws {
    for type in UInt32(27)...40 {
      #expect(try code(operation: XDR.u32(0) + XDR.u32(type)) == .malformedTransaction)
    }
    #expect(try code(operation: XDR.u32(0) + XDR.u32(.max)) == .malformedTransaction)
  }

  @Test func readsContractsToTheirEndOrNotAtAll() throws {
    let source = try StellarSigning.publicKey()
    func call(_ value: [UInt8], tail: [UInt8] = XDR.u32(0)) -> [UInt8] {
      let contract = XDR.u32(1) + [UInt8](repeating: 7, count: 32)
      return XDR.u32(0) + XDR.u32(24) + XDR.u32(0) + contract + XDR.u32(4) + Array("send".utf8) + XDR.u32(1)
        + value + tail
    }
    func vector(_ levels: Int) -> [UInt8] {
      (1..<levels).flatMap { _ in XDR.u32(16) + XDR.u32(1) + XDR.u32(1) } + XDR.u32(1)
    }
    #expect(try code(operation: call(vector(1))) == nil)
    #expect(try code(operation: call(vector(128))) == nil)
    #expect(try code(operation: call(vector(129))) == .malformedTransaction)
    #expect(try code(operation: call(vector(1_000_000))) == .malformedTransaction)
    for unknown in [XDR.u32(23), XDR.u32(2) + XDR.u32(10) + XDR.u32(0), XDR.u32(18) + XDR.u32(5)] {
      #expect(try code(operation: call(unknown)) == .malformedTransaction)
    }
    #expect(try code(operation: call(vector(1), tail: XDR.u32(.max))) == .malformedTransaction)

    // What the resources may cost; V0 transactions have none.
    func data(_ fee: UInt64, ext: UInt32 = 0) -> [UInt8] {
      let head: [UInt8] =
        XDR.u32(2) + XDR.account(source) + XDR.u32(500) + XDR.u64(1) + XDR.u32(0) + XDR.u32(0)
      let resources = XDR.u32(ext) + XDR.u32(0) + XDR.u32(0) + XDR.u32(1) + XDR.u32(2) + XDR.u32(3)
      return head + XDR.u32(1) + call(vector(2)) + XDR.u32(1) + resources + XDR.u64(fee) + XDR.u32(0)
    }
    #expect(code(data(400)) == nil)
    #expect(code(data(1 << 63)) == .malformedTransaction)
    #expect(code(data(400, ext: 2)) == .malformedTransaction)
    let v1 = data(400)
    #expect(code(XDR.u32(0) + v1[8...]) == .malformedTransaction)
  }

  @Test func boundsNestingAndCounts() throws {
    let source = try StellarSigning.publicKey()
    func claimable(_ predicate: [UInt8]) -> [UInt8] {
      XDR.u32(0) + XDR.u32(14) + XDR.u32(0) + XDR.u64(1) + XDR.u32(1) + XDR.u32(0) + XDR.account(source)
        + predicate
    }
    func nested(_ levels: Int) -> [UInt8] {
      (1..<levels).flatMap { _ in XDR.u32(3) + XDR.u32(1) } + XDR.u32(0)
    }
    #expect(try code(operation: claimable(nested(4))) == nil)
    #expect(try code(operation: claimable(nested(5))) == .malformedTransaction)
    #expect(try code(operation: claimable(nested(1_000_000))) == .malformedTransaction)
    #expect(code(XDR.envelope(source: source, operations: [])) == .malformedTransaction)
    #expect(
      code(XDR.envelope(source: source, operations: Array(repeating: XDR.inflation, count: 100))) == nil)
    #expect(
      code(XDR.envelope(source: source, operations: Array(repeating: XDR.inflation, count: 101)))
        == .malformedTransaction)
  }

  @Test func refusesAFullEnvelopeAndTrailingBytes() throws {
    let source = try StellarSigning.publicKey()
    let whole = XDR.envelope(source: source, operations: [XDR.inflation])
    let bare = Array(whole.dropLast(4))
    let signature = [1, 2, 3, 4] + XDR.u32(64) + [UInt8](repeating: 5, count: 64)
    func envelope(signatures count: Int) -> [UInt8] {
      bare + XDR.u32(UInt32(count)) + (0..<count).flatMap { _ in signature }
    }
    #expect(code(envelope(signatures: 19)) == nil)
    #expect(code(envelope(signatures: 20)) == .malformedTransaction)
    #expect(code(envelope(signatures: 21)) == .malformedTransaction)
    #expect(code(whole + XDR.u32(0)) == .malformedTransaction)
    #expect(code(whole + [0]) == .malformedTransaction)
    for text in ["", "AAAA", "not base64", StellarSigning.payment + "\n", "{}"] {
      #expect(refusal { try StellarSigning.sign(text) } == .malformedTransaction)
    }
  }

  /// Cut anywhere, with any bit flipped or any length made huge: refused, or signed with everything carried over.
  @Test func survivesDamage() throws {
    var allowing = SigningPolicy()
    allowing.allowAccountControl = true
    var refused = 0
    var signed = 0
    func attempt(_ bytes: [UInt8], _ secret: String) throws {
      do {
        let result = try StellarSigning.sign(Base64.encode(bytes), secret: secret, policy: allowing)
        let carried = try #require(Base64.decode(result.txData))
        #expect(carried.count == bytes.count + 72)
        // Only the number of signatures differs.
        #expect(zip(carried, bytes).filter { $0 != $1 }.count <= 1)
        signed += 1
      } catch is ChainError { refused += 1 }
    }
    for vector in try XRPSigning.generated("xlm").prefix(30) {
      let bytes = try #require(vector["envelope"]?.string.flatMap(Base64.decode))
      let secret = try #require(vector["secret"]?.string)
      for count in 0..<bytes.count { try attempt(Array(bytes.prefix(count)), secret) }
      for i in bytes.indices where bytes.count < 1500 {
        var damaged = bytes
        damaged[i] ^= 1 << UInt8(i % 8)
        try attempt(damaged, secret)
      }
      for i in stride(from: 0, to: bytes.count, by: 4) {
        var damaged = bytes
        damaged.replaceSubrange(i..<i + 4, with: [0xff, 0xff, 0xff, 0xff])
        try attempt(damaged, secret)
      }
    }
    #expect(refused > 10_000)
    #expect(signed > 1_000)
  }
}
