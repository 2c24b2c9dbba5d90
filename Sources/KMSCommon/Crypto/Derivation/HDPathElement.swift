/// One step of a derivation path (BIP-32): an index from 0 to 2^31 - 1, hardened or not.
public enum HDPathElement: Hashable, Sendable {
  /// A step that needs the private key.
  case hardened(UInt32)
  /// A step that the public key can take, too.
  case normal(UInt32)
}

extension CryptoError {
  package static let childIndex = parameter("an index of a key derivation is below 2147483648")
  package static let childDoesNotExist = CryptoError(
    "derivation-failed",
    "there is no key at this index: use the next one (BIP-32; less likely than 1 in 2^127)")
  package static let depthLimit = parameter("a key derivation has at most 255 steps")
}
