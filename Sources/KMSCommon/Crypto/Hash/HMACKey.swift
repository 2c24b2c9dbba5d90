internal import COpenSSL
internal import CSodium

/// HMAC-SHA-256 (RFC 2104) under a key that is used again and again: what depends on the key alone is computed once.
///
/// No allocation for each message; a short message costs two compressions fewer than `HMAC.sha256`.
public final class HMACKey: Sendable {
  /// Two states of SHA-256 that have absorbed the key: the inner one, then the outer one.
  private let states: SecretBytes

  private static let stateSize = MemoryLayout<SHA256_CTX>.stride

  /// Takes a key of at most 64 bytes.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` for a longer one.
  public init(_ key: SecretBytes) throws(CryptoError) {
    guard key.count <= 64 else { throw .parameter("a key for many messages has at most 64 bytes") }
    states = try unsafe SecretBytes(
      count: 2 * Self.stateSize,
      filling: { out in
        for (index, mask) in [(0, UInt8(0x36)), (1, UInt8(0x5c))] {
          var block = [UInt8](repeating: mask, count: 64)
          key.withBytes { key in for i in key.indices { block[i] ^= key[i] } }
          var state = SHA256_CTX()
          unsafe SHA256_Init(&state)
          unsafe SHA256_Update(&state, block, 64)
          unsafe out.storeBytes(of: state, toByteOffset: index * Self.stateSize, as: SHA256_CTX.self)
          block.wipe()
          unsafe sodium_memzero(&state, MemoryLayout<SHA256_CTX>.size)
        }
      })
  }

  /// Writes the 32 bytes of the code of the bytes in `range` directly behind them.
  public func authenticate(_ range: Range<Int>, of bytes: inout MutableSpan<UInt8>) {
    // The caller's own buffer, never a length from outside: writing beyond it would be worse than no process.
    precondition(range.lowerBound >= 0 && range.upperBound + 32 <= bytes.count, "an HMAC has 32 bytes")
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      unsafe authenticate(
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])),
        to: bytes.baseAddress.map { unsafe $0 + range.upperBound })
    }
  }

  /// Writes the 32 bytes of the code of `message` to `tag`, which may lie directly behind it.
  private func authenticate(_ message: UnsafeRawBufferPointer, to tag: UnsafeMutablePointer<UInt8>?) {
    unsafe states.withUnsafeBytes { states in
      var state = unsafe states.loadUnaligned(fromByteOffset: 0, as: SHA256_CTX.self)
      var outer = unsafe states.loadUnaligned(fromByteOffset: Self.stateSize, as: SHA256_CTX.self)
      unsafe SHA256_Update(&state, message.baseAddress, message.count)
      unsafe SHA256_Final(tag, &state)
      unsafe SHA256_Update(&outer, tag, 32)
      unsafe SHA256_Final(tag, &outer)
      unsafe sodium_memzero(&state, MemoryLayout<SHA256_CTX>.size)
      unsafe sodium_memzero(&outer, MemoryLayout<SHA256_CTX>.size)
    }
  }

  /// The 32 bytes of the code of `message`.
  public func authenticate(_ message: Span<UInt8>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, count in
      unsafe message.withUnsafeBytes { unsafe authenticate($0, to: out.baseAddress) }
      count = 32
    }
  }

  /// The 32 bytes of the code of `message`.
  public func authenticate(_ message: [UInt8]) -> [UInt8] { authenticate(message.span) }

  /// A code that is computed while its message is read.
  public struct Stream: ~Copyable {
    private var state: SHA256_CTX
    private var outer: SHA256_CTX

    init(_ key: HMACKey) {
      (state, outer) = unsafe key.states.withUnsafeBytes { states in
        unsafe (
          states.loadUnaligned(fromByteOffset: 0, as: SHA256_CTX.self),
          states.loadUnaligned(fromByteOffset: HMACKey.stateSize, as: SHA256_CTX.self)
        )
      }
    }

    /// Takes in the next bytes of the message.
    public mutating func update(_ bytes: Span<UInt8>) {
      unsafe bytes.withUnsafeBufferPointer { _ = unsafe SHA256_Update(&state, $0.baseAddress, $0.count) }
    }

    /// The 32 bytes of the code.
    public consuming func finish() -> [UInt8] {
      var tag = [UInt8](repeating: 0, count: 32)
      unsafe SHA256_Final(&tag, &state)
      unsafe SHA256_Update(&outer, tag, 32)
      unsafe SHA256_Final(&tag, &outer)
      unsafe sodium_memzero(&state, MemoryLayout<SHA256_CTX>.size)
      unsafe sodium_memzero(&outer, MemoryLayout<SHA256_CTX>.size)
      return tag
    }
  }

  /// Begins a message.
  public func stream() -> Stream { Stream(self) }
}
