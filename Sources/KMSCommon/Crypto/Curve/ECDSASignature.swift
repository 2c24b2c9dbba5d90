internal import CSecp256k1

/// An ECDSA signature on secp256k1 with the number that lets the public key be recovered.
public struct ECDSASignature: Hashable, Sendable {
  /// r and s, 32 bytes each, big-endian, both from 1 to n - 1.
  public let rs: [UInt8]
  /// 0 to 3: bit 0 is the parity of y of the point R, bit 1 says that its x was not below the group order.
  public let recoveryID: UInt8

  /// The first half of `rs`, 32 bytes.
  public var r: ArraySlice<UInt8> { rs.prefix(32) }
  /// The second half of `rs`, 32 bytes.
  public var s: ArraySlice<UInt8> { rs.suffix(32) }

  /// Creates a signature from its 64 bytes.
  ///
  /// - Throws: `CryptoError.invalidSignature` when the length is another one, r or s is zero or not below the group
  ///   order, or the recovery ID is above 3.
  public init(rs: [UInt8], recoveryID: UInt8) throws(CryptoError) {
    guard rs.count == 64, recoveryID <= 3, Self.isInRange(rs.prefix(32)), Self.isInRange(rs.suffix(32)) else {
      throw .invalidSignature
    }
    self.init(unchecked: rs, recoveryID: recoveryID)
  }

  /// Reads the DER form (X.690 as in BIP-66: the one shortest encoding); nil when it is none.
  ///
  /// DER carries no recovery ID: give it when it is known and needed.
  public init?(der: [UInt8], recoveryID: UInt8 = 0) {
    var parsed = secp256k1_ecdsa_signature()
    guard unsafe secp256k1_ecdsa_signature_parse_der(Secp256k1.context, &parsed, der, der.count) == 1 else {
      return nil
    }
    var rs = [UInt8](repeating: 0, count: 64)
    unsafe secp256k1_ecdsa_signature_serialize_compact(Secp256k1.context, &rs, &parsed)
    try? self.init(rs: rs, recoveryID: recoveryID)
    guard self.der == der else { return nil }
  }

  package init(unchecked rs: [UInt8], recoveryID: UInt8) {
    self.rs = rs
    self.recoveryID = recoveryID
  }

  /// The DER form, at most 72 bytes.
  public var der: [UInt8] {
    guard var parsed else { return [] }
    var count = 72
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { out, written in
      guard let base = out.baseAddress else { return }
      let isDone =
        unsafe secp256k1_ecdsa_signature_serialize_der(Secp256k1.context, base, &count, &parsed) == 1
      written = isDone ? count : 0
    }
  }

  /// Whether s is at most half the group order, as BIP-62 and EIP-2 demand.
  public var hasLowS: Bool {
    guard var parsed else { return false }
    return unsafe secp256k1_ecdsa_signature_normalize(Secp256k1.context, nil, &parsed) == 0
  }

  var parsed: secp256k1_ecdsa_signature? {
    var parsed = secp256k1_ecdsa_signature()
    return unsafe secp256k1_ecdsa_signature_parse_compact(Secp256k1.context, &parsed, rs) == 1 ? parsed : nil
  }

  private static func isInRange(_ scalar: ArraySlice<UInt8>) -> Bool {
    // The check that the library makes for private keys is the same one: 1 to n - 1.
    unsafe secp256k1_ec_seckey_verify(Secp256k1.context, Array(scalar)) == 1
  }
}
