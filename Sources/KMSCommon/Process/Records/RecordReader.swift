internal import Glibc
internal import KMSPrimitives
public import KMSRecords
public import Logging

/// Reads records from a file descriptor, line by line, in memory bounded by the longest line and one batch.
public final class RecordReader {
  /// The longest line, its newline not counted: 16 MiB.
  public static let maximumLineLength = 16 << 20

  /// One line that has yet to be parsed, so that this can be done by several threads.
  public struct Line: Sendable {
    /// Its number, from 1.
    public let number: Int
    /// Its bytes without the newline.
    public let bytes: [UInt8]
  }

  /// Where it reads from; for who waits for other things at the same time.
  public let descriptor: Int32
  private let chains: ChainNames
  private let logger: Logger
  private let buffer = LineBuffer()
  private var lineNumber = 0
  private var isSkipping = false
  private var isAtEnd = false

  /// How many lines were not records; more than none makes the exit code 65.
  public private(set) var badLines = 0

  /// Reads from `descriptor`, standard input unless told otherwise; the descriptor stays the caller's.
  ///
  /// - Parameter chains: the chains that the program knows; a record of another one is no record.
  public init(descriptor: Int32 = 0, chains: ChainNames, logger: Logger) {
    self.descriptor = descriptor
    self.chains = chains
    self.logger = logger
  }

  /// The exit status that the lines read so far call for.
  public var exitStatus: ExitStatus { badLines > 0 ? .data : .ok }

  /// Whether the end was reached, or a stop was requested, and every line was handed out.
  public var isFinished: Bool { isAtEnd && buffer.count == 0 }

  /// Refuses to read records from a terminal: a person who starts a stage alone should be told what it waits for.
  ///
  /// - Throws: `ProgramFailure` with the usage status.
  public func refuseTerminal(program: String) throws(ProgramFailure) {
    if isatty(descriptor) == 1 {
      throw ProgramFailure(
        .usage, "standard input is a terminal; records are expected there, one JSON object a line",
        hint: "\(program) < records.jsonl, or see \(program) --help")
    }
  }

  /// The next record; waits for it. Nil at the end of input or when a stop was requested.
  ///
  /// Lines that are not records are reported and skipped.
  /// - Throws: `ProgramFailure` when reading fails.
  public func next() throws(ProgramFailure) -> Record? {
    while let line = try nextBatch(maximum: 1).first {
      if let record = record(of: line) { return record }
    }
    return nil
  }

  /// The next lines: waits for one, then takes what has already arrived, up to `maximum` lines or 2 MiB.
  ///
  /// Empty at the end of input or when a stop was requested, and without `wait` also when no whole line has
  /// arrived. Blank lines are skipped.
  /// - Throws: `ProgramFailure` when reading fails.
  public func nextBatch(maximum: Int, wait: Bool = true) throws(ProgramFailure) -> [Line] {
    var batch: [Line] = []
    var size = 0
    while batch.count < maximum, size < 2 << 20 {
      if let line = takeLine() {
        size += line.bytes.count
        batch.append(line)
        continue
      }
      if isAtEnd {
        reportSkippedEnd()
        break
      }
      guard try fill(wait: wait && batch.isEmpty) else { break }
    }
    return batch
  }

  /// Parses a line; nil after reporting one that is not a record.
  public func record(of line: Line) -> Record? {
    do throws(RecordSyntaxError) {
      return try Record(parsing: line.bytes[...], chains: chains)
    } catch {
      report(line.number, error.description)
      return nil
    }
  }

  /// Reports that line `number` is not a record, and counts it.
  public func report(_ number: Int, _ reason: String) {
    badLines += 1
    logger.error("line \(number) is not a record and was skipped: \(reason)", metadata: ["line": "\(number)"])
  }

  /// Takes one complete line out of the buffer.
  private func takeLine() -> Line? {
    while let line = buffer.takeLine(orRest: isAtEnd, line) {
      if let line { return line }
    }
    dropOverlongPart()
    return nil
  }

  /// The next line, of its text; nil when it is blank or too long.
  private func line(_ text: Span<UInt8>) -> Line? {
    lineNumber += 1
    if isSkipping || text.count > Self.maximumLineLength {
      isSkipping = false
      report(lineNumber, "longer than \(Self.maximumLineLength) bytes")
      return nil
    }
    if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
    return Line(number: lineNumber, bytes: Array(text))
  }

  /// Reports a line that was too long and that the end of input cut off.
  private func reportSkippedEnd() {
    guard isSkipping else { return }
    isSkipping = false
    lineNumber += 1
    report(lineNumber, "longer than \(Self.maximumLineLength) bytes")
  }

  /// Forgets what is buffered of a line that is already too long; the rest is skipped up to its newline.
  private func dropOverlongPart() {
    guard isSkipping || buffer.count > Self.maximumLineLength else { return }
    isSkipping = true
    buffer.removeAll()
  }

  /// Reads more; false when there is nothing now (only without `wait`), at the end, or when a stop was requested.
  private func fill(wait: Bool) throws(ProgramFailure) -> Bool {
    var descriptors = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: StopSignal.fileDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      if StopSignal.isRequested {
        if buffer.count > 0 || isSkipping {
          logger.warning("stopped in the middle of line \(lineNumber + 1), which was not handled")
        }
        buffer.removeAll()
        isSkipping = false
        isAtEnd = true
        return false
      }
      let ready = System.poll(&descriptors, milliseconds: wait ? -1 : 0)
      if ready < 0, errno == EINTR { continue }
      if ready == 0 { return false }
      if ready > 0, descriptors[0].revents == 0 { continue }  // the stop signal, looked at above
      return try readChunk()
    }
  }

  private func readChunk() throws(ProgramFailure) -> Bool {
    let count = buffer.append { room in
      while true {
        let count = unsafe room.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR, !StopSignal.isRequested { continue }
        return count
      }
    }
    let problem = errno
    if count < 0 {
      if problem == EINTR || problem == EAGAIN { return true }
      throw ProgramFailure(.io, "reading standard input failed: \(System.reason(problem))")
    }
    if count == 0 { isAtEnd = true }
    return true
  }
}
