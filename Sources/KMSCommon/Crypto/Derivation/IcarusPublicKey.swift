internal import CSodium
internal import KMSPrimitives

/// An extended public key of BIP32-Ed25519, as Cardano's `xpub` of 128 hexadecimal digits has it.
public struct IcarusPublicKey: Hashable, Sendable {
  /// The public key, 32 bytes.
  public let publicKey: [UInt8]
  /// The chain code, 32 bytes.
  public let chainCode: [UInt8]

  /// Takes both parts; whether they are valid shows when a child is derived.
  public init(publicKey: [UInt8], chainCode: [UInt8]) {
    self.publicKey = publicKey
    self.chainCode = chainCode
  }

  /// Returns the child key at `index`, 0 to 2^31 - 1, not hardened.
  ///
  /// - Throws: `CryptoError` with code `invalid-public-key` when the key is no point of the group or a length is wrong,
  ///   `invalid-parameter` when the index is beyond its limit, `derivation-failed` when there is no such key (never met
  ///   in practice).
  public func child(_ index: UInt32) throws(CryptoError) -> IcarusPublicKey {
    guard index < 1 << 31 else { throw .childIndex }
    guard publicKey.count == 32, chainCode.count == 32,
      unsafe crypto_core_ed25519_is_valid_point(publicKey) == 1
    else {
      throw .invalidPublicKey
    }
    let key = try SecretBytes(copying: publicKey)
    let code = try SecretBytes(copying: chainCode)
    let z = try IcarusStep.hash(.normalKey, code, key, index)
    // A' = A + 8·ZL·B with the 28 lowest bytes of ZL, little-endian.
    var factor = [UInt8](repeating: 0, count: 32)
    z.withBytes { z in
      var carry: UInt32 = 0
      for i in 0..<32 {
        carry += i < 28 ? UInt32(z[i]) << 3 : 0
        factor[i] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
    }
    var step = [UInt8](repeating: 0, count: 32)
    var sum = [UInt8](repeating: 0, count: 32)
    guard unsafe crypto_scalarmult_ed25519_base_noclamp(&step, factor) == 0,
      unsafe crypto_core_ed25519_add(&sum, publicKey, step) == 0,
      unsafe crypto_core_ed25519_is_valid_point(sum) == 1
    else { throw .childDoesNotExist }
    let chainCode = try IcarusStep.hash(.normalCode, code, key, index).slice(32..<64)
    return IcarusPublicKey(publicKey: sum, chainCode: chainCode.withBytes { Array($0) })
  }
}
