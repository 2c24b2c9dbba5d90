import Testing

@testable import KMSVault

/// Counts that can't be true (trust.md, finding 5), and that none of them harms what follows.
@Suite struct NoncePlausibilityTests {
  @Test(
    arguments: [
      (5, nil, true), (1_000_000_000, nil, true), (1_000_000_001, nil, false), (5, 4, true), (4, 900, true),
      (261, 4, true), (262, 4, false), (1000, 4, false), (.max, 4, false), (.max, nil, false),
      (0, .max, true),
    ] as [(UInt64, UInt64?, Bool)])
  func judges(_ nonce: UInt64, _ highest: UInt64?, _ isPlausible: Bool) {
    #expect((NoncePlausibility.objection(to: nonce, highest: highest) == nil) == isPlausible)
  }

  @Test(
    arguments: [
      ([], 5, nil), ([5], 5, 5), ([5, 6, 7], 5, 7), ([7, 5], 5, 7), ([1000], 5, nil), ([1000, 5], 5, 5),
      ([261], 5, 261), ([262], 5, nil), ([5, 262, 519], 5, 519), ([.max], 5, nil), ([.max, 5], 5, 5),
      ([.max], .max, .max), ([3], 5, 3),
    ] as [([UInt64], UInt64, UInt64?)])
  func leavesOutliersOut(_ open: [UInt64], _ count: UInt64, _ highest: UInt64?) {
    #expect(NoncePlausibility.highest(of: open, from: count) == highest)
  }

  private func isImplausible(_ assignment: NonceAssignment) -> Bool {
    if case .implausible(let why) = assignment { return !why.isEmpty }
    return false
  }

  /// One reported count of 1000, where 5 was true, stranded everything after it.
  @Test func aCountThatIsALieIsNotUsedAndHarmsNothing() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 4, now: 1000) == [4])
    #expect(isImplausible(try test.assignment(count: 1000, now: 1005)))
    #expect(try test.tick(["c"], count: 5, now: 1010) == [5])
  }

  /// One of 2^63 - 1 made all following ones of that sender fail, and reported them.
  @Test(arguments: [UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
  func theLargestCountsAreRefusedByName(_ count: UInt64) throws {
    let test = try TestJournal()
    #expect(isImplausible(try test.assignment(count: count, now: 1000)))
    #expect(try test.tick(["b"], count: 5, now: 1005) == [5])
    #expect(isImplausible(try test.assignment(count: count, now: 1010)))
    #expect(try test.tick(["c"], count: 5, now: 1015) == [6])
  }

  /// The first count that is ever heard of an account has no witness: it may strand that one transaction, and no other.
  @Test func aLieAboutAnUnknownAccountHarmsOnlyTheTransactionItWasToldFor() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 1000, now: 1000) == [1000])
    #expect(try test.tick(["b"], count: 5, now: 1005) == [5])
    #expect(try test.tick(["c", "d"], count: 5, now: 1010) == [6, 7])
    #expect(try test.tick(["e"], count: 8, now: 3000) == [8])
  }

  @Test func aLieInTheSamePollHarmsNothing() throws {
    let test = try TestJournal()
    try test.journal.group {
      var given: [NonceAssignment] = []
      for count in [1000, 5, 5] as [UInt64] {
        given.append(
          try test.journal.assignNonce(
            of: NonceQuestion(of: TestJournal.account(), networkCount: count, explicit: nil), now: 1000))
      }
      #expect(given == [.use(1000), .use(5), .use(6)])
    }
  }

  @Test func anExplicitNonceMustBePossibleAsWell() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 4, now: 1000) == [4])
    #expect(try test.assignment(count: nil, explicit: 5, now: 1005) == .use(5))
    #expect(try test.assignment(count: nil, explicit: 0, now: 1005) == .use(0))
    #expect(isImplausible(try test.assignment(count: nil, explicit: UInt64(Int64.max), now: 1005)))
    #expect(isImplausible(try test.assignment(count: nil, explicit: 262, now: 1005)))
    #expect(try test.assignment(count: nil, explicit: 262, now: 1005, allowsJumps: true) == .use(262))
  }

  @Test func theOperatorMayKnowThatOthersSignForTheAccount() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 4, now: 1000) == [4])
    #expect(try test.assignment(count: 1000, now: 1005, allowsJumps: true) == .use(1000))
  }
}

/// When recorded bytes count as expired: two witnesses.
@Suite struct RecordedExpiryTests {
  private func entry(expiresAt: Int64?, height: UInt64?) -> JournalEntry {
    JournalEntry(
      id: "a", contentDigest: [], chain: "SOL", testnet: false, sender: nil, nonce: nil, txID: nil,
      signed: Array("{}".utf8), signedAt: 1000, expiresAt: expiresAt, lastValidHeight: height)
  }

  private func isOver(_ expiresAt: Int64?, _ height: UInt64?, network: UInt64?, now: Int64) -> Bool {
    RecordedExpiry.reason(entry(expiresAt: expiresAt, height: height), networkHeight: network, now: now)
      != nil
  }

  /// The demonstration: 151 "blocks" later, seconds after it was signed, the API's word alone made a second payment.
  @Test func theWordOfTheNetworkIsNotEnough() {
    #expect(!isOver(1600, 250, network: 251, now: 1100))
    #expect(!isOver(1600, 250, network: .max, now: 1600))
    #expect(isOver(1600, 250, network: 251, now: 1601))
  }

  @Test func theClockIsNotEnoughWhereAHeightDecides() {
    #expect(!isOver(1600, 250, network: 250, now: 9_000_000))
    #expect(!isOver(1600, 250, network: nil, now: 9_000_000))
  }

  @Test func aTimeInTheSignedBytesIsEnough() {
    #expect(!isOver(1600, nil, network: nil, now: 1600))
    #expect(isOver(1600, nil, network: nil, now: 1601))
  }

  @Test func oldEntriesWithAHeightWaitADay() {
    #expect(!isOver(nil, 250, network: 251, now: 87_399))
    #expect(isOver(nil, 250, network: 251, now: 87_400))
  }

  @Test func whatHasNoEndIsNeverOver() {
    #expect(!isOver(nil, nil, network: .max, now: .max))
  }

  @Test func saysOnWhoseWord() throws {
    let reason = try #require(
      RecordedExpiry.reason(entry(expiresAt: 1600, height: 250), networkHeight: 251, now: 1601))
    #expect(reason.contains("by the API's word") && reason.contains("by this machine's clock"))
    #expect(reason.contains("250") && reason.contains("251"))
  }
}
