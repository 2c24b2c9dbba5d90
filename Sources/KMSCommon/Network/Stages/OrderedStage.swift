internal import KMSProcess
internal import KMSRecords

/// Reads records, works on several at once, and writes them in the order in which they came.
///
/// Memory is bounded: when the window is full nothing more is read, so that a slow server or reader holds the
/// producer back. While calls are under way, new input is taken as it arrives.
final class OrderedStage {
  /// A record on its way through the stage.
  final class Slot {
    /// The record; the stage changes it in place.
    var record: Record
    /// Set when the record can be written.
    fileprivate(set) var isDone = false
    fileprivate let size: Int

    fileprivate init(_ record: Record, size: Int) {
      self.record = record
      self.size = size
    }

    /// Says that the record can be written as it is now.
    func finish() { isDone = true }
  }

  private let reader: RecordReader
  private let writer: RecordWriter
  private let window: Int
  private var slots: [Slot] = []
  private var size = 0

  /// The bytes of input in the window at which nothing more is read; one record always fits.
  private static let maximumSize = 32 << 20

  /// Creates a stage with room for `window` records.
  init(reader: RecordReader, writer: RecordWriter, window: Int) {
    self.reader = reader
    self.writer = writer
    self.window = window
  }

  /// Runs to the end of input, or until a stop is requested and what was read is finished.
  ///
  /// - Parameters:
  ///   - client: makes the calls that `handle` starts.
  ///   - handle: takes up one record, in the order of input; calls `finish` at once or later.
  func run(client: HTTPClient, handle: (Slot) throws -> Void) throws {
    var isAtEnd = false
    while true {
      if !isAtEnd, slots.count < window, size < Self.maximumSize {
        let isIdle = slots.isEmpty
        if isIdle { try writer.flush() }
        let lines = try reader.nextBatch(maximum: window - slots.count, wait: isIdle)
        isAtEnd = lines.isEmpty && (isIdle || reader.isFinished)
        for line in lines {
          guard let record = reader.record(of: line) else { continue }
          let slot = Slot(record, size: line.bytes.count)
          slots.append(slot)
          size += slot.size
          try handle(slot)
        }
      }
      if try writeWhatIsDone() { continue }
      if slots.isEmpty {
        if isAtEnd { break }
        continue
      }
      try writer.flush()
      let isFull = isAtEnd || slots.count >= window || size >= Self.maximumSize
      client.step(watching: isFull ? nil : reader.descriptor)
    }
    try writer.flush()
  }

  private func writeWhatIsDone() throws -> Bool {
    let done = slots.prefix { $0.isDone }
    guard !done.isEmpty else { return false }
    for slot in done {
      try writer.write(slot.record)
      size -= slot.size
    }
    slots.removeFirst(done.count)
    return true
  }
}
