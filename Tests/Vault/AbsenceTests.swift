import Testing

@testable import KMSVault

/// What is not in a list of pending transactions: a nonce is given out again only after polls that were seen (trust.md,
/// finding 9).
@Suite struct AbsenceTests {
  private let eth = PolledChain(name: "ETH", testnet: true)

  /// The demonstration: after a pause longer than the grace time, a new record came before an old one that was pending still.
  @Test func aPauseIsNoAbsence() throws {
    let test = try TestJournal()
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    // The same poll, in two groups: the new one comes first.
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5, now: 90_000) == .unseen(nonce: 5))
    }
    #expect(try test.tick(["old"], count: 5, now: 90_001) == [5])
    #expect(try test.tick(["old", "new"], count: 5, now: 90_015) == [5, 6])
    #expect(try test.journal.find("old")?.nonceGivenTo == nil)
  }

  @Test func onePollAfterAPauseIsNotEnough() throws {
    let test = try TestJournal()
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    for now in stride(from: Int64(90_000), to: 90_600, by: 15) {
      #expect(try test.tick(["new"], count: 5, now: now) == [nil])
    }
    #expect(try test.tick(["new"], count: 5, now: 90_600) == [nil])
    #expect(try test.tick(["new"], count: 5, now: 90_661) == [5])
  }

  /// `--nonce-grace 0` gave the nonce away in the same second.
  @Test func withoutAGraceTimeOnePollMustHaveMissedIt() throws {
    let test = try TestJournal()
    let journal = try Journal(at: test.path, key: test.key, nonceGrace: 0)
    func assign(_ now: Int64) throws -> NonceAssignment {
      try journal.group {
        try journal.assignNonce(
          of: NonceQuestion(of: TestJournal.account(), networkCount: 5, explicit: nil), now: now)
      }
    }
    try journal.group { try journal.record(test.entry("old", nonce: 5, now: 1000)) }
    #expect(try assign(1000) == .unseen(nonce: 5))
    #expect(try assign(9000) == .unseen(nonce: 5))
    // The list in which it was itself is none without it.
    try journal.note(eth, listedAt: 1000)
    #expect(try assign(9000) == .unseen(nonce: 5))
    try journal.note(eth, listedAt: 1001)
    #expect(try assign(9000) == .use(5))
  }

  @Test func listsOfOtherChainsAndNetworksTellNothing() throws {
    let test = try TestJournal()
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    for time in stride(from: Int64(1060), through: 3000, by: 60) {
      try test.journal.note(PolledChain(name: "ETH", testnet: false), listedAt: time)
      try test.journal.note(PolledChain(name: "BSC", testnet: true), listedAt: time)
    }
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5, now: 3001) == .unseen(nonce: 5))
    }
  }

  @Test func listsFromBeforeItWasSeenTellNothing() throws {
    let test = try TestJournal()
    try test.polls(from: 100, through: 990)
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    try test.polls(from: 1060, through: 1500)
    #expect(try test.tick(["old"], count: 5, now: 1530) == [5])
    try test.polls(from: 1590, through: 2100)
    #expect(try test.tick(["new"], count: 5, now: 2140) == [nil])
  }

  @Test func aClockThatWasSetBackTellsNothing() throws {
    var history = PollHistory()
    history.add(5000)
    history.add(1000)
    #expect(history.last == 5000)
    #expect(!history.lacked(lastSeen: 6000, grace: 600))
    #expect(!history.lacked(lastSeen: .min, grace: 600))
    #expect(!PollHistory().lacked(lastSeen: .min, grace: 0))
  }

  /// A daemon that polls and finds nothing pending knows as much as one that lists others: nobody waits after an idle time.
  @Test(arguments: [
    (1010...1610, true), (1000...90_000, true),
    // Shorter than the grace time, from before it was seen, and from before it was signed.
    (1010...1609, false), (999...90_000, false), (100...900, false),
  ])
  func emptyListsTellThatItIsGone(_ time: ClosedRange<Int64>, _ tells: Bool) throws {
    let test = try TestJournal()
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    try test.journal.group { () throws -> Void in
      #expect(
        try test.assign(count: 5, now: 90_010, emptyTime: time) == (tells ? .use(5) : .unseen(nonce: 5)))
    }
  }

  /// Who pays the same again after the first payment vanished gets its nonce, and so its transaction: that is no lie.
  @Test func anEqualPaymentTakesTheNonceOfOneThatVanished() throws {
    let test = try TestJournal()
    func sign(_ id: String, count: UInt64?, now: Int64) throws {
      var entry = test.entry(id, nonce: 5, now: now)
      (entry.txID, entry.networkCount) = ("0xequal", count)
      try test.journal.group { try test.journal.record(entry) }
    }
    try sign("old", count: 5, now: 1000)
    // While that one is live, and where the transaction carries the nonce itself, which tells nothing of the other.
    #expect(throws: VaultError.self) { try sign("new", count: 5, now: 1500) }
    #expect(throws: VaultError.self) { try sign("new", count: nil, now: 90_000) }
    try sign("new", count: 5, now: 90_000)
    #expect(try test.journal.find("old")?.nonceGivenTo == "new")
    #expect(try test.reopened().find("new")?.nonceGivenTo == nil)
    #expect(throws: VaultError.self) { try sign("newer", count: 5, now: 90_001) }
  }

  @Test func otherProcessesSeeWhichPollsThereWere() throws {
    let test = try TestJournal()
    #expect(try test.tick(["old"], count: 5, now: 1000) == [5])
    try test.polls(from: 1060, through: 1660)
    let other = try TestJournal(sharing: test)
    #expect(try other.tick(["new"], count: 5, now: 1700) == [5])
    #expect(try test.reopened().find("old")?.nonceGivenTo == "new")
  }

  @Test func isWrittenTenTimesInAGraceTimeAtMost() throws {
    let test = try TestJournal()
    for now in stride(from: Int64(1000), to: 1600, by: 5) { try test.journal.note(eth, listedAt: now) }
    #expect(try test.journal.check() == 10)
  }
}

