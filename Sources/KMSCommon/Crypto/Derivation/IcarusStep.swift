internal import KMSPrimitives

/// The keyed hash of one derivation step, the same for private and public keys.
package enum IcarusStep: UInt8 {
  case hardenedKey = 0
  case hardenedCode = 1
  case normalKey = 2
  case normalCode = 3

  /// HMAC-SHA-512 under the chain code of step, key and index (little-endian, the top bit saying hardened): 64 bytes.
  package static func hash(
    _ step: IcarusStep, _ chainCode: SecretBytes, _ key: SecretBytes, _ index: UInt32
  ) throws(CryptoError) -> SecretBytes {
    let data = try SecretBytes(joining: [
      SecretBytes(copying: [step.rawValue]), key, SecretBytes(copying: index.littleEndianBytes),
    ])
    return try HMAC.secretSHA512(key: chainCode, data)
  }
}
