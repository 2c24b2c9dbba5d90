internal import CSodium
internal import KMSPrimitives

/// A secret of fixed length: keys, seeds, mnemonics, passwords.
///
/// The bytes live in memory of libsodium's guarded heap (`sodium_malloc`): locked against swapping where the
/// limit allows it (`SecretMemory.lockFailed()`), left out of core dumps, with guard pages around each block, and
/// wiped when the last reference goes. Small secrets share blocks (`SecretHeap`), because a block of its own
/// costs three pages and four system calls.
///
/// A secret is never `Codable`, prints as `<redacted>`, and compares in constant time.
public final class SecretBytes: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  // Sendable although it holds a pointer: the bytes are written only inside `init`, before the object is shared.
  private let storage: SecretHeap.Allocation

  /// The number of bytes.
  public let count: Int

  /// Creates a secret of `count` bytes, which a function of C writes that `body` calls; they are zero before.
  ///
  /// - Throws: `CryptoError.noSecretMemory`, or what `body` throws (the memory is wiped then, too).
  package init(
    count: Int, filling body: (UnsafeMutableRawBufferPointer) throws(CryptoError) -> Void
  ) throws(CryptoError) {
    storage = try SecretHeap.shared.allocate(count)
    self.count = count
    try unsafe body(UnsafeMutableRawBufferPointer(start: storage.address, count: count))
  }

  /// Creates a secret of `count` bytes, which `body` writes; they are zero before.
  ///
  /// - Throws: `CryptoError.noSecretMemory`.
  public init(count: Int, writing body: (inout MutableSpan<UInt8>) -> Void) throws(CryptoError) {
    storage = try SecretHeap.shared.allocate(count)
    self.count = count
    // The heap's slot has room for `count` bytes, which are zero, and nobody else knows it yet.
    let start = unsafe storage.address.assumingMemoryBound(to: UInt8.self)
    var bytes = unsafe MutableSpan(_unsafeStart: start, count: count)
    body(&bytes)
  }

  /// Copies `bytes` into protected memory and wipes nothing: the caller wipes its own copy.
  public convenience init(copying bytes: some Collection<UInt8>) throws(CryptoError) {
    try self.init(count: bytes.count, writing: { $0.write(bytes) })
  }

  /// Moves `bytes` into protected memory: the array is overwritten with zeros before this returns.
  ///
  /// Only this array's storage is wiped: a second variable that shares it keeps its own copy.
  public convenience init(moving bytes: inout [UInt8]) throws(CryptoError) {
    defer { bytes.wipe() }
    try self.init(copying: bytes)
  }

  /// Joins the bytes of several secrets into one.
  public convenience init(joining parts: [SecretBytes]) throws(CryptoError) {
    var total = 0
    for part in parts { total += part.count }
    try self.init(
      count: total,
      writing: { out in
        var offset = 0
        for part in parts {
          part.withBytes { out.write($0, at: offset) }
          offset += part.count
        }
      })
  }

  /// Creates `count` random bytes from the system's generator.
  public static func random(count: Int) throws(CryptoError) -> SecretBytes {
    try unsafe SecretBytes(
      count: count, filling: { if let base = $0.baseAddress { unsafe randombytes_buf(base, $0.count) } })
  }

  deinit { SecretHeap.shared.release(storage) }

  /// Gives `body` the bytes, to be read within the call only: the compiler sees to it.
  public func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    // Without this the optimiser may release, and so wipe, the object after its last use, before `body` ends.
    defer { withExtendedLifetime(self) {} }
    let start = unsafe UnsafePointer(storage.address.assumingMemoryBound(to: UInt8.self))
    return try body(unsafe Span(_unsafeStart: start, count: count))
  }

  /// Gives `body` the bytes; the pointer must not outlive the call.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    // Without this the optimiser may release, and so wipe, the object after its last use, before `body` ends.
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeRawBufferPointer(start: storage.address, count: count))
  }

  /// The same for C functions that want a pointer and know the length.
  package func withPointer<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R {
    defer { withExtendedLifetime(self) {} }
    return unsafe body(UnsafePointer(storage.address.assumingMemoryBound(to: UInt8.self)))
  }

  /// Returns the bytes `range` as a secret of their own.
  ///
  /// - Throws: `CryptoError` with code `invalid-encoding` when the range does not lie within the secret.
  public func slice(_ range: Range<Int>) throws(CryptoError) -> SecretBytes {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw .encoding("the secret is shorter than its format says")
    }
    return try SecretBytes(
      count: range.count, writing: { out in withBytes { out.write($0.extracting(range)) } })
  }

  /// Compares in time that depends on the lengths only.
  public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withPointer { left in
      unsafe b.withPointer { unsafe sodium_memcmp(left, $0, a.count) == 0 }
    }
  }

  /// Always `<redacted>`.
  public var description: String { "<redacted>" }
  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
  /// Overwrites the array with zeros in a way that the optimiser keeps.
  ///
  /// An array that shares its storage with another is copied first, and then only the copy is wiped.
  public mutating func wipe() {
    unsafe withUnsafeMutableBytes { if let base = $0.baseAddress { unsafe sodium_memzero(base, $0.count) } }
  }
}

extension MutableSpan where Element: BitwiseCopyable {
  /// Overwrites the memory with zeros in a way that the optimiser keeps.
  package mutating func wipe() {
    // Used for integers, of which all bits zero is one.
    unsafe withUnsafeMutableBytes { if let base = $0.baseAddress { unsafe sodium_memzero(base, $0.count) } }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Overwrites the memory with zeros in a way that the optimiser keeps.
  package func wipe() {
    if let baseAddress { unsafe sodium_memzero(baseAddress, count) }
  }
}
