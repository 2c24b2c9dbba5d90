public import KMSChains
public import KMSCrypto
public import KMSPrivateKeys

/// Wallets whose keys sign.
public protocol SigningWallets: WalletScheme {
  /// The signing key of a stored wallet. `index` is ignored unless `kind` is `.mnemonic`.
  ///
  /// - Throws: `WalletError` `index-missing` when a mnemonic wallet is asked without an index.
  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial

  /// The same for who will ask for several indexes: what they have in common is derived once.
  ///
  /// - Throws: as `key`, as far as that does not depend on the index.
  func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys
}

extension SigningWallets {
  /// That of the key.
  public func address(ofMnemonic mnemonic: SecretBytes, index: UInt32, testnet: Bool) throws -> String {
    try key(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet).address
  }

  /// The address of a key in every form that the chain has for it, as they are compared.
  public func texts(of key: PrivateKeyMaterial, testnet: Bool) -> [ServedAddress] {
    let all = [ServedAddress(key.address, "")] + otherAddresses(of: key, testnet: testnet)
    return all.map { ServedAddress(canonical(address: $0.text, testnet: testnet), $0.form) }
  }

  /// The same of the key that words have at a path of other wallets.
  public func texts(
    at path: [HDPathElement], of row: KnownPath, from seed: MnemonicSeed, testnet: Bool
  ) throws -> [ServedAddress] {
    if row.master == .p256 {
      return try forms.foreignAddress.map { [ServedAddress(try $0(seed, path), "")] } ?? []
    }
    let text = try privateKeyText(from: seed, path: path, testnet: testnet)
    return texts(of: try key(kind: .privateKey, secret: text, index: nil, testnet: testnet), testnet: testnet)
  }

  /// Derives each key from the start.
  public func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys {
    WalletKeys { index in try key(kind: kind, secret: secret, index: index, testnet: testnet) }
  }
}

/// The signing keys of one stored wallet. Holds secrets, in protected memory, for as long as it lives.
public struct WalletKeys: Sendable {
  private let derive: @Sendable (_ index: UInt32?) throws -> PrivateKeyMaterial

  /// Creates the keys that `derive` gives.
  public init(_ derive: @escaping @Sendable (_ index: UInt32?) throws -> PrivateKeyMaterial) {
    self.derive = derive
  }

  /// The key at `index`; throws as `SigningWallets.key`.
  public func key(index: UInt32?) throws -> PrivateKeyMaterial { try derive(index) }
}
