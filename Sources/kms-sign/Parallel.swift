import KMSProcess

/// Work that splits into independent items.
enum Parallel {
  /// Calls `body` with each index from 0 to `count` - 1 and returns the results in order, on all cores.
  static func map<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    // Waking the other cores costs more than a few signatures.
    guard count >= 8 else { return (0..<count).map(body) }
    return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let slots = buffer
      let stride = 8
      Threads.forEach((count + stride - 1) / stride) { chunk in
        for i in chunk * stride..<min(count, (chunk + 1) * stride) {
          slots.initializeElement(at: i, to: body(i))
        }
      }
      initialized = count
    }
  }
}
