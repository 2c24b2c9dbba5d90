public import KMSCrypto
public import KMSRecords

/// One blockchain: its wallets, what signing needs from the network, and signing itself.
///
/// Pure: bytes in, bytes out. No clock, no files, no network, no environment. One small type per chain conforms;
/// `ChainRegistry` finds it by name.
public protocol Chain: Sendable {
  /// The name as Tatum writes it, such as `BTC`.
  var name: String { get }

  /// Keys, addresses and their text forms.
  var wallets: any WalletScheme { get }

  /// The keys that signing `pending` needs, in the order in which `SigningRequest.keys` will hold them.
  ///
  /// - Throws: `ChainError` `index-missing`, `malformed-transaction`.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference]

  /// The facts that the network must supply before `pending` can be signed offline.
  ///
  /// What the pending transaction carries itself is not asked for (decision 1).
  /// - Parameters:
  ///   - pending: what Tatum returned.
  ///   - wallet: the public side of the wallet of the first key reference, nil when the vault has none.
  ///   - testnet: the network of the record.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]

  /// Which nonce the transaction asks for; nil on chains without account nonces (decision 18).
  func nonceRequest(of request: SigningRequest) throws(ChainError) -> NonceRequest?

  /// The network's height (block, ledger, round or slot) that `context` tells, to compare with
  /// `SignedTransaction.lastValidHeight`; nil where the context has none.
  func currentHeight(in context: JSONValue) -> UInt64?

  /// Whether `summary` has something to say.
  var hasSummaries: Bool { get }

  /// What `pending` would do, in one line for the log of kms-sign; nil where the pending transaction is readable as it
  /// is, or can't be read. Never holds a secret.
  func summary(of pending: PendingTransaction) -> String?

  /// Signs. Deterministic: equal requests give equal bytes.
  ///
  /// - Throws: `ChainError` for everything that must be refused; never traps, whatever the input.
  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction

  /// The same in two steps, for who has to settle the nonce in between: the request's own is ignored.
  ///
  /// - Throws: `ChainError` as `nonceRequest` does, and as `sign` does where that can be told without the nonce.
  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning
}

extension Chain {
  /// The first of `hashes`, else the first of `signatures`: the rule of all chains with one sender.
  public func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    [try pending.firstKeyReference()]
  }

  /// No height.
  public func currentHeight(in context: JSONValue) -> UInt64? { nil }

  /// No summaries.
  public var hasSummaries: Bool { false }

  /// No summary.
  public func summary(of pending: PendingTransaction) -> String? { nil }

  /// No account nonce.
  public func nonceRequest(of request: SigningRequest) throws(ChainError) -> NonceRequest? { nil }

  /// Asks for the nonce, and reads the transaction again to sign it.
  public func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    PreparedSigning(nonceRequest: try nonceRequest(of: request)) { nonce throws(ChainError) in
      var request = request
      request.nonce = nonce
      return try sign(request)
    }
  }
}

/// Which wallet to take and where to derive in it.
public struct KeyReference: Hashable, Sendable {
  /// The signature ID (a UUID) of the wallet.
  public let signatureID: String
  /// The derivation index for a mnemonic wallet; ignored by wallets that hold a single key (decision 2).
  public let index: UInt32?
  /// The input that the key is for, as messages name it; nil where a key is for the whole transaction.
  public let purpose: String?

  /// Creates a reference.
  public init(signatureID: String, index: UInt32?, purpose: String? = nil) {
    self.signatureID = signatureID
    self.index = index
    self.purpose = purpose
  }
}

/// A key that signs, with where it came from.
public struct SigningKey: Sendable {
  /// The reference that led to it.
  public let reference: KeyReference
  /// The raw private key; its form is the chain's own: 32 bytes for secp256k1 and Ed25519 seeds, 64 for
  /// BIP32-Ed25519. `WalletScheme.privateKey` says which.
  public let privateKey: PrivateKeyMaterial

  /// Creates a key.
  public init(reference: KeyReference, privateKey: PrivateKeyMaterial) {
    self.reference = reference
    self.privateKey = privateKey
  }
}

/// A private key, ready to sign, with its public key and address computed once.
///
/// kms-sign keeps these between the records of one run, so that a thousand transactions of one sender do not
/// derive the same key a thousand times.
public struct PrivateKeyMaterial: Sendable {
  /// The raw private key.
  public let secret: SecretBytes
  /// The public key in the chain's usual form (33 bytes compressed for secp256k1 unless `isCompressed` is false,
  /// then 65; 32 bytes for Ed25519).
  public let publicKey: [UInt8]
  /// The address as `getaddress` prints it; the public key in hex where the key alone determines none (FLOW).
  public let address: String

  /// The same key, expanded: kept where a chain signs with Ed25519, so that not every signature expands it anew.
  let ed25519: Ed25519PrivateKey?

  /// Creates a key.
  public init(secret: SecretBytes, publicKey: [UInt8], address: String) {
    self.secret = secret
    self.publicKey = publicKey
    self.address = address
    ed25519 = nil
  }

