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
    guard let unkeyed = unsafe OpenSSL.hmacSHA256, let state = unsafe EVP_MAC_CTX_dup(unkeyed) else {
      preconditionFailure("OpenSSL's libcrypto lacks HMAC-SHA-256")
    }
    defer { unsafe EVP_MAC_CTX_free(state) }  // wipes its copy of the key
    return unsafe [UInt8](unsafeUninitializedCapacity: 32) { tag, written in
      var isDone = unsafe key.withPointer { unsafe EVP_MAC_init(state, $0, key.count, nil) } == 1
      for part in parts where isDone {
        isDone =
          unsafe part.withUnsafeBufferPointer { unsafe EVP_MAC_update(state, $0.baseAddress, $0.count) } == 1
      }
      isDone = unsafe isDone && EVP_MAC_final(state, tag.baseAddress, &written, tag.count) == 1
      precondition(isDone && written == 32, "HMAC-SHA-256 failed")
    }
  }

  /// Returns HMAC-SHA-512 of `message` under `key`, 64 bytes.
  public static func sha512(key: SecretBytes, _ message: [UInt8]) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: 64)
    var out = tag.mutableSpan
    key.withBytes { sha512(key: $0, message.span, into: &out) }
    return tag
  }

  /// Returns HMAC-SHA-512 of a secret message, as a secret of 64 bytes.
  package static func secretSHA512(
    key: SecretBytes, _ message: SecretBytes
  ) throws(CryptoError) -> SecretBytes {
    try SecretBytes(
      count: 64,
      writing: { tag in key.withBytes { key in message.withBytes { sha512(key: key, $0, into: &tag) } } })
  }

  /// Writes 64 bytes to `tag`.
  private static func sha512(key: Span<UInt8>, _ message: Span<UInt8>, into tag: inout MutableSpan<UInt8>) {
    var state = crypto_auth_hmacsha512_state()
    defer { unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
    unsafe key.withUnsafeBytes { _ = unsafe crypto_auth_hmacsha512_init(&state, $0.start, $0.count) }
    unsafe message.withUnsafeBytes {
      _ = unsafe crypto_auth_hmacsha512_update(&state, $0.start, UInt64($0.count))
    }
    precondition(tag.count == 64)  // both callers' own buffers
    unsafe tag.withUnsafeMutableBytes { _ = unsafe crypto_auth_hmacsha512_final(&state, $0.start) }
  }
}
