/// Where kms-sign keeps what it signed: the interface of the local journal, which another store can take.
///
/// Work is done in groups. A store sees in `begin` everything that others have committed, and keeps others from changing
/// it until the group is durable: two groups never assign nonces or take ids at the same time. So a store in a database
/// makes one transaction of a group, with ids unique and the nonces of a sender under a row's lock.
///
/// Within a group: `lookup` each record, best all of them before the first `assignNonce`, so that what is pending is
/// known to be; then `assignNonce`, sign, `record` one after the other; then `commit`, which only begins to make the group
/// durable. **Nothing of the group may leave the process before `waitUntilDurable` has returned.** The next group may
/// begin before that: it sees the group that is under way, and is void when that one fails.
public protocol JournalStore: AnyObject {
  /// Begins a group.
  ///
  /// - Throws: `busy` when others hold the journal for too long; `damaged-journal`, `cannot-read`.
  func begin() throws

  /// Whether the journal may have an entry of this id: never false when it has. Reads nothing but memory, and may be called
  /// by several threads at once while nothing else is.
  func mayHave(_ id: String) -> Bool

  /// The entry of an id, and the note that a record with this id came in at `now`; nil when it was never signed.
  ///
  /// Ids that differ in letter case only are one. The caller compares `contentDigest` with that of the record in hand.
  func lookup(_ id: String, now: Int64) throws -> JournalEntry?

  /// Assigns the nonce of a transaction, and keeps it for it until `record`, `release` or the end of the group.
  ///
  /// - Throws: `invalid-argument` for nonces of 2^63 and more.
  func assignNonce(of request: NonceQuestion, now: Int64) throws -> NonceAssignment

  /// How many nonces the network has passed since the highest that the journal knows of an account, as of the last
  /// `assignNonce` for it; nil when there are none, or the journal knows nothing of the account.
  func unknownNonces(of account: CountedAccount) -> UInt64?

  /// Takes back a nonce that was assigned in this group and not used, because signing was refused.
  func release(nonce: UInt64, of account: CountedAccount)

  /// Notes that a poll has listed all that is pending on a chain, and that every record of it came in: what was signed and is
  /// not among them was not pending then. A group of its own, after those of the records.
  ///
  /// - Parameter time: when the list was asked for, or any time before the first of its records came in.
  /// - Throws: as `begin` and `waitUntilDurable`.
  func note(_ chain: PolledChain, listedAt time: Int64) throws

  /// Records what was signed.
  ///
  /// - Throws: `already-exists` when the id has an entry; `coin-signed-before`; `invalid-argument` for a nonce or height of
  ///   2^63 and more. Nothing was recorded then, and the group goes on.
  func record(_ entry: JournalEntry) throws

  /// Ends the group and begins to make it durable.
  func commit() throws

  /// Waits until everything that was committed is on disk.
  ///
  /// - Throws: `cannot-write`: nothing of the groups since the last call was recorded, and nothing of them may leave.
  func waitUntilDurable() throws

  /// Forgets the group.
  func rollback()

  /// What a person should know that was found since the last call, in sentences.
  func takeNotes() -> [String]

  /// Lets others have the journal, if nothing is under way: before waiting for input.
  func rest() throws
}

/// A chain on one network, as kms-fetch asks for it.
public struct PolledChain: Hashable, Sendable {
  /// The chain's name.
  public let name: String
  /// The network.
  public let testnet: Bool

  /// Names a chain.
  public init(name: String, testnet: Bool) {
    self.name = name
    self.testnet = testnet
  }
}

/// An account whose nonces are counted.
public struct CountedAccount: Hashable, Sendable {
  /// The chain's name.
  public let chain: String
  /// The network.
  public let testnet: Bool
  /// The address.
  public let address: String

  /// Names an account.
  public init(chain: String, testnet: Bool, address: String) {
    self.chain = chain
    self.testnet = testnet
    self.address = address
  }

  /// The list in which its pending transactions are.
  var polledChain: PolledChain { PolledChain(name: chain, testnet: testnet) }
}

/// What the journal needs to assign a nonce.
public struct NonceQuestion: Sendable {
  /// The sender.
  public let account: CountedAccount
  /// The count that the network reports: the next nonce as it sees it.
  public let networkCount: UInt64?
  /// The nonce that the pending transaction carries; it is used whatever else is known.
  public let explicit: UInt64?
  /// Whether nonces far above what was signed here are used (`NoncePlausibility`).
  public let allowsJumps: Bool
  /// Since when and until when lists of pending transactions on the account's chain came in whole and were empty, in Unix time;
  /// nil where nobody knows.
  public let emptyTime: ClosedRange<Int64>?

  /// Asks for a nonce.
  public init(
    of account: CountedAccount, networkCount: UInt64?, explicit: UInt64?, allowsJumps: Bool = false,
    emptyTime: ClosedRange<Int64>? = nil
  ) {
    self.allowsJumps = allowsJumps
    self.emptyTime = emptyTime
    self.account = account
    self.networkCount = networkCount
    self.explicit = explicit
  }
}
