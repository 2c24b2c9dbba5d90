internal import Glibc
public import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess

/// Header lines with which a program makes itself known to a server: they come from a file or a descriptor, so that they
/// stand in no argument, and are kept in protected memory.
public struct RequestHeaders: Sendable {
  /// Names, and values of printable ASCII.
  let lines: [(name: String, value: SecretBytes)]

  /// No lines.
  public init() { lines = [] }

  /// Reads lines of the form `Name: value`; empty lines don't count.
  ///
  /// - Throws: `Problem` for a line that is none, a name that is no token (RFC 9110 section 5.6.2) or one of those that
  ///   the program sets itself, a value that is empty or not printable ASCII, and more than 16 lines.
  public init(_ text: SecretBytes) throws {
    var lines: [(name: String, value: SecretBytes)] = []
    for (number, range) in Self.ranges(of: text).enumerated() where !range.isEmpty {
      let (name, value) = try Self.split(text, range, line: number + 1)
      guard lines.count < 16 else { throw Problem(line: number + 1, "is one too many: 16 are taken") }
      lines.append((name, value))
    }
    guard !lines.isEmpty else { throw Problem(line: 1, "is missing: there is no header") }
    self.lines = lines
  }

  /// The text of a file that nobody else may read or change, once it is seen that it has header lines.
  ///
  /// - Throws: `ProgramFailure`: 66 when it can't be read, 77 when others may use it, 78 when it has no header lines.
  public static func text(ofFile path: String) throws -> SecretBytes {
    let descriptor = System.open(path, O_RDONLY | O_NOCTTY)
    guard descriptor >= 0 else {
      throw ProgramFailure(.noInput, "the header file can't be read: \(System.reason())")
    }
    guard let status = System.status(descriptor), status.st_mode & 0o077 == 0 else {
      close(descriptor)
      throw ProgramFailure(
        .noPermission, "the header file can be read or changed by others", hint: "chmod 600 '\(path)'")
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      close(descriptor)
      throw ProgramFailure(
        .noPermission, "the header file \(path) belongs to user \(status.st_uid)",
        hint: "it has to belong to the user who runs this, or to root")
    }
    return try text(ofDescriptor: descriptor)
  }

  /// The header lines that a key holder gives, or that a descriptor has to its end, which is closed then.
  ///
  /// - Throws: `ProgramFailure`: 64 when it is not open, 74 when reading fails, 77 when the holder gives none, 78 when these
  ///   are no header lines.
  public static func text(ofDescriptor descriptor: Int32) throws -> SecretBytes {
    guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
      throw ProgramFailure(.usage, "file descriptor \(descriptor) is not open")
    }
    if KeyRequest.isHolder(descriptor) {
      return try KeyRequest.ask(for: KeyRequest.approverHeaders, over: descriptor)
    }
    defer { close(descriptor) }
    let text: SecretBytes?
    do { text = try Descriptor.secret(descriptor, limit: KeyRequest.maximumSecret) } catch let failure
      as Descriptor.Failure
    {
      throw ProgramFailure(.io, "the header lines can't be read: \(failure.reason)")
    }
    do {
      guard let text else { throw Problem(line: 1, "begins a text of more than 16 KiB") }
      _ = try RequestHeaders(text)
      return text
    } catch let problem as Problem {
      throw ProgramFailure(
        .configuration, "the header lines are not taken: \(problem)",
        hint: "each is of the form 'Name: value', such as 'Authorization: Bearer …'")
    }
  }

  /// Why a text is not taken. It says nothing of what stands there.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong, with the line.
    public let description: String

    init(line: Int, _ words: String) {
      self.line = line
      description = "line \(line) \(words)"
    }
  }

  private static let ownNames: Set<String> = [
    "host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "accept",
  ]

  /// The lines of `text`, without what ends them.
  private static func ranges(of text: SecretBytes) -> [Range<Int>] {
    text.withBytes { bytes in
      var ranges: [Range<Int>] = []
      var start = 0
      for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: "\n") {
        let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
        ranges.append(start..<(hasReturn ? end - 1 : end))
        start = end + 1
      }
      return ranges
    }
  }

  private static func split(
    _ text: SecretBytes, _ range: Range<Int>, line: Int
  ) throws -> (name: String, value: SecretBytes) {
    let parts: (name: String, value: Range<Int>)? = text.withBytes { bytes in
      guard let colon = range.first(where: { bytes[$0] == UInt8(ascii: ":") }), colon > range.lowerBound,
        bytes.extracting(range.lowerBound..<colon).allSatisfy(isTokenCharacter)
      else { return nil }
      let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
      let start = (colon + 1..<range.upperBound).first { !isSpace(bytes[$0]) } ?? range.upperBound
      let end = (start..<range.upperBound).last { !isSpace(bytes[$0]) }.map { $0 + 1 } ?? start
      guard start < end, (start..<end).allSatisfy({ (0x20...0x7E).contains(bytes[$0]) }) else { return nil }
      return (String(decoding: bytes.extracting(range.lowerBound..<colon)), start..<end)
    }
    guard let parts else { throw Problem(line: line, "is not of the form 'Name: value' in printable ASCII") }
    guard !ownNames.contains(parts.name.lowercased()) else {
      throw Problem(line: line, "sets a header that the program sets itself")
    }
    return (parts.name, try text.slice(parts.value))
  }

  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
