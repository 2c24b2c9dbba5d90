internal import COpenSSL
internal import CSecp256k1
internal import CSodium
internal import KMSCrypto

/// The nonce of RFC 6979 with HMAC-SHA-256, hashed by the processor's SHA instructions where there are any.
///
/// libsecp256k1 hashes its nonces in portable C, which is a fifth of the work of a signature. This function gives the
/// same bytes as `secp256k1_nonce_function_rfc6979` for every input (a test compares them); below it stands nothing but
/// OpenSSL's SHA-256.
enum DeterministicNonce {
  /// For `secp256k1_ecdsa_sign_recoverable`: fills `nonce` (32 bytes) from `message` and `key` (32 bytes each), and, if
  /// given, `data` (32 bytes) and `algorithm` (16 bytes); `attempt` counts from 0.
  static let function: secp256k1_nonce_function = { nonce, message, key, algorithm, data, attempt in
    guard let nonce = unsafe nonce, let message = unsafe message, let key = unsafe key else { return 0 }
    return unsafe withUnsafeTemporaryAllocation(of: Generator.self, capacity: 1) { memory -> Int32 in
      guard let generator = memory.baseAddress else { return 0 }
      unsafe generator.initialize(to: Generator())
      defer { unsafe sodium_memzero(generator, MemoryLayout<Generator>.size) }
      // RFC 6979 section 3.2 d, and what is added to it by section 3.6, in the order of libsecp256k1.
      unsafe generator.pointee.absorb(key, count: 32)
      unsafe generator.pointee.absorb(message, count: 32)
      unsafe generator.pointee.reduceDigest()
      if let data = unsafe data { unsafe generator.pointee.absorb(UnsafeRawPointer(data), count: 32) }
      if let algorithm = unsafe algorithm { unsafe generator.pointee.absorb(algorithm, count: 16) }
      unsafe generator.pointee.start()
      for _ in 0..<attempt { unsafe generator.pointee.skip() }
      unsafe withUnsafeBytes(of: &generator.pointee.value) { unsafe nonce.copyBytes(from: $0) }
      return 1
    }
  }
}

/// The generator of RFC 6979 section 3.2. All of its state is in it, so that its owner can wipe everything at once.
///
/// What is unsafe in it are addresses of its own fields, with lengths that lie within them: the seed has at most 112 bytes.
private struct Generator {
  typealias Words = (UInt64, UInt64, UInt64, UInt64)

  /// V.
  var value: Words = (
    0x0101_0101_0101_0101, 0x0101_0101_0101_0101, 0x0101_0101_0101_0101, 0x0101_0101_0101_0101
  )
  /// K, padded with zeros to a block of SHA-256.
  private var key: (Words, Words) = ((0, 0, 0, 0), (0, 0, 0, 0))
  /// V, a marker, and the seed, of at most 112 bytes: what K is renewed with.
  private var text: (Words, Words, Words, Words, Words) = (
    (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)
  )
  private var textCount = 33
  private var inner = SHA256_CTX()
  private var outer = SHA256_CTX()
  private var hash = SHA256_CTX()

  /// Adds to the seed.
  mutating func absorb(_ bytes: UnsafeRawPointer, count: Int) {
    let start = textCount
    unsafe withUnsafeMutableBytes(of: &text) { text in
      guard start + count <= text.count else { return }
      unsafe text[start..<start + count].copyBytes(from: UnsafeRawBufferPointer(start: bytes, count: count))
    }
    textCount += count
  }

  /// bits2octets (section 2.3.4): of the digest, which ends the seed so far, its rest modulo the group order, which is above
  /// 2^255, so that one subtraction does. A digest is no secret.
  mutating func reduceDigest() {
    let order = Secp256k1.order
    let end = textCount
    unsafe withUnsafeMutableBytes(of: &text) { text in
      let digest = unsafe UnsafeMutableRawBufferPointer(rebasing: text[end - 32..<end])
      guard unsafe !digest.lexicographicallyPrecedes(order) else { return }
      var borrow = 0
      for i in (0..<32).reversed() {
        let difference = unsafe Int(digest[i]) - Int(order[i]) - borrow
        borrow = difference < 0 ? 1 : 0
        unsafe digest[i] = UInt8(truncatingIfNeeded: difference)
      }
    }
  }

  /// Steps d to h: V is the first candidate.
  mutating func start() {
    takeKey()
    renewKey(marker: 0, count: textCount)
    authenticateValue()
    renewKey(marker: 1, count: textCount)
    authenticateValue()
    authenticateValue()
  }

  /// Step h, third point: V is the next candidate.
  mutating func skip() {
    renewKey(marker: 0, count: 33)
    authenticateValue()
    authenticateValue()
  }

  /// K = HMAC(K, V || marker || seed).
  private mutating func renewKey(marker: UInt8, count: Int) {
    unsafe withUnsafeMutableBytes(of: &text) { text in
      unsafe withUnsafeBytes(of: &value) { unsafe text.copyBytes(from: $0) }
      unsafe text[32] = marker
    }
    hash = inner
    unsafe SHA256_Update(&hash, &text, count)
    unsafe withUnsafeMutableBytes(of: &key.0) { key in _ = unsafe SHA256_Final(key.bytes, &hash) }
    hash = outer
    unsafe SHA256_Update(&hash, &key.0, 32)
    unsafe withUnsafeMutableBytes(of: &key.0) { key in _ = unsafe SHA256_Final(key.bytes, &hash) }
    takeKey()
  }

  /// V = HMAC(K, V).
  private mutating func authenticateValue() {
    hash = inner
    unsafe SHA256_Update(&hash, &value, 32)
    unsafe withUnsafeMutableBytes(of: &value) { value in _ = unsafe SHA256_Final(value.bytes, &hash) }
    hash = outer
    unsafe SHA256_Update(&hash, &value, 32)
    unsafe withUnsafeMutableBytes(of: &value) { value in _ = unsafe SHA256_Final(value.bytes, &hash) }
  }

  /// Lets both hashes of RFC 2104 absorb K.
  private mutating func takeKey() {
    maskKey(with: 0x36)
    unsafe SHA256_Init(&inner)
    unsafe SHA256_Update(&inner, &key, 64)
    maskKey(with: 0x36 ^ 0x5c)
    unsafe SHA256_Init(&outer)
    unsafe SHA256_Update(&outer, &key, 64)
    maskKey(with: 0x5c)
  }

  private mutating func maskKey(with mask: UInt8) {
    unsafe withUnsafeMutableBytes(of: &key) { key in for i in key.indices { unsafe key[i] ^= mask } }
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate var bytes: UnsafeMutablePointer<UInt8>? {
    unsafe assumingMemoryBound(to: UInt8.self).baseAddress
  }
}

extension UnsafeMutablePointer<UInt8> {
  fileprivate func copyBytes(from bytes: UnsafeRawBufferPointer) {
    unsafe UnsafeMutableRawBufferPointer(start: self, count: bytes.count).copyMemory(from: bytes)
  }
}
