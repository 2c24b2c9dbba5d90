internal import CSodium
internal import Synchronization

/// Hands out protected memory in slots of 64 to 1024 bytes from larger guarded blocks; larger secrets get a
/// block of their own.
final class SecretHeap: Sendable {
  static let shared = SecretHeap()

  /// A piece of protected memory, zero when handed out.
  struct Allocation: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let capacity: Int
  }

  private struct State: @unchecked Sendable {
    var free: [Int: [UnsafeMutableRawPointer]] = [:]
  }

  private static let blockSize = 16 * 1024
  private static let largestSlot = 1024
  private let state = Mutex(State())

  private init() { _ = sodium_init() }

  func allocate(_ count: Int) throws -> Allocation {
    guard count >= 0 else { throw CryptoError.noSecretMemory }
    if count > Self.largestSlot {
      guard let own = sodium_malloc(count) else { throw CryptoError.noSecretMemory }
      sodium_memzero(own, count)  // sodium_malloc fills with 0xdb
      return Allocation(address: own, capacity: count)
    }
    var capacity = 64
    while capacity < count { capacity *= 2 }
    let size = capacity
    let address = state.withLock { state -> UnsafeMutableRawPointer? in
      if let slot = state.free[size]?.popLast() { return slot }
      guard let block = sodium_malloc(Self.blockSize) else { return nil }
      sodium_memzero(block, Self.blockSize)
      state.free[size] = stride(from: size, to: Self.blockSize, by: size).map { block + $0 }
      return block
    }
    guard let address else { throw CryptoError.noSecretMemory }
    return Allocation(address: address, capacity: capacity)
  }

  func release(_ allocation: Allocation) {
    if allocation.capacity > Self.largestSlot {
      sodium_free(allocation.address)  // wipes
      return
    }
    sodium_memzero(allocation.address, allocation.capacity)
    state.withLock { $0.free[allocation.capacity, default: []].append(allocation.address) }
  }
}
