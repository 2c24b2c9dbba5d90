public import KMSChains
internal import KMSPrimitives
public import KMSRecords

/// One blockchain, as far as it holds secrets: its wallets, and how its transactions are signed.
///
/// `SigningRegistry` finds it by name. A class because every transaction refers to it.
public final class SigningChain: Sendable {
  /// The name as Tatum writes it, such as `BTC`.
  public let name: String

  /// Keys, addresses and their text forms.
  public let wallets: any SigningWallets

  private let references: @Sendable (PendingTransaction) throws(ChainError) -> [KeyReference]
  private let reading: @Sendable (PendingTransaction, Bool) throws(ChainError) -> any SigningIntent
  private let height: @Sendable (JSONValue) -> UInt64?

  /// Joins the two halves of a chain.
  ///
  /// - Parameters:
  ///   - chain: what reads.
  ///   - wallets: what holds keys.
  ///   - height: the network's height that a context tells, see `currentHeight(in:)`.
  init<Reader: Chain>(
    _ chain: Reader, wallets: any SigningWallets,
    height: @escaping @Sendable (JSONValue) -> UInt64? = { _ in nil }
  ) where Reader.Reading: SigningIntent {
    name = chain.name
    self.wallets = wallets
    references = { pending throws(ChainError) in try chain.keyReferences(of: pending) }
    reading = { pending, testnet throws(ChainError) in try chain.read(pending, testnet: testnet) }
    self.height = height
  }

  /// See `Chain.keyReferences(of:)`.
  public func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    try references(pending)
  }

  /// See `Chain.read(_:testnet:)`.
  public func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> any SigningIntent {
    try reading(pending, testnet)
  }

  /// The network's height (block, ledger, round or slot) that `context` tells, to compare with
  /// `SignedTransaction.lastValidHeight`; nil where the context has none.
  public func currentHeight(in context: JSONValue) -> UInt64? { height(context) }
}

/// A pending transaction that was read and can be signed.
public protocol SigningIntent: Intent {
  /// Checks everything that can be told before the nonce is known, and waits for it.
  ///
  /// Deterministic: equal requests and nonces give equal bytes.
  /// - Throws: `ChainError` for everything that must be refused; never traps, whatever the input.
  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning

  /// Whether `prepare` takes the context as it stands in the record (`SigningRequest.facts`).
  var looksIntoFacts: Bool { get }
}

extension SigningIntent {
  /// It wants `SigningRequest.context`.
  public var looksIntoFacts: Bool { false }
}

/// Everything that one signature depends on, but for the transaction itself and its nonce.
public struct SigningRequest: Sendable {
  /// The `context` member of the record, an object; `{}` when there is none.
  public var context: JSONValue
  /// The same as it stands in the record, for who looks into it (`SigningIntent.looksIntoFacts`); `context` is empty then.
  package var facts: JSONText?
  /// One key for each of `Intent.keyReferences`, in that order.
  public var keys: [SigningKey]
  /// What the operator allows.
  public var policy: SigningPolicy
  /// The time in seconds since 1970: chains refuse what is expired.
  public var now: Int64

  /// Creates a request.
  public init(context: JSONValue, keys: [SigningKey], policy: SigningPolicy = SigningPolicy(), now: Int64) {
    self.context = context
    self.keys = keys
    self.policy = policy
    self.now = now
  }

  /// Creates a request whose context was not built.
  package init(facts: JSONText, keys: [SigningKey], policy: SigningPolicy, now: Int64) {
    self.init(context: [:], keys: keys, policy: policy, now: now)
    self.facts = facts
  }

  /// The key of a transaction with one sender.
  ///
  /// - Throws: `wallet-not-found` when the request has none.
  func onlyKey() throws(ChainError) -> PrivateKeyMaterial {
    guard let key = keys.first else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    return key.privateKey
  }
}

/// What an operator allows beyond the safe defaults.
public struct SigningPolicy: Sendable, Hashable {
  /// Regular keys, further signers of accounts and the keys of rekeyed accounts may sign (decision 3).
  public var allowDelegatedKeys = false
  /// Transactions that hand over or empty an account are signed (decision 5).
  public var allowAccountControl = false
  /// Scripts that the server supplied are signed (decision 5).
  public var allowCustomScripts = false
  /// What is not on a chain's list of known operations is signed.
  public var allowUnknownOperations = false
  /// Permissions to dispose of tokens without a limit are refused.
  public var noUnlimitedAllowances = false
  /// Transactions that are valid for longer, or from later on, than docs/chains.md says are signed.
  public var allowLongValidity = false
  /// Nonces far above what was signed before are used.
  public var allowNonceJumps = false
  /// BTC, LTC, DOGE, BCH: inputs whose amounts nothing proves are signed on main networks, too.
  public var trustAmounts = false
  /// BCH: ECDSA instead of Schnorr signatures.
  public var bchECDSA = false

