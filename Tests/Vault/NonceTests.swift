import Testing

@testable import KMSVault

@Suite struct NonceTests {
  @Test func givesConsecutiveNoncesWithinATick() throws {
    let test = try TestJournal()
    let nonces = try test.tick((0..<100).map { "id\($0)" }, count: 5, now: 1000)
    #expect(nonces == (5..<105).map { UInt64($0) })
  }

  @Test func continuesWhileTheNetworkLagsBehind() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a", "b"], count: 5, now: 1000) == [5, 6])
    #expect(try test.tick(["c"], count: 5, now: 1005) == [7])
    #expect(try test.tick(["d"], count: 6, now: 1010) == [8])
    #expect(try test.tick(["f"], count: 20, now: 1020) == [20])
  }

  @Test func seesWhatAnotherProcessSignedBetweenTwoGroups() throws {
    let test = try TestJournal()
    let other = try TestJournal(sharing: test)
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try other.tick(["b"], count: 5, now: 1001) == [6])
    #expect(try test.tick(["c"], count: 5, now: 1002) == [7])
    #expect(try test.tick(["d"], count: 5, now: 1003) == [8])
    #expect(try other.tick(["e", "f"], count: 5, now: 1004) == [9, 10])
    // Both vanish; each nonce goes to one only, whoever comes first.
    try test.polls(from: 1100, through: 1900)
    #expect(try test.tick(["g"], count: 5, now: 2000) == [5])
    #expect(try other.tick(["h"], count: 6, now: 2001) == [6])
    #expect(try test.journal.find("a")?.nonceGivenTo == "g")
    #expect(try test.reopened().find("b")?.nonceGivenTo == "h")
  }

  @Test func forgetsWhatWasAssignedAndNotCommitted() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    try test.journal.begin()
    #expect(try test.assign(count: 5) == .use(6))
    try test.journal.record(test.entry("b", nonce: 6))
    test.journal.rollback()
    try test.journal.group { () throws -> Void in #expect(try test.assign(count: 5) == .use(6)) }
    #expect(try test.tick(["c"], count: 5, now: 1002) == [6])
    #expect(try test.journal.archive("c", now: 1003))
    #expect(try test.tick(["d"], count: 5, now: 1004) == [6])
  }

  @Test func countsEachSenderChainAndNetworkOnItsOwn() throws {
    let test = try TestJournal()
    try test.sign("a", nonce: 50)
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5, sender: "0xother") == .use(5))
      #expect(
        try test.journal.assignNonce(
          of: NonceQuestion(of: TestJournal.account(chain: "BSC"), networkCount: 5, explicit: nil), now: 1000)
          == .use(5))
      #expect(
        try test.journal.assignNonce(
          of: NonceQuestion(of: TestJournal.account(testnet: false), networkCount: 5, explicit: nil),
          now: 1000)
          == .use(5))
    }
  }

  @Test func givesAVanishedNonceOutAgainAfterTheGraceTime() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try test.tick(["b"], count: 5, now: 1599) == [6])
    let other = try TestJournal()
    #expect(try other.tick(["a"], count: 5, now: 1000) == [5])
    try other.polls(from: 1060, through: 1660)
    #expect(try other.tick(["b", "c"], count: 5, now: 1661) == [5, 6])
    #expect(try other.journal.find("a")?.nonceGivenTo == "b")
    #expect(try other.journal.find("b")?.nonceGivenTo == nil)
  }

  @Test func keepsTheNonceOfATransactionThatIsStillPending() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    for now in stride(from: Int64(1005), to: 3000, by: 5) {
      #expect(try test.tick(["a"], count: 5, now: now) == [5])
    }
    #expect(try test.tick(["a", "b"], count: 5, now: 3000) == [5, 6])
    #expect(try test.journal.find("a")?.nonceGivenTo == nil)
  }

  @Test func takesWhatComesInThisTickForPending() throws {
    // The signer was off for an hour: what is pending now was not vanished.
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    #expect(try test.tick(["b", "a"], count: 5, now: 5000) == [6, 5])
  }

  @Test func doesNotReuseNoncesThatMayBeQueuedBehindAGap() throws {
    let test = try TestJournal()
    // 5 was refused by the network; 6 and 7 were accepted and lie in its queue, not counted.
    #expect(try test.tick(["a", "b", "c"], count: 5, now: 1000) == [5, 6, 7])
    try test.polls(from: 1060, through: 1660)
    #expect(try test.tick(["d", "e"], count: 5, now: 1700) == [5, nil])
    // The gap is filled, the network counts the queue, and the one that waited goes on behind it.
    #expect(try test.tick(["e"], count: 8, now: 1705) == [8])
  }

  @Test func healsAGapStepByStepWhenEverythingBehindItVanished() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a", "b", "c"], count: 5, now: 1000) == [5, 6, 7])
    try test.polls(from: 1060, through: 1660)
    #expect(try test.tick(["d", "e", "f"], count: 5, now: 1700) == [5, nil, nil])
    #expect(try test.tick(["e", "f"], count: 6, now: 1715) == [6, nil])
    #expect(try test.tick(["f"], count: 7, now: 1730) == [7])
    #expect(try test.tick(["g"], count: 8, now: 1745) == [8])
  }

  @Test func putsALiveNonceAside() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a", "b"], count: 5, now: 1000) == [5, 6])
    // Only b is listed; a vanished.
    try test.polls(from: 1060, through: 1660)
    #expect(try test.tick(["b", "c", "d"], count: 5, now: 1661) == [6, 5, 7])
  }

  @Test func journalsAnExplicitNonceAndGoesOnBehindIt() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5, explicit: 10) == .use(10))
      try test.journal.record(test.entry("x", nonce: 10))
      #expect(try test.assign(count: 5) == .use(11))
    }
    #expect(try test.tick(["b"], count: 5, now: 1005) == [11])
  }

  @Test func fillsTheGapBelowAnExplicitNonceAfterTheGraceTime() throws {
    let test = try TestJournal()
    try test.sign("x", nonce: 8)
    #expect(try test.tick(["x", "a", "b", "c", "d"], count: 6, now: 1700) == [8, 6, 7, 9, 10])
  }

  @Test func takesAnExplicitNonceOfZero() throws {
    let test = try TestJournal()
    try test.sign("a", nonce: 4)
    try test.journal.group { () throws -> Void in #expect(try test.assign(count: 5, explicit: 0) == .use(0)) }
    try test.journal.group { () throws -> Void in #expect(try test.assign(count: nil, explicit: 3) == .use(3))
    }
  }

  @Test func givesAReleasedNonceToTheNext() throws {
    let test = try TestJournal()
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5) == .use(5))
      #expect(try test.assign(count: 5) == .use(6))
      #expect(try test.assign(count: 6) == .use(7))
      test.journal.release(nonce: 6, of: TestJournal.account())
      #expect(try test.assign(count: 5) == .use(6))
      #expect(try test.assign(count: 5) == .use(8))
    }
    // Nothing was recorded: the next group begins anew.
    try test.journal.group { () throws -> Void in #expect(try test.assign(count: 5) == .use(5)) }
  }

  /// Three records of one sender with counts of their own, the first of which can't be signed: as kms-sign does it.
  @Test func givesNoReleasedNonceThatTheNetworkHasPassed() throws {
    let test = try TestJournal()
    func release(_ nonces: UInt64...) {
      for nonce in nonces {
        test.journal.release(nonce: nonce, of: TestJournal.account())
      }
    }
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5) == .use(5))
      #expect(try test.assign(count: 9) == .use(9))
      #expect(try test.assign(count: 12) == .use(12))
      release(5, 9, 12)
      #expect(try test.assign(count: 9) == .use(9))
      #expect(try test.assign(count: 12) == .use(12))
      #expect(try test.assign(count: 12) == .use(13))
    }
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 5) == .use(5))
      release(5)
      #expect(try test.assign(count: 9) == .use(9))
      #expect(try test.assign(count: 9) == .use(10))
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func neverSendsTwoTransactionsWithOneNonceAndHealsEveryGap(_ seed: UInt64) throws {
    let test = try TestJournal()
    var network = Network(random: Linear(state: seed))
    var pending: [String] = []
    var created = 0
    var now: Int64 = 1000
    func tick() throws {
      let nonces = try test.tick(pending, count: network.reportedCount(at: now), now: now)
      var stillPending: [String] = []
      for (id, nonce) in zip(pending, nonces) {
        guard let nonce, try test.journal.find(id)?.nonceGivenTo == nil else {
          stillPending.append(id)
          continue
        }
        // Refused, and reported to Tatum, which does not list it any more; or sent; or the answer was lost.
        let isKept = network.receive(id, nonce: nonce, at: now)
        #expect(network.collisions == 0, "\(id) with nonce \(nonce) at \(now)")
        if isKept { stillPending.append(id) }
      }
      pending = stillPending
    }
    for _ in 0..<150 {
      now += Int64(network.random.next() % 3 == 0 ? network.random.next() % 900 : 5)
      for _ in 0..<network.random.next() % 4 {
        created += 1
        pending.append("id\(created)")
      }
      try tick()
    }
    // The network takes everything from now on: what comes goes through, and no gap is left in the end.
    network.refuses = false
    for _ in 0..<200 {
      now += 60
      created += 1
      pending.append("id\(created)")
      try tick()
    }
    now += 700
    try tick()
    #expect(network.collisions == 0)
    #expect(network.count == UInt64(network.accepted.count))
  }
}

