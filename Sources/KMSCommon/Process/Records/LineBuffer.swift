internal import Glibc

/// Bytes that were read and not yet taken as lines; grows to the longest line and moves what is left to the front.
@safe final class LineBuffer {
  private static let usualSize = 256 << 10

  // Of malloc(3), not an array, for `resize`. Its own from here to `deinit`; `start` and `end` lie within it.
  private var storage = unsafe UnsafeMutableRawBufferPointer(
    start: malloc(LineBuffer.usualSize), count: LineBuffer.usualSize)
  private var start = 0
  private var end = 0
  /// Up to where there is known to be no newline.
  private var scanned = 0

  deinit { unsafe free(storage.baseAddress) }

  /// The number of bytes that are waiting.
  var count: Int { end - start }

  /// Gives `body` the bytes up to the next newline, which is dropped; nil when there is none.
  func takeLine<R>(orRest: Bool, _ body: (Span<UInt8>) -> R) -> R? {
    guard let base = unsafe storage.baseAddress else { return nil }
    let newline = unsafe memchr(base + scanned, 0x0A, end - scanned).map {
      unsafe UnsafeRawPointer($0) - UnsafeRawPointer(base)
    }
    scanned = end
    guard let lineEnd = newline ?? (orRest && count > 0 ? end : nil) else { return nil }
    let range = start..<lineEnd
    start = min(lineEnd + 1, end)
    scanned = start
    return body(unsafe storage.bindMemory(to: UInt8.self).span.extracting(range))
  }

  /// Forgets everything.
  func removeAll() {
    start = 0
    end = 0
    scanned = 0
  }

  /// Room for at least 64 KiB more, to be filled by `body`, which returns how many bytes it wrote.
  func append(_ body: (inout MutableSpan<UInt8>) -> Int) -> Int {
    shrink()
    if unsafe storage.count - end < 64 << 10 { makeRoom() }
    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[end...])
    var room = unsafe rest.bindMemory(to: UInt8.self).mutableSpan
    let count = body(&room)
    if count > 0 { end += count }
    return count
  }

  private func makeRoom() {
    if start > 0, let base = unsafe storage.baseAddress {
      unsafe memmove(base, base + start, count)
      end -= start
      scanned -= start
      start = 0
    }
    guard unsafe storage.count - end < 64 << 10 else { return }
    unsafe resize(to: storage.count * 2)
  }

  /// Gives back the room of a very long line once it was taken and little is left.
  private func shrink() {
    guard unsafe storage.count > 4 * Self.usualSize, count < Self.usualSize / 2,
      let base = unsafe storage.baseAddress
    else {
      return
    }
    unsafe memmove(base, base + start, count)
    end -= start
    scanned -= start
    start = 0
    resize(to: Self.usualSize)
  }

  /// The memory moves without being copied where the C library can map it elsewhere.
  private func resize(to size: Int) {
    guard let moved = unsafe realloc(storage.baseAddress, size) else { abort() }
    unsafe storage = UnsafeMutableRawBufferPointer(start: moved, count: size)
  }
}
