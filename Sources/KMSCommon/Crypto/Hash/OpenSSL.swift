internal import COpenSSL

/// The algorithms of OpenSSL that this library uses, each looked up once: a lookup costs more than hashing a
/// transaction.
///
/// They come from a library context of our own, which no configuration reaches, and nothing reads `openssl.cnf` or the
/// file that `OPENSSL_CONF` names, which can name code to load. TLS has nothing to do with this: a release build contains
/// its libcrypto, and libcurl loads another one, which is configured as the system wants it. In a debug build both are
/// one, and whoever comes first decides.
enum OpenSSL {
  // The pointers are unsafe only for the compiler: OpenSSL's fetched objects are immutable and shared by design.
  nonisolated(unsafe) private static let context: OpaquePointer? = {
    // Without this EVP_Digest, looking for engines, reads the configuration even for another context (OpenSSL 3.0).
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    return unsafe OSSL_LIB_CTX_new()
  }()
  nonisolated(unsafe) static let md5 = unsafe EVP_MD_fetch(context, "MD5", nil)
  nonisolated(unsafe) static let ripemd160 = unsafe EVP_MD_fetch(context, "RIPEMD160", nil)
  nonisolated(unsafe) static let sha3of256 = unsafe EVP_MD_fetch(context, "SHA3-256", nil)
  nonisolated(unsafe) static let sha512of256 = unsafe EVP_MD_fetch(context, "SHA512-256", nil)
  nonisolated(unsafe) static let aes256gcm = unsafe EVP_CIPHER_fetch(context, "AES-256-GCM", nil)
  nonisolated(unsafe) static let aes256cbc = unsafe EVP_CIPHER_fetch(context, "AES-256-CBC", nil)
  nonisolated(unsafe) static let pbkdf2 = unsafe EVP_KDF_fetch(context, "PBKDF2", nil)
  nonisolated(unsafe) static let hkdf = unsafe EVP_KDF_fetch(context, "HKDF", nil)
  /// HMAC-SHA-256 that waits for its key: to be copied, never changed.
  nonisolated(unsafe) static let hmacSHA256: OpaquePointer? = {
    guard let algorithm = unsafe EVP_MAC_fetch(context, "HMAC", nil) else { return nil }
    defer { unsafe EVP_MAC_free(algorithm) }
    let state = unsafe EVP_MAC_CTX_new(algorithm)
    let isSet = unsafe "digest".withCString { name in
      unsafe "SHA256".withCString { digest in
        unsafe EVP_MAC_CTX_set_params(
          state,
          [
            OSSL_PARAM_construct_utf8_string(name, UnsafeMutablePointer(mutating: digest), 0),
            OSSL_PARAM_construct_end(),
          ])
      }
    }
    return unsafe isSet == 1 ? state : nil
  }()

  /// Hashes `bytes` into `count` bytes.
  ///
  /// Traps when OpenSSL lacks the algorithm: any made-up hash would be worse than no process.
  static func digest(_ algorithm: OpaquePointer?, _ bytes: Span<UInt8>, count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { out, written in
      var length: UInt32 = 0
      let isDone = unsafe bytes.withUnsafeBufferPointer {
        unsafe EVP_Digest($0.baseAddress, $0.count, out.baseAddress, &length, algorithm, nil) == 1
      }
      precondition(isDone && length == count, "OpenSSL's libcrypto lacks a hash function")
      written = count
    }
  }
}
