import KMSProcess
import Testing

@testable import KMSVault

/// Nonces of what the network refused for good (`RefusalsFile`).
@Suite struct RefusalTests {
  private let eth = PolledChain(name: "ETH", testnet: true)
  private let test: TestJournal

  init() throws { test = try TestJournal() }

  private func refuse(_ id: String, at time: Int64, txID: String? = nil) throws {
    try test.journal.note([RefusalsFile.Line(id: id, txID: txID ?? "0x\(id)", at: time)])
  }

  private func tick(_ ids: [String], count: UInt64, now: Int64) throws -> [UInt64?] {
    try test.tick(ids, count: count, now: now, named: true)
  }

  private func assign(_ now: Int64, count: UInt64 = 5) throws -> NonceAssignment? {
    try test.journal.group { try test.assign(count: count, now: now) }
  }

  @Test func isFreeOnceAListHasLackedIt() throws {
    #expect(try tick(["a", "b", "c"], count: 5, now: 1000) == [5, 6, 7])
    try refuse("b", at: 1001)
    #expect(try assign(1010) == .unseen(nonce: 6))
    try test.journal.note(eth, listedAt: 1001)
    #expect(try assign(1011) == .unseen(nonce: 6))
    try test.journal.note(eth, listedAt: 1015)
    #expect(try assign(1016) == .use(6))
    #expect(try tick(["d", "e"], count: 5, now: 1030) == [6, 8])
    // Given away: its bytes are not sent again.
    #expect(try test.journal.find("b")?.nonceGivenTo == "d")
    #expect(try test.journal.find("a")?.nonceGivenTo == nil)
  }

  @Test func theLowestComesFirst() throws {
    #expect(try tick(["a", "b", "c"], count: 5, now: 1000) == [5, 6, 7])
    try refuse("c", at: 1001)
    try refuse("a", at: 1002)
    try test.journal.note(eth, listedAt: 1015)
    #expect(try tick(["d", "e", "f"], count: 5, now: 1030) == [5, 7, 8])
  }

  @Test func whatComesInAgainIsLive() throws {
    #expect(try tick(["a"], count: 5, now: 1000) == [5])
    try refuse("a", at: 1001)
    #expect(try tick(["a"], count: 5, now: 1015) == [5])
    try test.journal.note(eth, listedAt: 1030)
    #expect(try assign(1031) == .use(6))
  }

  @Test func ofAnotherTransactionSaysNothing() throws {
    #expect(try tick(["a"], count: 5, now: 1000) == [5])
    try refuse("a", at: 1001, txID: "0xanother")
    try test.journal.note(eth, listedAt: 1030)
    #expect(try assign(1031) == .use(6))
  }

  /// The nonce was given to another one, which is on its way.
  @Test func isNotFreeWhileAnotherHasIt() throws {
    #expect(try tick(["a"], count: 5, now: 1000) == [5])
    try refuse("a", at: 1001)
    try test.journal.note(eth, listedAt: 1015)
    #expect(try tick(["b"], count: 5, now: 1016) == [5])
    try test.journal.note(eth, listedAt: 1030)
    #expect(try assign(1031) == .use(6))
  }

  /// Without lists it is as any other after a grace time.
  @Test func nobodyWaitsLongerThanAGraceTime() throws {
    #expect(try tick(["a"], count: 5, now: 1000) == [5])
    try refuse("a", at: 1001)
    #expect(try assign(1600) == .unseen(nonce: 5))
    #expect(try assign(1601) == .unseen(nonce: 5))
    #expect(try tick(["c"], count: 6, now: 1602) == [6])
  }
}
