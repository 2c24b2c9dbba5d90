import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning

/// Wallets as the original prints them: members, their names and their order.
enum WalletJSON {
  /// A wallet with its secret: what `generatewallet`, `getmanagedwallet` and `export` print.
  ///
  /// A mnemonic wallet of a chain without extended public keys also shows the key of index 0, whose
  /// address it shows.
  static func members(_ view: WalletView, secret: SecretBytes) throws -> [(
    name: String, value: SecretJSON.Value?
  )] {
    let scheme = try SigningRegistry.wallets(of: view.chain)?.scheme(of: view)
    var mnemonic: SecretBytes?
    var xpriv: SecretBytes?
    var privateKey: SecretBytes?
    switch view.kind {
    case .mnemonic:
      mnemonic = secret
      if view.xpub != nil {
        xpriv = try scheme?.extendedPrivateKey(mnemonic: secret, testnet: view.testnet)
      } else {
        privateKey = try scheme?.privateKeyText(
          kind: .mnemonic, secret: secret, index: 0, testnet: view.testnet)
      }
    case .privateKey: privateKey = secret
    case .secret: break
    }
    return [
      ("mnemonic", mnemonic.map { .secret($0) }),
      ("xpriv", xpriv.map { .secret($0) }),
      ("xpub", view.xpub.map { .clear(.string($0)) }),
      ("address", view.shownAddress.map { .clear(.string($0)) }),
      ("privateKey", privateKey.map { .secret($0) }),
      ("secret", view.kind == .secret ? .secret(secret) : nil),
      ("testnet", .clear(.bool(view.testnet))),
      ("chain", .clear(.string(view.chain))),
      ("path", view.path.map { .clear(.string($0)) }),
    ]
  }

  /// What is printed after storing a wallet.
  static func stored(_ view: WalletView) -> JSONObject {
    var object = JSONObject()
    object["signatureId"] = .string(view.signatureID)
    object["address"] = view.shownAddress.map(JSONValue.string)
    object["xpub"] = view.xpub.map(JSONValue.string)
    return object
  }
}

extension WalletView {
  /// The address; the public key on chains whose accounts are not computed from keys, as the original has it.
  var shownAddress: String? {
    if let address, !address.isEmpty { return address }
    return xpub == nil ? publicKey : nil
  }
}