  /// By chain: the test network for which alone transactions of test networks are signed (`Chain.choosing(testnet:)`).
  public var testnets: [String: String] = [:]

  private var maximumFees: [String: UInt256] = [:]

  /// The safe defaults.
  public init() {}

  /// Sets the highest fee that is signed on a chain; one that is not set has the default of docs/chains.md.
  ///
  /// - Parameters:
  ///   - amount: in the chain's smallest unit, decimal digits.
  ///   - chain: the chain's name.
  /// - Returns: false when `amount` is not a whole number below 2^256; nothing is set then.
  public mutating func setMaximumFee(_ amount: String, of chain: String) -> Bool {
    guard let limit = UInt256(decimal: amount) else { return false }
    maximumFees[chain] = limit
    return true
  }

  /// The operator's limit for a chain, if there is one.
  func maximumFee(of chain: String) -> UInt256? { maximumFees[chain] }
}

/// The nonce rule of one transaction (architecture section 6).
public struct NonceRequest: Sendable, Hashable {
  /// The account whose nonces are counted, as `SignedTransaction.from` names it; on a test network beside the usual one with
  /// what tells the two apart.
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

/// A transaction that was checked, and waits for its nonce to be signed.
///
/// A class because it goes through many hands.
public final class PreparedSigning: Sendable {
  /// Which nonce it asks for; nil on chains without account nonces.
  public let nonceRequest: NonceRequest?
  /// What it spends, on chains whose transactions spend outputs and whose signatures count on amounts: one for each
  /// input, in their order. The journal refuses one output with two amounts.
  public let coins: [SpentCoin]
  private let signing: @Sendable (_ nonce: UInt64) throws(ChainError) -> SignedTransaction

  /// A transaction of a chain without account nonces, and the outputs that it spends.
  init(
    spending coins: [SpentCoin] = [], _ sign: @escaping @Sendable () throws(ChainError) -> SignedTransaction
  ) {
    nonceRequest = nil
    self.coins = coins
    signing = { _ throws(ChainError) in try sign() }
  }

  /// A transaction that is signed with the nonce which `nonceRequest` asks for.
  init(
    _ nonceRequest: NonceRequest,
    sign: @escaping @Sendable (_ nonce: UInt64) throws(ChainError) -> SignedTransaction
  ) {
    self.nonceRequest = nonceRequest
    coins = []
    signing = sign
  }

  /// Signs.
  ///
  /// - Parameter nonce: the nonce that was assigned; nil where `nonceRequest` is nil.
  /// - Throws: `ChainError` `wallet-unreadable` when a key can't sign, `context-missing` without a nonce,
  ///   `malformed-transaction` when the nonce is not the explicit one.
  public func sign(nonce: UInt64?) throws(ChainError) -> SignedTransaction {
    guard let nonceRequest else { return try signing(0) }
    guard let nonce else { throw .contextMissing("nonce") }
    if let explicit = nonceRequest.explicit, explicit != nonce {
      throw .malformed("serializedTransaction.nonce is \(explicit), the nonce to sign with is \(nonce)")
    }
    return try signing(nonce)
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
  /// Unix time in seconds after which the network does not take it any more: stated by the signed bytes, or, beside
  /// `lastValidHeight`, an estimate that is certainly late enough. Both must have passed before it counts as expired.
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

  /// The text of the `signed` member, without `reused`, which kms-sign adds: `json` without the tree.
  public var encoded: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(txData.utf8.count + 256)
    func write(_ name: String, _ text: String) {
      out.append(UInt8(ascii: out.isEmpty ? "{" : ","))
      out.append(contentsOf: name.utf8)
      JSONValue.write(text, to: &out)
    }
    write("\"txData\":", txData)
    if let txID { write("\"txId\":", txID) }
    switch from {
    case .one(let address): write("\"from\":", address)
    case .inputs(let addresses):
      out.append(contentsOf: ",\"from\":".utf8)
      JSONValue.array(addresses.map(JSONValue.string)).write(to: &out)
    }
    if let nonce { write("\"nonce\":", String(nonce)) }
    for (name, value) in extra {
      out.append(UInt8(ascii: ","))
      JSONValue.write(name, to: &out)
      out.append(UInt8(ascii: ":"))
      value.write(to: &out)
    }
    out.append(UInt8(ascii: "}"))
    return out
  }

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
