internal import CSodium

/// A secret of fixed length: keys, seeds, mnemonics, passwords.
///
/// The bytes live in memory of libsodium's guarded heap (`sodium_malloc`): locked against swapping where the
/// limit allows it, left out of core dumps, with guard pages around each block, and wiped when the last
/// reference goes. Small secrets share blocks (`SecretHeap`), because a block of its own costs three pages and
/// four system calls.
///
/// A secret is never `Codable`, prints as `<redacted>`, and compares in constant time.
public final class SecretBytes: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  // Sendable although it holds a pointer: the bytes are written only inside `init`, before the object is shared.
  private let storage: SecretHeap.Allocation

  /// The number of bytes.
  public let count: Int

  /// Creates a secret of `count` bytes, filled by `body`; memory is zero before.
  ///
  /// - Throws: `CryptoError.noSecretMemory`, or what `body` throws (the memory is wiped then, too).
  public init<E: Error>(count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws {
    storage = try SecretHeap.shared.allocate(count)
    self.count = count
    try body(UnsafeMutableRawBufferPointer(start: storage.address, count: count))
  }

  /// Copies `bytes` into protected memory and wipes nothing: the caller wipes its own copy.
  public convenience init(copying bytes: some Collection<UInt8>) throws {
    try self.init(count: bytes.count) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      _ = UnsafeMutableRawBufferPointer(out).initializeMemory(as: UInt8.self, from: bytes)
    }
  }

  /// Moves `bytes` into protected memory: the array is overwritten with zeros before this returns.
  public convenience init(moving bytes: inout [UInt8]) throws {
    defer { bytes.wipe() }
    try self.init(copying: bytes)
  }

  /// Creates `count` random bytes from the system's generator.
  public static func random(count: Int) throws -> SecretBytes {
    try SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      if let base = out.baseAddress { randombytes_buf(base, out.count) }
    }
  }

  deinit { SecretHeap.shared.release(storage) }

  /// Gives `body` the bytes; the pointer must not outlive the call.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: storage.address, count: count))
  }

  /// Returns the bytes `range` as a secret of their own.
  public func slice(_ range: Range<Int>) throws -> SecretBytes {
    try withUnsafeBytes { try SecretBytes(copying: $0[range]) }
  }

  /// Returns the hexadecimal text of the secret (lower case ASCII), itself protected; 2 × `count` bytes.
  public func hexEncoded() throws -> SecretBytes {
    try SecretBytes(count: count * 2) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
        for i in 0..<bytes.count {
          out[2 * i] = Hex.digit(bytes[i] >> 4)
          out[2 * i + 1] = Hex.digit(bytes[i] & 15)
        }
      }
    }
  }

  /// Reads the secret as hexadecimal text, an optional `0x` first; nil when it is not.
  public func hexDecoded() throws -> SecretBytes? {
    try withUnsafeBytes { text -> SecretBytes? in
      let prefixed = text.count >= 2 && text[0] == 48 && (text[1] | 32) == 120
      let digits = UnsafeRawBufferPointer(rebasing: text[(prefixed ? 2 : 0)...])
      guard digits.count % 2 == 0 else { return nil }
      var isHex = true
      let decoded = try SecretBytes(count: digits.count / 2) {
        (out: UnsafeMutableRawBufferPointer) throws(Never) in
        for i in 0..<out.count {
          guard let high = Hex.value(of: digits[2 * i]), let low = Hex.value(of: digits[2 * i + 1]) else {
            isHex = false
            return
          }
          out[i] = high << 4 | low
        }
      }
      return isHex ? decoded : nil
    }
  }

  /// Compares in time that depends on the lengths only.
  public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
    guard a.count == b.count else { return false }
    return sodium_memcmp(a.storage.address, b.storage.address, a.count) == 0
  }

  /// Always `<redacted>`.
  public var description: String { "<redacted>" }
  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
  /// Overwrites the array with zeros in a way that the optimiser keeps.
  public mutating func wipe() {
    withUnsafeMutableBytes { if let base = $0.baseAddress { sodium_memzero(base, $0.count) } }
  }
}