/// Counts that contradict what the network has told before.
@Suite struct ContradictingCountTests {
  private func isImplausible(_ assignment: NonceAssignment) -> Bool {
    if case .implausible(let why) = assignment { return why.contains("counts") }
    return false
  }

  /// A repeated old answer, or a node that is behind, would have a nonce used twice.
  @Test func anOldCountIsRefusedByName() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try test.tick(["b"], count: 6, now: 2000) == [6])
    try test.polls(from: 2100, through: 3000)
    #expect(isImplausible(try test.assignment(count: 5, now: 3001)))
    #expect(isImplausible(try test.assignment(count: 4, now: 3002)))
    #expect(try test.tick(["c"], count: 7, now: 3010) == [7])
    #expect(try test.reopened().find("b")?.networkCount == 6)
  }

  /// A mempool that has lost what it had: after a day, or when a person says so.
  @Test func aCountThatStaysLowIsBelievedInTheEnd() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try test.tick(["b"], count: 6, now: 2000) == [6])
    try test.polls(from: 2100, through: 3000)
    #expect(try test.assignment(count: 5, now: 3001, allowsJumps: true) == .use(5))
    #expect(try test.assignment(count: 5, now: 2000 + 86_400) == .use(5))
  }

  /// A lie that is small enough to be possible strands what was signed by it, and nothing that follows.
  @Test(arguments: [17, 100, 255] as [UInt64])
  func aPossibleLieHarmsNothingThatFollows(_ jump: UInt64) throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 4, now: 1000) == [4])
    #expect(try test.tick(["b"], count: 5 + jump, now: 1005) == [5 + jump])
    #expect(try test.tick(["c", "d"], count: 5, now: 1010) == [5, 6])
    #expect(try test.tick(["e"], count: 7, now: 4000) == [7])
  }

  /// A number that was cut off on its way: 58 transactions, of which the answer tells 5.
  @Test func aCountThatHigherOnesHaveConfirmedIsNotForgotten() throws {
    let test = try TestJournal()
    for count in UInt64(41)...58 { #expect(try test.tick(["\(count)"], count: count, now: 1000) == [count]) }
    #expect(isImplausible(try test.assignment(count: 5, now: 1005)))
    #expect(isImplausible(try test.assignment(count: 0, now: 5000)))
    #expect(try test.tick(["next"], count: 59, now: 5010) == [59])
  }

  /// Where the difference is what nodes of one network differ by, a minute tells.
  @Test func aSmallDifferenceWaitsAMinute() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 8, now: 1000) == [8])
    #expect(isImplausible(try test.assignment(count: 6, now: 1010)))
    #expect(try test.tick(["b"], count: 9, now: 1020) == [9])
    let other = try TestJournal()
    #expect(try other.tick(["a"], count: 8, now: 1000) == [8])
    #expect(try other.tick(["b", "c"], count: 6, now: 1061) == [6, 7])
  }

  @Test func isTheSameAfterTheIndexWasWritten() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try test.tick(["b"], count: 6, now: 2000) == [6])
    try test.journal.writeIndex()
    let other = try TestJournal(sharing: test)
    try other.polls(from: 2100, through: 3000)
    #expect(isImplausible(try other.assignment(count: 5, now: 3001)))
  }
}
