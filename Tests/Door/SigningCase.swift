public import KMSChains
public import KMSRecords

/// One signature, as kms-sign makes it: everything that goes in.
///
/// Tests, mutation tests and fuzz targets sign by these, so all of them enter where production enters: the transaction
/// is read, then prepared, then signed with a nonce.
public struct SigningCase: Sendable {
  /// What Tatum returned.
  public var pending: PendingTransaction
  /// The network of the record.
  public var testnet: Bool
  /// The `context` member of the record.
  public var context: JSONValue
  /// One key for each key reference of the transaction.
  public var keys: [SigningKey]
  /// The nonce to sign with.
  public var nonce: UInt64?
  /// What the operator allows.
  public var policy: SigningPolicy
  /// The time in seconds since 1970.
  public var unixTime: Int64
  /// Whether time and operations are judged as in production; published vectors are of any time, and do everything.
  public var isStrict = false

  /// Creates a case.
  public init(
    pending: PendingTransaction, testnet: Bool, context: JSONValue, keys: [SigningKey], nonce: UInt64? = nil,
    policy: SigningPolicy = SigningPolicy(), unixTime: Int64
  ) {
    self.pending = pending
    self.testnet = testnet
    self.context = context
    self.keys = keys
    self.nonce = nonce
    self.policy = policy
    self.unixTime = unixTime
  }
}

extension SigningCase {
  /// The same with the nonce that the transaction asks for, as the first of its sender gets it.
  ///
  /// What is refused before that has none, and is refused again when it is signed.
  public func numbered(by chain: SigningChain) -> SigningCase {
    var signing = self
    if let wanted = try? chain.nonceRequest(of: self) {
      signing.nonce = wanted.explicit ?? wanted.networkCount
    }
    return signing
  }
}

extension SigningChain {
  /// Reads and prepares.
  public func prepare(_ signing: SigningCase) throws(ChainError) -> PreparedSigning {
    var policy = signing.policy
    if !signing.isStrict {
      policy.allowLongValidity = true
      policy.allowUnknownOperations = true
    }
    return try read(signing.pending, testnet: signing.testnet).prepare(
      SigningRequest(
        context: signing.context, keys: signing.keys, policy: policy, now: signing.unixTime))
  }

  /// Reads, prepares and signs.
  public func sign(_ signing: SigningCase) throws(ChainError) -> SignedTransaction {
    let signed = try prepare(signing).sign(nonce: signing.nonce)
    // What kms-sign writes and keeps is written without a tree; it must be the same, whatever is signed.
    precondition(signed.encoded == signed.json.encoded(), "\(signed.json.text) is written in another way")
    return signed
  }

  /// The nonce that is asked for.
  public func nonceRequest(of signing: SigningCase) throws(ChainError) -> NonceRequest? {
    try prepare(signing).nonceRequest
  }

  /// The facts that are asked for.
  public func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    try read(pending, testnet: testnet).needs(wallet: wallet)
  }
}
