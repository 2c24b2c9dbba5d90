internal import Glibc
public import KMSCrypto

/// Reading and writing descriptors, whatever interrupts a call and however much of it one call takes.
public enum Descriptor {
  /// Why a call failed.
  public struct Failure: Error, Hashable, Sendable {
    /// The error's number (errno(3)).
    public let number: Int32

    init(number: Int32) { self.number = number }

    /// The error in words.
    public var reason: String { String(cString: strerror(number)) }
  }

  /// Reads until `buffer` is full or the input ends; returns how many bytes came. Where there is nothing for now, it is
  /// waited for: a parent may have made the descriptor a non-blocking one.
  ///
  /// - Parameter place: where in a file to read from; nil for where the descriptor is.
  public static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at place: UInt64? = nil
  ) throws(Failure) -> Int {
    var filled = 0
    while filled < buffer.count, let base = buffer.baseAddress {
      let (start, room) = (base + filled, buffer.count - filled)
      let count =
        place.map { pread(descriptor, start, room, off_t(clamping: $0) + off_t(filled)) }
        ?? Glibc.read(descriptor, start, room)
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
      let count: Int
      do { count = try chunk.withUnsafeMutableBytes { try read(descriptor, into: $0) } } catch let error
        as Failure
      { throw error } catch { throw Failure(number: EIO) }
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
    let buffer = try SecretBytes(count: limit + 1) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      do throws(Failure) { filled = try read(descriptor, into: out) } catch { failure = error }
    }
    if let failure { throw failure }
    return filled <= limit ? try buffer.slice(0..<filled) : nil
  }

  /// Writes everything; where the reader takes nothing for now, it is waited for.
  ///
  /// - Parameter place: where in a file to write to; nil for where the descriptor is.
  public static func write(
    _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at place: UInt64? = nil
  ) throws(Failure) {
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      let (start, rest) = (base + written, bytes.count - written)
      let count =
        place.map { pwrite(descriptor, start, rest, off_t(clamping: $0) + off_t(written)) }
        ?? Glibc.write(descriptor, start, rest)
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
  public static func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws {
    do throws(Failure) { try write(descriptor, bytes) } catch {
      if error.number == EPIPE { throw BrokenPipe() }
      throw ProgramFailure(.io, "writing standard output failed: \(error.reason)")
    }
  }

  /// A line that a person types, up to Enter, of at most 100 bytes and without echo being touched.
  public static func answer(_ terminal: Int32) -> String {
    var line: [UInt8] = []
    while line.count < 100 {
      var byte: UInt8 = 0
      let count = withUnsafeMutableBytes(of: &byte) { (try? read(terminal, into: $0)) ?? 0 }
      // The key Enter, whatever state a program that crashed has left the terminal in.
      if count == 0 || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }

  private static func wait(_ descriptor: Int32, for event: Int32) {
    var wait = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    _ = poll(&wait, 1, -1)
  }

  /// The descriptors that this process has open.
  public static func open() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    let own = dirfd(folder)
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let descriptor = Int32(name), descriptor != own { found.append(descriptor) }
    }
    return found
  }
}