/// A network that takes or refuses transactions, queues what comes behind a gap, and whose count lags behind.
private struct Network {
  var random: Linear
  var refuses = true
  private(set) var accepted: [UInt64: String] = [:]
  private(set) var collisions = 0
  private var history: [(time: Int64, count: UInt64)] = []

  init(random: Linear) { self.random = random }

  /// The first nonce that it does not have.
  var count: UInt64 {
    var count: UInt64 = 0
    while accepted[count] != nil { count += 1 }
    return count
  }

  /// What a node says that is up to 15 seconds behind.
  func reportedCount(at now: Int64) -> UInt64 { history.last { $0.time <= now - 15 }?.count ?? 0 }

  /// Whether Tatum lists the transaction still.
  mutating func receive(_ id: String, nonce: UInt64, at now: Int64) -> Bool {
    let choice = refuses ? random.next() % 8 : 7
    if choice == 0 && accepted[nonce] != id { return false }  // refused
    if choice == 1 { return true }  // it did not arrive; sent again at the next tick
    if let other = accepted[nonce], other != id { collisions += 1 }
    accepted[nonce] = id
    history.append((now, count))
    return choice == 2  // it arrived, but the answer was lost
  }
}

/// Knuth's MMIX linear congruential generator.
private struct Linear {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
