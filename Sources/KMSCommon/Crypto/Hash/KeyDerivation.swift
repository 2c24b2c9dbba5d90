internal import COpenSSL
internal import CSodium

/// Derivation of keys from passwords and from other keys.
public enum KeyDerivation {
  /// Derives `count` bytes from a password by PBKDF2-HMAC-SHA-512 (RFC 8018 section 5.2).
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` unless rounds and count are positive.
  public static func pbkdf2SHA512(
    password: SecretBytes, salt: [UInt8], rounds: Int, count: Int
  ) throws(CryptoError) -> SecretBytes {
    try pbkdf2SHA512(password: password, salt: SecretBytes(copying: salt), rounds: rounds, count: count)
  }

  /// Derives `count` bytes from a password and a secret salt by PBKDF2-HMAC-SHA-512.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` unless rounds and count are positive.
  public static func pbkdf2SHA512(
    password: SecretBytes, salt: SecretBytes, rounds: Int, count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard rounds > 0, count > 0 else { throw .parameter("PBKDF2 needs at least one round and one byte") }
    return try unsafe password.withUnsafeBytes { (password) throws(CryptoError) in
      try unsafe salt.withUnsafeBytes { (salt) throws(CryptoError) in
        var iterations = UInt64(rounds)
        return try unsafe withUnsafeMutablePointer(to: &iterations) { (iterations) throws(CryptoError) in
          try unsafe derive(
            OpenSSL.pbkdf2, "PBKDF2", count: count,
            [
              text("digest", "SHA512"), octets("pass", password), octets("salt", salt),
              OSSL_PARAM_construct_uint64(name("iter"), iterations), OSSL_PARAM_construct_end(),
            ])
        }
      }
    }
  }

  /// Derives `count` bytes from a key by HKDF-SHA-256, extract and expand (RFC 5869).
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` unless count is 1 to 8160.
  public static func hkdfSHA256(
    key: SecretBytes, salt: [UInt8], info: [UInt8], count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard (1...255 * 32).contains(count) else { throw .parameter("HKDF-SHA-256 gives 1 to 8160 bytes") }
    let saltBytes = try SecretBytes(copying: salt)
    let infoBytes = try SecretBytes(copying: info)
    return try unsafe key.withUnsafeBytes { (key) throws(CryptoError) in
      try unsafe saltBytes.withUnsafeBytes { (salt) throws(CryptoError) in
        try unsafe infoBytes.withUnsafeBytes { (info) throws(CryptoError) in
          var parameters = unsafe [text("digest", "SHA256"), octets("key", key)]
          // OpenSSL refuses an empty salt; RFC 5869 section 2.2 takes zeros then, which is what no salt means.
          if unsafe !salt.isEmpty { unsafe parameters.append(octets("salt", salt)) }
          if unsafe !info.isEmpty { unsafe parameters.append(octets("info", info)) }
          unsafe parameters.append(OSSL_PARAM_construct_end())
          return try unsafe derive(OpenSSL.hkdf, "HKDF", count: count, parameters)
        }
      }
    }
  }

  /// Derives 32 bytes from a password by Argon2id version 1.3 with one lane (RFC 9106).
  ///
  /// - Parameters:
  ///   - salt: 16 bytes.
  ///   - passes: 1 to 2^32 - 1.
  ///   - memoryKiB: 8 to 4 GiB; the caller puts a ceiling on what a file may ask for.
  /// - Throws: `CryptoError` with code `invalid-parameter`, or `no-secret-memory` when there is not that much memory.
  public static func argon2id(
    password: SecretBytes, salt: [UInt8], passes: Int, memoryKiB: Int
  ) throws(CryptoError) -> SecretBytes {
    guard salt.count == crypto_pwhash_argon2id_saltbytes(), (1...Int(UInt32.max)).contains(passes),
      (8...4 * 1024 * 1024).contains(memoryKiB)
    else {
      throw .parameter("Argon2id needs a salt of 16 bytes, at least one pass, and 8 KiB to 4 GiB of memory")
    }
    return try unsafe SecretBytes(
      count: 32,
      filling: { (out) throws(CryptoError) in
        guard let base = out.baseAddress else { throw .noSecretMemory }
        let isDone =
          unsafe password.withUnsafeBytes {
            unsafe crypto_pwhash_argon2id(
              base, UInt64(out.count), $0.start, UInt64($0.count), salt, UInt64(passes), memoryKiB * 1024,
              crypto_pwhash_argon2id_alg_argon2id13())
          } == 0
        guard isDone else { throw .noSecretMemory }
      })
  }

  /// Derives `count` bytes as OpenSSL's `EVP_BytesToKey` with MD5 and one round does: CryptoJS's passphrase mode.
  ///
  /// Weak by today's measure: for reading the files of the original only.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` unless count is positive.
  public static func evpBytesToKeyMD5(
    password: SecretBytes, salt: [UInt8], count: Int
  ) throws(CryptoError) -> SecretBytes {
    guard count > 0, count <= 1024 else {
      throw .parameter("EVP_BytesToKey is limited to 1 to 1024 bytes here")
    }
    let saltBytes = try SecretBytes(copying: salt)
    // D(i) = MD5(D(i - 1) || password || salt), as EVP_BytesToKey(3) says; the key is D(1) || D(2) || …
    var derived = try SecretBytes(count: 0, writing: { _ in })
    var block = derived
    while derived.count < count {
      let input = try SecretBytes(joining: [block, password, saltBytes])
      block = try unsafe SecretBytes(
        count: 16,
        filling: { (out) throws(CryptoError) in
          var length: UInt32 = 0
          let isDone = unsafe input.withUnsafeBytes {
            unsafe EVP_Digest($0.baseAddress, $0.count, out.baseAddress, &length, OpenSSL.md5, nil) == 1
          }
          guard isDone, length == 16 else { throw .library("MD5") }
        })
      derived = try SecretBytes(joining: [derived, block])
    }
    return try derived.slice(0..<count)
  }

  private static func derive(
    _ algorithm: OpaquePointer?, _ name: String, count: Int, _ parameters: [OSSL_PARAM]
  ) throws(CryptoError) -> SecretBytes {
    guard let context = unsafe EVP_KDF_CTX_new(algorithm) else { throw .library(name) }
    defer { unsafe EVP_KDF_CTX_free(context) }  // wipes its copies
    return try unsafe SecretBytes(
      count: count,
      filling: { (out) throws(CryptoError) in
        guard unsafe EVP_KDF_derive(context, out.baseAddress, out.count, parameters) == 1 else {
          throw .library(name)
        }
      })
  }

  // OSSL_PARAM keeps the pointers it is given, so names and texts must be constants of the program.
  private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
  private static func text(_ key: StaticString, _ value: StaticString) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_utf8_string(name(key), UnsafeMutablePointer(mutating: name(value)), 0)
  }
  private static func octets(_ key: StaticString, _ bytes: UnsafeRawBufferPointer) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_octet_string(
      name(key), UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }
}
