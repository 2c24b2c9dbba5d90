internal import COpenSSL
internal import CSodium

/// Hash functions of one call. Each has a second form for memory that holds a secret; its result is as public as
/// the caller makes it.
public enum Hash {
  /// Returns the SHA-256 (FIPS 180-4) of `bytes`, 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] { sha256(bytes.span) }
  /// Returns the SHA-256 of `bytes`, 32 bytes.
  public static func sha256(_ bytes: Span<UInt8>) -> [UInt8] {
    // OpenSSL uses the processor's instructions for it, libsodium does not: four times as fast on a transaction. Not by
    // EVP_Digest, which allocates two blocks for each hash.
    unsafe array(of: 32) { out in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        var state = SHA256_CTX()
        unsafe SHA256_Init(&state)
        unsafe SHA256_Update(&state, bytes.baseAddress, bytes.count)
        unsafe SHA256_Final(out, &state)
        unsafe sodium_memzero(&state, MemoryLayout<SHA256_CTX>.size)
      }
    }
  }

  /// Returns SHA-256 of the SHA-256 of `bytes`, 32 bytes (HASH256).
  public static func sha256d(_ bytes: [UInt8]) -> [UInt8] { sha256d(bytes.span) }
  /// Returns SHA-256 of the SHA-256 of `bytes`, 32 bytes.
  public static func sha256d(_ bytes: Span<UInt8>) -> [UInt8] {
    var inner = sha256(bytes)
    defer { inner.wipe() }
    return sha256(inner)
  }

  /// Returns the SHA-512 (FIPS 180-4) of `bytes`, 64 bytes.
  public static func sha512(_ bytes: [UInt8]) -> [UInt8] { sha512(bytes.span) }
  /// Returns the SHA-512 of `bytes`, 64 bytes.
  public static func sha512(_ bytes: Span<UInt8>) -> [UInt8] {
    unsafe array(of: 64) { out in
      unsafe bytes.withUnsafeBufferPointer {
        _ = unsafe crypto_hash_sha512(out, $0.baseAddress, UInt64($0.count))
      }
    }
  }

  /// Returns the first 32 bytes of SHA-512 of `bytes` ("SHA-512Half"; not SHA-512/256).
  public static func sha512Half(_ bytes: [UInt8]) -> [UInt8] { sha512Half(bytes.span) }
  /// Returns the first 32 bytes of SHA-512 of `bytes`.
  public static func sha512Half(_ bytes: Span<UInt8>) -> [UInt8] {
    var whole = sha512(bytes)
    defer { whole.wipe() }
    return Array(whole.prefix(32))
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Returns SHA-512/256 (FIPS 180-4, initial values of its own) of `bytes`, 32 bytes.
  public static func sha512_256(_ bytes: [UInt8]) -> [UInt8] { sha512_256(bytes.span) }
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Returns SHA-512/256 of `bytes`, 32 bytes.
  public static func sha512_256(_ bytes: Span<UInt8>) -> [UInt8] {
    unsafe OpenSSL.digest(OpenSSL.sha512of256, bytes, count: 32)
  }

  /// Returns RIPEMD-160 (ISO/IEC 10118-3) of `bytes`, 20 bytes.
  public static func ripemd160(_ bytes: [UInt8]) -> [UInt8] { ripemd160(bytes.span) }
  /// Returns RIPEMD-160 of `bytes`, 20 bytes.
  public static func ripemd160(_ bytes: Span<UInt8>) -> [UInt8] {
    unsafe OpenSSL.digest(OpenSSL.ripemd160, bytes, count: 20)
  }

  /// Returns RIPEMD-160 of the SHA-256 of `bytes`, 20 bytes (HASH160).
  public static func hash160(_ bytes: [UInt8]) -> [UInt8] { ripemd160(sha256(bytes)) }
  /// Returns RIPEMD-160 of the SHA-256 of `bytes`, 20 bytes.
  public static func hash160(_ bytes: Span<UInt8>) -> [UInt8] {
    var inner = sha256(bytes)
    defer { inner.wipe() }
    return ripemd160(inner)
  }

  /// Returns Keccak-256 with the padding of the original submission (the EVM's), 32 bytes; not SHA3-256.
  public static func keccak256(_ bytes: [UInt8]) -> [UInt8] { keccak256(bytes.span) }
  /// Returns Keccak-256 with the original padding, 32 bytes.
  public static func keccak256(_ bytes: Span<UInt8>) -> [UInt8] { Keccak256.hash(bytes) }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Returns SHA3-256 (FIPS 202) of `bytes`, 32 bytes.
  public static func sha3_256(_ bytes: [UInt8]) -> [UInt8] { sha3_256(bytes.span) }
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Returns SHA3-256 of `bytes`, 32 bytes.
  public static func sha3_256(_ bytes: Span<UInt8>) -> [UInt8] {
    unsafe OpenSSL.digest(OpenSSL.sha3of256, bytes, count: 32)
  }

  /// Returns BLAKE2b (RFC 7693) of `bytes` without a key; `count` is the length of the digest, 1 to 64 bytes.
  public static func blake2b(_ bytes: [UInt8], count: Int) -> [UInt8] {
    blake2b(bytes.span, count: count)
  }
  /// Returns BLAKE2b of `bytes` without a key; `count` is the length of the digest, 1 to 64 bytes.
  public static func blake2b(_ bytes: Span<UInt8>, count: Int) -> [UInt8] {
    // Callers name a constant: a digest of another length would be none that anybody knows.
    precondition((1...64).contains(count), "BLAKE2b gives 1 to 64 bytes")
    _ = SecretHeap.shared  // libsodium chooses its fastest code when it is initialised
    return unsafe array(of: count) { out in
      unsafe bytes.withUnsafeBufferPointer {
        _ = unsafe crypto_generichash_blake2b(out, count, $0.baseAddress, UInt64($0.count), nil, 0)
      }
    }
  }

  /// An array that a function of libsodium fills, which writes exactly `count` bytes.
  @inline(__always)
  private static func array(of count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { out, written in
      guard let base = out.baseAddress else { return }
      unsafe fill(base)
      written = count
    }
  }
}
