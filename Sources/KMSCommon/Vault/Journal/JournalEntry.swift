public import KMSChains

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
  /// The network's count of the sender's transactions that the nonce was chosen by; nil where the transaction carried its own.
  public var networkCount: UInt64?
  /// The transaction id, where signing settles it.
  public var txID: String?
  /// The whole `signed` member of the record, compact JSON; the signed bytes are its `txData`.
  public var signed: [UInt8]
  /// Unix time of signing, in seconds.
  public var signedAt: Int64
  /// Unix time after which the network does not take it, in seconds.
  public var expiresAt: Int64?
  /// Block, ledger, round or slot after which the network does not take it; at most 2^63 - 1.
  public var lastValidHeight: UInt64?
  /// What it spends, where the signature counts on amounts.
  public var coins: [SpentCoin]
  /// Unix time at which a record with this id last came in, in seconds; up to a tenth of the grace time old. Kept for
  /// entries with a nonce.
  public internal(set) var lastSeen: Int64
  /// The pending id that was given this entry's nonce after this one had vanished; the recorded bytes must not be
  /// sent any more then.
  public internal(set) var nonceGivenTo: String?

  /// Creates an entry that was signed and seen at `signedAt`.
  public init(
    id: String, contentDigest: [UInt8], chain: String, testnet: Bool, sender: String?, nonce: UInt64?,
    networkCount: UInt64? = nil, txID: String?, signed: [UInt8], signedAt: Int64, expiresAt: Int64? = nil,
    lastValidHeight: UInt64? = nil, coins: [SpentCoin] = []
  ) {
    self.id = id
    self.contentDigest = contentDigest
    self.chain = chain
    self.testnet = testnet
    self.sender = sender
    self.nonce = nonce
    self.networkCount = networkCount
    self.txID = txID
    self.signed = signed
    self.signedAt = signedAt
    self.expiresAt = expiresAt
    self.lastValidHeight = lastValidHeight
    self.coins = coins
    lastSeen = signedAt
  }
}
