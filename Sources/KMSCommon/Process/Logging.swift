internal import Glibc
public import KMSPrimitives
internal import KMSRecords
public import Logging

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
  /// `time level program message key=value…`
  case text
  /// One JSON object a line.
  case json
}

/// Writes each event as one line on standard error.
public struct LineLogHandler: LogHandler {
  /// The program's name, in each line.
  let program: String
  /// How lines look.
  let format: LogFormat
  /// Events below this level are not written.
  public var logLevel: Logger.Level
  /// Members of every line.
  public var metadata: Logger.Metadata = [:]

  /// Creates a handler.
  public init(program: String, format: LogFormat, level: Logger.Level) {
    self.program = program
    self.format = format
    logLevel = level
  }

  /// A member of every line.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.map { (name: $0.key, value: "\($0.value)") }
      .sorted { $0.name < $1.name }
    switch format {
    case .text:
      var line = "\(Timestamp.now()) \(event.level.rawValue) \(program) \(Self.printable("\(event.message)"))"
      for (name, value) in fields { line += " \(name)=\(Self.quoted(value))" }
      StandardError.writeLine(line)
    case .json:
      StandardError.writeLine(
        Self.json(level: event.level.rawValue, program: program, message: "\(event.message)", fields: fields))
    }
  }

  /// A line of the format `json`, of now.
  public static func json(
    level: String, program: String, message: String, fields: [(name: String, value: String)] = []
  ) -> String {
    var object = JSONObject()
    object["time"] = .string(Timestamp.now())
    object["level"] = .string(level)
    object["program"] = .string(program)
    object["message"] = .string(printable(message))
    for (name, value) in fields { object[printable(name)] = .string(printable(value)) }
    return JSONValue.object(object).text
  }

  /// Replaces control characters: text from outside must not forge lines or move a terminal's cursor.
  public static func printable(_ text: String) -> String { PrintableText.of(text) }

  private static func quoted(_ value: String) -> String {
    let text = printable(value)
    guard text.isEmpty || text.utf8.contains(where: { $0 == 0x20 || $0 == 0x22 || $0 == 0x3d }) else {
      return text
    }
    return JSONValue.string(text).text
  }
}

extension Timestamp {
  /// The present time as RFC 3339 in UTC with milliseconds, such as `2026-11-22T21:45:01.123Z`.
  public static func now() -> String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return text(unixTime: Int64(time.tv_sec), milliseconds: time.tv_nsec / 1_000_000)
  }

  /// The present time in seconds since 1970.
  public static func unixTime() -> Int64 { Int64(time(nil)) }
}
