/// What was signed for one pending id.
public struct JournalEntry: Sendable, Hashable {
  /// The id of the pending transaction.
  public var id: String
  /// `JournalContent.digest` of what was signed, 32 bytes.
  public var contentDigest: [UInt8]
  /// The chain's name.
  public var chain: String
  /// Whether it is a testnet transaction.
  public var testnet: Bool
  /// The sender whose nonces are counted; nil on chains without account nonces.
  public var sender: String?
  /// The nonce that was used; at most 2^63 - 1.
  public var nonce: UInt64?
  /// The transaction id, where signing settles it.
  public var txID: String?
  /// The signed bytes as the broadcast endpoint takes them.
  public var txData: String
  /// The whole `signed` member of the record, compact JSON.
  public var signed: String
  /// Unix time of signing, in seconds.
  public var signedAt: Int64
  /// Unix time after which the network does not take it, in seconds.
  public var expiresAt: Int64?
  /// Block, ledger, round or slot after which the network does not take it; at most 2^63 - 1.
  public var lastValidHeight: UInt64?
  /// Unix time at which a record with this id last came in, in seconds; up to a tenth of the grace time old.
  public internal(set) var lastSeen: Int64
  /// The pending id that was given this entry's nonce after this one had vanished; the recorded bytes must not be
  /// sent any more then.
  public internal(set) var nonceGivenTo: String?

  /// Creates an entry that was signed and seen at `signedAt`.
  public init(
    id: String, contentDigest: [UInt8], chain: String, testnet: Bool, sender: String?, nonce: UInt64?,
    txID: String?, txData: String, signed: String, signedAt: Int64, expiresAt: Int64? = nil,
    lastValidHeight: UInt64? = nil
  ) {
    self.id = id
    self.contentDigest = contentDigest
    self.chain = chain
    self.testnet = testnet
    self.sender = sender
    self.nonce = nonce
    self.txID = txID
    self.txData = txData
    self.signed = signed
    self.signedAt = signedAt
    self.expiresAt = expiresAt
    self.lastValidHeight = lastValidHeight
    lastSeen = signedAt
  }
}
