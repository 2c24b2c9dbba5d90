internal import KMSChains
internal import KMSCrypto

/// Finds keys that a vault has for the other network, on chains whose signatures do not name theirs: what was signed for the
/// test network, without an approval, is a payment on the main one.
struct OtherNetwork {
  private let vault: Vault
  /// What the vault has, by chain and network, as long as this is working.
  private var counts: Set<Place> = []
  /// What waits to be stored.
  private var waiting: [Place: [String: String]] = [:]

  private struct Place: Hashable {
    let chain: String
    let testnet: Bool
  }

  init(_ vault: Vault) throws {
    self.vault = vault
    for count in try vault.chains() where count.wallets > 0 {
      counts.insert(Place(chain: count.chain, testnet: count.testnet))
    }
  }

  /// The wallet that has this key for the other network; nil when there is none, or it does not matter.
  func holder(of addition: Vault.Addition) throws -> String? {
    let other = Place(chain: addition.chain, testnet: !addition.testnet)
    guard counts.contains(other) || waiting[other] != nil,
      let scheme = SigningRegistry.wallets(of: addition.chain), !scheme.signaturesNameNetwork,
      let wallet = try Self.counterpart(of: addition.wallet, scheme, testnet: addition.testnet)
    else { return nil }
    if let id = waiting[other]?[Self.text(wallet, other)] { return id }
    return try vault.signatureIDs(holding: wallet, chain: other.chain, testnet: other.testnet).first
  }

  /// Takes in what will be stored.
  mutating func add(_ addition: Vault.Addition) {
    let place = Place(chain: addition.chain, testnet: addition.testnet)
    waiting[place, default: [:]][Self.text(addition.wallet, place)] = addition.signatureID ?? ""
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
