internal import CSodium
internal import Synchronization

/// Hands out protected memory in slots of 64 to 1024 bytes from larger guarded blocks; larger secrets get a
/// block of their own.
///
/// Memory is zero when handed out: a new block is cleared, and a slot is cleared when it comes back. Blocks of
/// slots are kept for the life of the process.
final class SecretHeap: Sendable {
  static let shared = SecretHeap()

  /// A piece of protected memory.
  @safe struct Allocation: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let capacity: Int
  }

  @safe private struct State: @unchecked Sendable {
    /// Free slots of 64, 128, 256, 512 and 1024 bytes.
    var free: [[UnsafeMutableRawPointer]] = unsafe Array(repeating: [], count: 5)
    var lockFailed = false
  }

  private static let blockSize = 16 * 1024
  private static let smallestSlot = 64
  private static let largestSlot = 1024
  private let state = Mutex(State())

  // libsodium wants this before any other call; false when the system offers no random source.
  private let isReady = sodium_init() >= 0

  private init() {}

  /// Whether a block could not be locked into memory so far.
  var lockFailed: Bool { state.withLock { $0.lockFailed } }

  func allocate(_ count: Int) throws(CryptoError) -> Allocation {
    guard isReady, count >= 0 else { throw .noSecretMemory }
    if count > Self.largestSlot {
      guard let own = unsafe state.withLock({ unsafe Self.block(of: count, &$0) }) else {
        throw .noSecretMemory
      }
      return unsafe Allocation(address: own, capacity: count)
    }
    let (index, size) = Self.slotClass(count)
    let address = unsafe state.withLock { state -> UnsafeMutableRawPointer? in
      if let slot = unsafe state.free[index].popLast() { return unsafe slot }
      guard let block = unsafe Self.block(of: Self.blockSize, &state) else { return nil }
      unsafe state.free[index] = unsafe stride(from: size, to: Self.blockSize, by: size).map {
        unsafe block + $0
      }
      return unsafe block
    }
    guard let address = unsafe address else { throw .noSecretMemory }
    return unsafe Allocation(address: address, capacity: size)
  }

  func release(_ allocation: Allocation) {
    if allocation.capacity > Self.largestSlot {
      unsafe sodium_free(allocation.address)  // wipes
      return
    }
    unsafe sodium_memzero(allocation.address, allocation.capacity)
    let (index, _) = Self.slotClass(allocation.capacity)
    state.withLock { unsafe $0.free[index].append(allocation.address) }
  }

  private static func slotClass(_ count: Int) -> (index: Int, size: Int) {
    var index = 0
    var size = smallestSlot
    while size < count {
      size *= 2
      index += 1
    }
    return (index, size)
  }

  private static func block(of size: Int, _ state: inout State) -> UnsafeMutableRawPointer? {
    guard let block = unsafe sodium_malloc(size) else { return nil }
    // sodium_malloc locks and does not say whether that worked. Locking again costs nothing and tells.
    if unsafe sodium_mlock(block, size) != 0 { state.lockFailed = true }
    unsafe sodium_memzero(block, size)  // sodium_malloc fills with 0xdb
    return unsafe block
  }
}
