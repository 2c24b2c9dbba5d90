public import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSSigning
public import KMSVault

/// Finds keys that a vault has for the other network, on chains whose signatures do not name theirs: what was signed for the
/// test network, without an approval, is a payment on the main one.
///
/// A key may be there as itself, or as one that words lead to. The first wallet of each is looked up, however many there are;
/// the first ten addresses of words, where a chain has up to a hundred wallets on the other network.
public struct OtherNetwork {
  private let vault: Vault
  /// How many wallets the vault has, by chain and network, as long as this is working.
  private var counts: [Place: Int] = [:]
  /// What waits to be stored.
  private var waiting: [Place: [String: String]] = [:]
  /// The wallets by the public keys of their first addresses, of places that have `most` wallets or fewer.
  private var keys: [Place: [[UInt8]: String]] = [:]

  private struct Place: Hashable {
    let chain: String
    let testnet: Bool
  }

  private static let addresses: UInt32 = 10
  private static let most = 100

  /// Looks into a vault that was opened with all its keys.
  ///
  /// - Throws: as reading the vault.
  public init(_ vault: Vault) throws {
    self.vault = vault
    for count in try vault.chains() where count.wallets > 0 {
      counts[Place(chain: count.chain, testnet: count.testnet)] = count.wallets
    }
  }

  /// The signature ID of the wallet that has a key of this one for the other network; nil when there is none, or it does not
  /// matter.
  ///
  /// - Throws: as reading the vault.
  public mutating func holder(of wallet: NewWallet, chain: String, testnet: Bool) throws -> String? {
    let other = Place(chain: chain, testnet: !testnet)
    guard counts[other] != nil || waiting[other] != nil,
      let scheme = SigningRegistry.wallets(of: chain), !scheme.signaturesNameNetwork
    else { return nil }
    if let counterpart = try Self.counterpart(of: wallet, scheme, testnet: testnet) {
      if let id = waiting[other]?[Self.text(counterpart, other)] { return id }
      if let id = try vault.signatureIDs(holding: counterpart, chain: chain, testnet: !testnet).first {
        return id
      }
    }
    guard let known = try keys(at: other), !known.isEmpty else { return nil }
    let view = WalletView(wallet, signatureID: "", chain: chain, testnet: testnet)
    return Self.publicKeys(of: view, wallet.secret).lazy.compactMap { known[$0] }.first
  }

  /// Takes in what will be stored.
  mutating func add(_ addition: Vault.Addition) throws {
    let place = Place(chain: addition.chain, testnet: addition.testnet)
    guard SigningRegistry.wallets(of: place.chain)?.signaturesNameNetwork == false else { return }
    let id = addition.signatureID ?? ""
    waiting[place, default: [:]][Self.text(addition.wallet, place)] = id
    let known = try keys(at: place)
    counts[place, default: 0] += 1
    guard let known, counts[place, default: 0] <= Self.most else { return keys[place] = nil }
    let view = WalletView(addition.wallet, signatureID: "", chain: place.chain, testnet: place.testnet)
    let new = Self.publicKeys(of: view, addition.wallet.secret).map { ($0, id) }
    keys[place] = known.merging(new) { first, _ in first }
  }

  /// The keys of a place, read when they are first asked for; nil when it has too many.
  private mutating func keys(at place: Place) throws -> [[UInt8]: String]? {
    guard counts[place, default: 0] <= Self.most else { return nil }
    if let known = keys[place] { return known }
    var found: [[UInt8]: String] = [:]
    for id in try vault.signatureIDs(chain: place.chain, testnet: place.testnet) {
      guard let (view, secret) = try vault.secret(of: id) else { continue }
      for key in Self.publicKeys(of: view, secret) { found[key] = id }
    }
    keys[place] = found
    return found
  }

  /// The public keys of a wallet's first addresses; none of a secret that yields none, which signs nothing either.
  private static func publicKeys(of view: WalletView, _ secret: SecretBytes) -> [[UInt8]] {
    do {
      guard
        let keys = try SigningRegistry.wallets(of: view.chain)?.scheme(of: view).keys(
          kind: view.kind, secret: secret, testnet: view.testnet)
      else { return [] }
      guard view.kind == .mnemonic else { return [try keys.key(index: nil).publicKey] }
      return try (0..<addresses).map { try keys.key(index: $0).publicKey }
    } catch { return [] }
  }

  private static func text(_ wallet: NewWallet, _ place: Place) -> String {
    WalletRow.identityText(
      of: WalletView(wallet, signatureID: "", chain: place.chain, testnet: place.testnet)) ?? ""
  }

  /// The wallet that has the same key on the other network; nil where the secret yields another one there, or none.
  private static func counterpart(
    of wallet: NewWallet, _ scheme: any SigningWallets, testnet: Bool
  ) throws -> NewWallet? {
    do {
      let scheme = try scheme.at(storedPath: wallet.path)
      let key = try scheme.key(kind: wallet.kind, secret: wallet.secret, index: 0, testnet: testnet)
      let other: NewWallet
      if wallet.kind == .mnemonic {
        other = try scheme.wallet(uncheckedMnemonic: wallet.secret, testnet: !testnet)
      } else {
        do {
          other = try scheme.wallet(privateKey: wallet.secret, testnet: !testnet)
        } catch let error as WalletError where error.code == WalletError.wrongNetwork("").code {
          // WIF names its network; the transactions that it signs do not.
          other = try scheme.wallet(privateKey: key.secret.hexEncoded(), testnet: !testnet)
        }
      }
      let otherKey = try scheme.key(kind: other.kind, secret: other.secret, index: 0, testnet: !testnet)
      return otherKey.secret == key.secret ? other : nil
    } catch is WalletError { return nil }
  }
}
