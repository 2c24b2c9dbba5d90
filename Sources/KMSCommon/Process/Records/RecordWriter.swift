internal import Glibc
public import KMSRecords

/// Writes records to a file descriptor, one line each.
///
/// Lines are collected until `flush`, which a stage calls before it waits for input again; a slow reader holds
/// the stage back there.
public final class RecordWriter {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Told of each record that is written.
  public var onWrite: ((Record) -> Void)?

  /// Writes to `descriptor`, standard output unless told otherwise; the descriptor stays the caller's.
  public init(descriptor: Int32 = 1) { self.descriptor = descriptor }

  /// Adds a record's line; flushes when 256 KiB have been collected.
  ///
  /// - Throws: as `flush`.
  public func write(_ record: Record) throws {
    if buffer.count + record.lineLength > Self.usualSize { try flush() }
    record.write(to: &buffer)
    onWrite?(record)
    if buffer.count >= Self.usualSize { try flush() }
  }

  /// How many bytes are collected, unless one line is longer.
  private static let usualSize = 256 << 10

  /// Hands everything to the operating system.
  ///
  /// - Throws: `BrokenPipe` when the reader is gone, `ProgramFailure` (74) when writing fails otherwise.
  public func flush() throws {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno == EPIPE {
        throw BrokenPipe()
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        throw ProgramFailure(.io, "writing standard output failed: \(String(cString: strerror(errno)))")
      }
    }
    buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.usualSize)  // a very long line is forgotten
  }
}
