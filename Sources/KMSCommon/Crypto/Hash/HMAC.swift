internal import COpenSSL
internal import CSodium

/// Keyed hashing (RFC 2104, FIPS 198-1); keys of any length.
public enum HMAC {
  /// Returns HMAC-SHA-256 of `message` under `key`, 32 bytes.
  public static func sha256(key: SecretBytes, _ message: [UInt8]) -> [UInt8] {
    sha256(key: key, parts: [message[...]])
  }

  /// Returns HMAC-SHA-256 of `parts`, one after the other and without lengths, under `key`, 32 bytes.
  ///
  /// Traps when OpenSSL lacks it or has no memory, as `OpenSSL.digest` does; nothing from outside decides that.
  public static func sha256(key: SecretBytes, parts: [ArraySlice<UInt8>]) -> [UInt8] {
    guard let unkeyed = OpenSSL.hmacSHA256, let state = EVP_MAC_CTX_dup(unkeyed) else {
      preconditionFailure("OpenSSL's libcrypto lacks HMAC-SHA-256")
    }
    defer { EVP_MAC_CTX_free(state) }  // wipes its copy of the key
    return [UInt8](unsafeUninitializedCapacity: 32) { tag, written in
      var isDone = key.withPointer { EVP_MAC_init(state, $0, key.count, nil) } == 1
      for part in parts where isDone {
        isDone = part.withUnsafeBufferPointer { EVP_MAC_update(state, $0.baseAddress, $0.count) } == 1
      }
      isDone = isDone && EVP_MAC_final(state, tag.baseAddress, &written, tag.count) == 1
      precondition(isDone && written == 32, "HMAC-SHA-256 failed")
    }
  }

  /// Returns HMAC-SHA-512 of `message` under `key`, 64 bytes.
  public static func sha512(key: SecretBytes, _ message: [UInt8]) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: 64)
    key.withUnsafeBytes { key in
      message.withUnsafeBytes { message in
        tag.withUnsafeMutableBytes { sha512(key: key, [message], into: $0) }
      }
    }
    return tag
  }

  /// Returns HMAC-SHA-512 of `parts`, one after the other, as a secret of 64 bytes.
  package static func secretSHA512(
    key: UnsafeRawBufferPointer, _ parts: [UnsafeRawBufferPointer]
  ) throws(CryptoError) -> SecretBytes {
    try SecretBytes(count: 64, filling: { sha512(key: key, parts, into: $0) })
  }

  private static func sha512(
    key: UnsafeRawBufferPointer, _ parts: [UnsafeRawBufferPointer], into tag: UnsafeMutableRawBufferPointer
  ) {
    var state = crypto_auth_hmacsha512_state()
    defer { sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
    _ = crypto_auth_hmacsha512_init(&state, key.start, key.count)
    for part in parts { _ = crypto_auth_hmacsha512_update(&state, part.start, UInt64(part.count)) }
    _ = crypto_auth_hmacsha512_final(&state, tag.start)
  }
}
