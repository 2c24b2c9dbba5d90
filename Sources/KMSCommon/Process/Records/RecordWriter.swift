internal import Glibc
public import KMSRecords

/// Writes records to a file descriptor, one line each.
///
/// `write` and `flush` wait for a slow reader, which is how it holds a stage back that does nothing else. A stage with
/// calls under way uses `add` and `push`, which never wait: it holds itself back when `hasRoom` is false.
public final class RecordWriter {
  /// Where it writes to; for who waits for other things at the same time.
  public let descriptor: Int32
  private var buffer: [UInt8] = []
  /// How much of the buffer was written.
  private var written = 0
  private lazy var isFile: Bool = {
    System.status(descriptor).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
  }()

  /// Told of each record that is written.
  public var onWrite: ((Record) -> Void)?

  /// Writes to `descriptor`, standard output unless told otherwise; the descriptor stays the caller's.
  public init(descriptor: Int32 = 1) { self.descriptor = descriptor }

  /// How many bytes are collected, unless one line is longer.
  private static let usualSize = 256 << 10
  /// What a pipe that poll(2) calls writable takes without waiting: PIPE_BUF of pipe(7).
  private static let smallPiece = 4096

  // MARK: Waiting

  /// Adds a record's line; flushes when 256 KiB have been collected.
  ///
  /// - Throws: as `flush`.
  public func write(_ record: Record) throws {
    try write(record, setting: nil, roomFor: 0) { _ in }
  }

  /// Adds a record's line with the member `name` set to a value; `value` appends its JSON text of some `count` bytes.
  ///
  /// - Throws: as `flush`.
  public func write(
    _ record: Record, setting name: String?, roomFor count: Int, _ value: (inout [UInt8]) -> Void
  ) throws {
    if buffer.count + record.lineLength + count > Self.usualSize { try flush() }
    record.write(to: &buffer, setting: name, value)
    onWrite?(record)
    if !hasRoom { try flush() }
  }

  /// Hands everything to the operating system.
  ///
  /// - Throws: `BrokenPipe` when the reader is gone, `ProgramFailure` (74) when writing fails otherwise.
  public func flush() throws {
    try Descriptor.put(descriptor, buffer, from: written)
    forget()
  }

  // MARK: Not waiting

  /// Whether everything was handed to the operating system.
  public var isEmpty: Bool { written == buffer.count }

  /// Whether less than 256 KiB are collected.
  public var hasRoom: Bool { buffer.count - written < Self.usualSize }

  /// Adds a record's line to what is collected.
  public func add(_ record: Record) {
    record.write(to: &buffer)
    onWrite?(record)
  }

  /// Hands over what the reader takes now.
  ///
  /// - Throws: as `flush`.
  public func push() throws {
    guard !isFile else { return try flush() }
    while !isEmpty, isWritable {
      let piece = min(Self.smallPiece, buffer.count - written)
      let count = unsafe buffer.withUnsafeBytes { bytes in
        // Within the buffer: `written` never is beyond its end.
        unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, piece)
      }
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN {
        break  // a parent made it a non-blocking one, and there was less room than poll(2) said
      } else if count == 0 || errno != EINTR {
        // Says what is wrong.
        return try flush()
      }
    }
    if isEmpty {
      forget()
    } else if written >= Self.usualSize {
      buffer.removeSubrange(..<written)
      written = 0
    }
  }

  private var isWritable: Bool {
    var question = [pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)]
    // Whatever is wrong with it, writing will tell.
    return System.poll(&question, milliseconds: 0) > 0
  }

  private func forget() {
    buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.usualSize)  // a very long line is forgotten
    written = 0
  }
}
