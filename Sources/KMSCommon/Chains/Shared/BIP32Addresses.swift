package import KMSCrypto

/// Addresses of a chain whose extended public keys (BIP-32) yield one for every index.
package struct BIP32Addresses: AddressScheme {
  private let node: @Sendable (_ xpub: String) -> HDPublicKey?
  private let text: @Sendable (_ publicKey: [UInt8], _ testnet: Bool) throws -> String

  /// Creates the scheme of a chain.
  ///
  /// - Parameters:
  ///   - node: reads an extended public key as wallets store it.
  ///   - text: the address of a public key of 33 bytes, or 65 when a stored key says so.
  package init(
    node: @escaping @Sendable (_ xpub: String) -> HDPublicKey? = { HDPublicKey(serialized: $0) },
    text: @escaping @Sendable (_ publicKey: [UInt8], _ testnet: Bool) throws -> String
  ) {
    self.node = node
    self.text = text
  }

  package func address(of wallet: WalletView, index: UInt32) throws -> String? {
    guard wallet.kind == .mnemonic else { return wallet.address }
    guard let account = try account(of: wallet) else { return nil }
    try WalletError.check(index: index)
    return try text(account.child(index).publicKey, wallet.testnet)
  }

  /// The node of a mnemonic wallet whose children are its keys; nil when it has none.
  ///
  /// - Throws: `WalletError` when it can't be read.
  package func account(of wallet: WalletView) throws(WalletError) -> HDPublicKey? {
    guard let xpub = wallet.xpub else { return nil }
    guard let account = node(xpub) else {
      throw WalletError("invalid-xpub", "the extended public key of the wallet can't be read")
    }
    return account
  }

  /// The address of a public key of 33 or 65 bytes.
  package func address(ofPublicKey publicKey: [UInt8], testnet: Bool) throws -> String {
    try text(publicKey, testnet)
  }
}
