internal import Glibc
public import KMSCrypto
internal import KMSPrimitives

/// Reading and writing descriptors, whatever interrupts a call and however much of it one call takes.
public enum Descriptor {
  /// Why a call failed.
  public struct Failure: Error, Hashable, Sendable {
    /// The error's number (errno(3)).
    public let number: Int32

    init(number: Int32) { self.number = number }

    /// The error in words.
    public var reason: String { System.reason(number) }
  }

  /// Reads until `buffer` is full or the input ends; returns how many bytes came. Where there is nothing for now, it is
  /// waited for: a parent may have made the descriptor a non-blocking one.
  ///
  /// - Parameter place: where in a file to read from; nil for where the descriptor is.
  public static func read(
    _ descriptor: Int32, into buffer: inout MutableSpan<UInt8>, at place: UInt64? = nil
  ) throws(Failure) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = unsafe buffer.withUnsafeMutableBytes { buffer in
        // Within the buffer, since `filled` is below its length.
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        guard let place else { return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count) }
        return unsafe pread(
          descriptor, rest.baseAddress, rest.count, off_t(clamping: place) + off_t(filled))
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        wait(descriptor, for: POLLIN)
        continue
      }
      guard count >= 0 else { throw Failure(number: errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Reads to the end what is no secret; nil when there are more than `limit` bytes.
  public static func bytes(_ descriptor: Int32, limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var room = chunk.mutableSpan
      let count = try read(descriptor, into: &room)
      guard bytes.count + count <= limit else { return nil }
      bytes += chunk[..<count]
      if count < chunk.count { return bytes }
    }
  }

  /// Reads a secret to its end, without a copy outside of protected memory; nil when it has more than `limit` bytes.
  ///
  /// - Throws: `Failure`; `CryptoError` when there is no memory for it.
  public static func secret(_ descriptor: Int32, limit: Int) throws -> SecretBytes? {
    var filled = 0
    var failure: Failure?
    let buffer = try SecretBytes(
      count: limit + 1,
      writing: { out in
        do throws(Failure) { filled = try read(descriptor, into: &out) } catch { failure = error }
      })
    if let failure { throw failure }
    return filled <= limit ? try buffer.slice(0..<filled) : nil
  }

  /// Writes everything; where the reader takes nothing for now, it is waited for.
  ///
  /// - Parameter place: where in a file to write to; nil for where the descriptor is.
  public static func write(
    _ descriptor: Int32, _ bytes: Span<UInt8>, at place: UInt64? = nil
  ) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.extracting(written...).withUnsafeBufferPointer { rest in
        guard let place else { return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count) }
        return unsafe pwrite(
          descriptor, rest.baseAddress, rest.count, off_t(clamping: place) + off_t(written))
      }
      if count > 0 {
        written += count
      } else if count == 0 {
        throw Failure(number: ENOSPC)
      } else if errno == EAGAIN {
        wait(descriptor, for: POLLOUT)
      } else if errno != EINTR {
        throw Failure(number: errno)
      }
    }
  }

  /// Writes everything to where a program's results go.
  ///
  /// - Throws: `BrokenPipe` when the reader is gone, `ProgramFailure` (74) when writing fails otherwise.
  public static func put(_ descriptor: Int32, _ bytes: Span<UInt8>) throws {
    do throws(Failure) { try write(descriptor, bytes) } catch {
      if error.number == EPIPE { throw BrokenPipe() }
      throw ProgramFailure(.io, "writing standard output failed: \(error.reason)")
    }
  }

  /// The same for the bytes of an array from a place on.
  public static func put(_ descriptor: Int32, _ bytes: [UInt8], from start: Int) throws {
    try put(descriptor, bytes.span.extracting(start...))
  }

  /// A line that a person types, up to Enter, of at most 100 bytes and without echo being touched.
  public static func answer(_ terminal: Int32) -> String {
    var line: [UInt8] = []
    var byte: [UInt8] = [0]
    while line.count < 100 {
      var room = byte.mutableSpan
      let count = (try? read(terminal, into: &room)) ?? 0
      // The key Enter, whatever state a program that crashed has left the terminal in.
      if count == 0 || byte[0] == UInt8(ascii: "\n") || byte[0] == UInt8(ascii: "\r") { break }
      line += byte
    }
    return String(decoding: line, as: UTF8.self)
  }

  private static func wait(_ descriptor: Int32, for event: Int32) {
    var wait = [pollfd(fd: descriptor, events: Int16(event), revents: 0)]
    _ = System.poll(&wait, milliseconds: -1)
  }

  /// The descriptors that this process has open.
  public static func open() -> [Int32] {
    guard let (names, own) = System.names(in: "/proc/self/fd") else { return [] }
    return names.compactMap { Int32($0) }.filter { $0 != own }
  }
}