  /// Keeps an Ed25519 key: its seed is `secret`. `marker` stands before its public key on chains that have keys of
  /// other curves, too.
  init(ed25519 key: Ed25519PrivateKey, marker: [UInt8] = [], address: String) {
    secret = key.seed
    publicKey = marker + key.publicKey
    self.address = address
    ed25519 = key
  }
}

/// Everything that one signature depends on.
public struct SigningRequest: Sendable {
  /// What Tatum returned.
  public var pending: PendingTransaction
  /// The network of the record.
  public var testnet: Bool
  /// The `context` member of the record, an object; `{}` when there is none.
  public var context: JSONValue
  /// One key for each of `Chain.keyReferences`, in that order.
  public var keys: [SigningKey]
  /// The nonce that the journal assigned; nil where `nonceRequest` is nil.
  public var nonce: UInt64?
  /// What the operator allows.
  public var policy: SigningPolicy
  /// Now, in seconds since 1970: chains refuse what is expired.
  public var unixTime: Int64

  /// Creates a request.
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

/// What an operator allows beyond the safe defaults.
public struct SigningPolicy: Sendable, Hashable {
  /// XRP regular keys, further signers of XLM accounts and rekeyed ALGO accounts may sign (decision 3).
  public var allowDelegatedKeys = false
  /// Transactions that hand over or empty an account are signed (decision 5).
  public var allowAccountControl = false
  /// Flow scripts that the server supplied are signed (decision 5).
  public var allowCustomScripts = false
  /// Fee limits in the chain's smallest unit, as decimal text, by chain name; a chain not named here has the
  /// default of docs/chains.md.
  public var maximumFees: [String: String] = [:]
  /// BCH: ECDSA instead of Schnorr signatures.
  public var bchECDSA = false

  /// The safe defaults.
  public init() {}
}

/// The nonce rule of one transaction (architecture section 6).
public struct NonceRequest: Sendable, Hashable {
  /// The account whose nonces are counted, as `SignedTransaction.from` names it.
  public let sender: String
  /// The nonce that the pending transaction carries; it wins and is journaled too.
  public let explicit: UInt64?
  /// The network's count for this sender, from the context; nil only when `explicit` is there.
  public let networkCount: UInt64?

  /// Creates a request.
  public init(sender: String, explicit: UInt64?, networkCount: UInt64?) {
    self.sender = sender
    self.explicit = explicit
    self.networkCount = networkCount
  }
}

/// A transaction that was read, and waits for its nonce to be signed.
public struct PreparedSigning: Sendable {
  /// Which nonce it asks for; nil on chains without account nonces.
  public let nonceRequest: NonceRequest?
  /// Signs with that nonce; throws as `Chain.sign`.
  public let sign: @Sendable (_ nonce: UInt64?) throws(ChainError) -> SignedTransaction

  /// Creates a prepared transaction.
  public init(
    nonceRequest: NonceRequest?,
    sign: @escaping @Sendable (_ nonce: UInt64?) throws(ChainError) -> SignedTransaction
  ) {
    self.nonceRequest = nonceRequest
    self.sign = sign
  }
}

/// What kms-sign adds to a record as `signed`, and what the journal keeps.
public struct SignedTransaction: Sendable, Hashable {
  /// The very string that the broadcast endpoint takes (decision 14).
  public var txData: String
  /// The transaction id in the chain's own text form (decision 15); nil where only broadcasting settles it.
  public var txID: String?
  /// The sender, or the input addresses in the order of the inputs, each once (decision 16).
  public var from: Senders
  /// The account nonce that was used.
  public var nonce: UInt64?
  /// Further members of `signed` that kms-broadcast needs (decision 14), such as `payloadSignature`.
  public var extra: [(name: String, value: JSONValue)]
  /// Unix time in seconds after which the network does not take it any more.
  public var expiresAt: Int64?
  /// Block, ledger, round or slot after which the network does not take it any more.
  public var lastValidHeight: UInt64?

  /// One address or several.
  public enum Senders: Sendable, Hashable {
    case one(String)
    case inputs([String])
  }

  /// Creates a signed transaction.
  public init(
    txData: String, txID: String?, from: Senders, nonce: UInt64? = nil,
    extra: [(name: String, value: JSONValue)] = [], expiresAt: Int64? = nil, lastValidHeight: UInt64? = nil
  ) {
    self.txData = txData
    self.txID = txID
    self.from = from
    self.nonce = nonce
    self.extra = extra
    self.expiresAt = expiresAt
    self.lastValidHeight = lastValidHeight
  }

  /// Equal when every member is.
  public static func == (a: SignedTransaction, b: SignedTransaction) -> Bool {
    a.json == b.json && a.expiresAt == b.expiresAt && a.lastValidHeight == b.lastValidHeight
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// The `signed` member, without `reused`, which kms-sign adds.
  public var json: JSONValue {
    var object = JSONObject()
    object["txData"] = .string(txData)
    object["txId"] = txID.map(JSONValue.string)
    switch from {
    case .one(let address): object["from"] = .string(address)
    case .inputs(let addresses): object["from"] = .array(addresses.map(JSONValue.string))
    }
    object["nonce"] = nonce.map { .string(String($0)) }
    for (name, value) in extra { object[name] = value }
    return .object(object)
  }
}
