internal import Glibc

/// Bytes that were read and not yet taken as lines; grows to the longest line and moves what is left to the front.
final class LineBuffer {
  private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  private var start = 0
  private var end = 0
  /// Up to where there is known to be no newline.
  private var scanned = 0

  deinit { storage.deallocate() }

  /// The number of bytes that are waiting.
  var count: Int { end - start }

  /// Takes the bytes up to the next newline, which is dropped; nil when there is none.
  func takeLine(orRest: Bool) -> UnsafeRawBufferPointer? {
    guard let base = storage.baseAddress else { return nil }
    let newline = memchr(base + scanned, 0x0A, end - scanned).map {
      UnsafeRawPointer($0) - UnsafeRawPointer(base)
    }
    scanned = end
    guard let lineEnd = newline ?? (orRest && count > 0 ? end : nil) else { return nil }
    let line = UnsafeRawBufferPointer(rebasing: storage[start..<lineEnd])
    start = min(lineEnd + 1, end)
    scanned = start
    return line
  }

  /// Forgets everything.
  func removeAll() {
    start = 0
    end = 0
    scanned = 0
  }

  /// Room for at least 64 KiB more, to be filled by `body`, which returns how many bytes it wrote.
  func append(_ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    if storage.count - end < 64 << 10 { makeRoom() }
    let count = body(UnsafeMutableRawBufferPointer(rebasing: storage[end...]))
    if count > 0 { end += count }
    return count
  }

  private func makeRoom() {
    if start > 0, let base = storage.baseAddress {
      memmove(base, base + start, count)
      end -= start
      scanned -= start
      start = 0
    }
    guard storage.count - end < 64 << 10 else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<end]))
    storage.deallocate()
    storage = larger
  }
}
