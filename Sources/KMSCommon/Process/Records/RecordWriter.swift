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
    try buffer.withUnsafeBytes { try Descriptor.put(descriptor, $0) }
    buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.usualSize)  // a very long line is forgotten
  }
}
