/// The version bytes of extended keys, as one big-endian number each (BIP-32).
package struct ExtendedKeyVersions: Sendable, Hashable {
  /// Of the extended public key.
  package let publicKey: UInt32
  /// Of the extended private key.
  package let privateKey: UInt32

  /// `xpub` and `xprv`: Bitcoin, and every chain without bytes of its own (BIP-32).
  package static let bitcoin = ExtendedKeyVersions(publicKey: 0x0488_B21E, privateKey: 0x0488_ADE4)
  /// `tpub` and `tprv`: Bitcoin's test networks (BIP-32).
  static let bitcoinTestnet = ExtendedKeyVersions(publicKey: 0x0435_87CF, privateKey: 0x0435_8394)
}
