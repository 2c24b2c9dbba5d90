internal import KMSRecords

/// One blockchain, as far as it needs no secret: how its pending transactions are read and what they ask for.
///
/// Pure: bytes in, bytes out. No clock, no files, no network, no environment. One small type per chain conforms;
/// `ChainRegistry` finds it by name. What holds secrets and signs is `SigningChain`.
public protocol Chain: Sendable {
  /// What `read` gives.
  associatedtype Reading: Intent

  /// The name as Tatum writes it, such as `BTC`.
  var name: String { get }

  /// What else stands for the chain: names of others for it, and of what lives on it.
  var synonyms: ChainSynonyms { get }

  /// The names of its test networks, where there is a choice; the one that is meant without one is the first.
  var testnets: [String] { get }

  /// The chain with another test network meant: its facts are asked for a transaction that names none.
  ///
  /// - Parameter testnet: one of `testnets`, or what tells it in transactions, such as a chain id.
  /// - Returns: nil where that is no test network of this chain.
  func choosing(testnet: String) -> (any Chain)?

  /// The addresses that follow from the public side of a wallet.
  var addresses: any AddressScheme { get }

  /// Whether it asks a node that is not Tatum's (`Call.Server.publicNode`), so that the operator may name another one.
  var asksPublicNode: Bool { get }

  /// How its signed transactions are sent.
  var broadcast: any Broadcast { get }

  /// The keys that `pending` is to be signed with: what its members say, without a look at the transaction itself.
  ///
  /// `Intent.keyReferences` has the same. This is for who must know them of a transaction that can't be read, too:
  /// the journal compares them (decision 13).
  /// - Throws: `ChainError` `malformed-transaction`.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference]

  /// The one door: reads all of `pending`, once, and checks what needs neither the network nor a key.
  ///
  /// - Parameters:
  ///   - pending: what Tatum returned.
  ///   - testnet: the network of the record.
  /// - Throws: `ChainError`, for what can't be signed whatever the network and the operator say.
  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> Reading
}

/// A pending transaction that was read: what it asks for, and in KMSSigning what is signed.
public protocol Intent: Sendable {
  /// The keys that signing needs, in the order in which `SigningRequest.keys` will hold them; with
  /// `skipsUnknownWallets` some may be missing there.
  var keyReferences: [KeyReference] { get }

  /// The facts that the network must supply before the transaction can be signed offline.
  ///
  /// What the pending transaction carries itself is not asked for (decision 1).
  /// - Parameter wallet: the public side of the wallet of the first key reference, nil when the vault has none.
  /// - Throws: `ChainError` `index-missing`, `wallet-unreadable`, `malformed-transaction`.
  func needs(wallet: WalletView?) throws(ChainError) -> [Need]

  /// Whether wallets that the vault does not have are skipped, as long as every input has its key (decision 25).
  var skipsUnknownWallets: Bool { get }

  /// What the transaction would do, in one line for the log; nil where the pending transaction is readable as it is.
  /// Never holds a secret.
  var summary: String? { get }

  /// What it lets others dispose of, in the name of whoever signs.
  var allowances: [Allowance] { get }
}

extension Chain {
  /// Nothing else.
  public var synonyms: ChainSynonyms { ChainSynonyms() }

  /// There is one.
  public var testnets: [String] { [] }

  /// There is one.
  public func choosing(testnet: String) -> (any Chain)? { nil }

  /// Only the API is asked.
  public var asksPublicNode: Bool { false }

  /// The first of `hashes`, else the first of `signatures`: the rule of all chains with one sender.
  public func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    [try pending.firstKeyReference()]
  }
}

extension Intent {
  /// Nothing is asked for.
  public func needs(wallet: WalletView?) throws(ChainError) -> [Need] { [] }

  /// Every named wallet must be there.
  public var skipsUnknownWallets: Bool { false }

  /// What it lets others dispose of, where there is something.
  public var summary: String? {
    allowances.isEmpty ? nil : allowances.map(\.words).joined(separator: "; ")
  }

  /// Nothing.
  public var allowances: [Allowance] { [] }
}

/// Which wallet to take and where to derive in it.
public struct KeyReference: Hashable, Sendable {
  /// The signature ID (a UUID) of the wallet.
  public let signatureID: String
  /// The derivation index for a mnemonic wallet; ignored by wallets that hold a single key (decision 2).
  public let index: UInt32?
  /// The input that the key is for, as messages name it; nil where a key is for the whole transaction.
  public let purpose: String?

  /// Stands for something that is no index: above all of them, so that no key is derived by it.
  public static let noIndex = UInt32.max

  /// Creates a reference.
  public init(signatureID: String, index: UInt32?, purpose: String? = nil) {
    self.signatureID = signatureID
    self.index = index
    self.purpose = purpose
  }
}
