internal import KMSCrypto

/// A settings file, read as dotenv 16 reads it (the library of the original's releases 7 and 8; decision: the same file
/// has to mean the same here).
///
/// An entry begins at the start of a line: white space, `export`, a name of letters, digits, `_`, `.` and `-`, then `=` (white
/// space around it) or `:` and white space, then a value: quoted by `'`, `"` or a back quote, over several lines if need
/// be, with `\` before a quote of that kind; or without quotes up to `#` or the end of the line. After it only a comment
/// may stand on the line, else the quotes are part of a value without quotes. Of an outer pair of quotes the value is
/// freed; between `"`, `\n` and `\r` stand for line breaks. Lines that are no entry are passed over. docs/migration.md
/// has the cases.
public struct DotEnv: ~Copyable {
  /// One setting.
  public struct Entry: Sendable {
    /// Its name.
    public let name: String
    /// The line on which the name stands, from 1.
    public let line: Int
    /// What it is set to.
    public var value: [UInt8]
    /// What releases of the original before 7 took it for, where that is something else: an unquoted `#` began no comment.
    public var earlierReading: [UInt8]?
  }

  /// The entries in the order of the file. Of several with one name the last counts.
  public private(set) var entries: [Entry] = []

  private var text: [UInt8]

  /// Reads UTF-8; what is copied of it is wiped.
  public init(parsing bytes: [UInt8]) {
    text = Self.withUnixLines(bytes)
    var at = 0
    while at <= text.count {
      if let match = match(at) {
        entries.append(match.entry)
        at = max(match.end, at + 1)
        // The next entry begins after the end of this line.
        while at < text.count, !isLineStart(at) { at += 1 }
      } else {
        at += 1
        while at < text.count, !isLineStart(at) { at += 1 }
      }
      if at >= text.count { break }
    }
    text.wipe()
  }

  /// The entry that counts under a name.
  public func entry(_ name: String) -> Entry? { entries.last { $0.name == name } }

  /// Wipes all values.
  public consuming func wipe() {
    for i in entries.indices {
      entries[i].value.wipe()
      entries[i].earlierReading?.wipe()
    }
  }

  /// CR and CR LF as LF.
  private static func withUnixLines(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for (i, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\r") {
        out.append(UInt8(ascii: "\n"))
      } else if byte != UInt8(ascii: "\n") || i == 0 || bytes[i - 1] != UInt8(ascii: "\r") {
        out.append(byte)
      }
    }
    return out
  }

  // MARK: One entry

  private func match(_ start: Int) -> (entry: Entry, end: Int)? {
    let first = skipSpaces(start)
    // `export = 1` sets a variable of that name.
    if text[first...].starts(with: "export".utf8), case let name = skipSpaces(first + 6), name > first + 6,
      let found = match(name: name)
    {
      return found
    }
    return match(name: first)
  }

  private func match(name start: Int) -> (entry: Entry, end: Int)? {
    var end = start
    while end < text.count, Self.isNameByte(text[end]) { end += 1 }
    guard end > start else { return nil }
    let sign = skipSpaces(end)
    let value: Int
    if sign < text.count, text[sign] == UInt8(ascii: "=") {
      value = sign + 1
    } else if end < text.count, text[end] == UInt8(ascii: ":"), case let width = spaceWidth(end + 1),
      width > 0
    {
      value = end + 1 + width
    } else {
      return nil
    }
    let (found, rest) = self.value(value)
    let line = 1 + text[..<start].count { $0 == UInt8(ascii: "\n") }
    let name = String(decoding: text[start..<end], as: UTF8.self)
    return (
      Entry(name: name, line: line, value: plain(found), earlierReading: earlierReading(found, from: value)),
      rest
    )
  }

  /// The range of the value as it stands, and the end of the entry.
  private func value(_ start: Int) -> (Range<Int>, end: Int) {
    let quote = skipSpaces(start)
    if quote < text.count, Self.quotes.contains(text[quote]) {
      for closing in closingQuotes(after: quote) {
        if let end = tail(closing + 1) { return (start..<closing + 1, end) }
      }
    }
    var end = start
    while end < text.count, text[end] != UInt8(ascii: "#"), text[end] != UInt8(ascii: "\n") { end += 1 }
    return (start..<end, tail(end) ?? end)
  }

  /// Where a value that begins with a quote may end: at the first quote of its kind without `\` before it, else at the one
  /// before that has one, and so on.
  private func closingQuotes(after quote: Int) -> [Int] {
    var escaped: [Int] = []
    var at = quote + 1
    while at < text.count, text[at] != text[quote] {
      if text[at] == UInt8(ascii: "\\"), at + 1 < text.count, text[at + 1] == text[quote] {
        escaped.append(at + 1)
        at += 1
      }
      at += 1
    }
    return (at < text.count ? [at] : []) + escaped.reversed()
  }

  /// The end of an entry when only white space and a comment follow its value on the line; nil when there is more.
  private func tail(_ start: Int) -> Int? {
    var end = skipSpaces(start)
    if end < text.count, text[end] == UInt8(ascii: "#") {
      while end < text.count, !isLineBreak(end) { end += 1 }
    }
    if end == text.count || isLineBreak(end) { return end }
    while end > start {
      end -= 1
      if isLineBreak(end) { return end }
    }
    return nil
  }

  // MARK: What it means

  private func plain(_ range: Range<Int>) -> [UInt8] {
    var value = Array(text[trimmed(range)])
    guard let first = value.first, Self.quotes.contains(first) else { return value }
    let isClosed = value.count > 1 && value.last == first
    if isClosed { value = Array(value.dropFirst().dropLast()) }
    return first == UInt8(ascii: "\"") ? Self.withLineBreaks(value) : value
  }

  private func earlierReading(_ range: Range<Int>, from start: Int) -> [UInt8]? {
    guard range.upperBound < text.count, text[range.upperBound] == UInt8(ascii: "#"),
      case let inside = trimmed(range), !inside.isEmpty, !Self.quotes.contains(text[inside.lowerBound])
    else { return nil }
    var end = range.upperBound
    while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
    return Array(text[trimmed(start..<end)])
  }

  private static func withLineBreaks(_ value: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = value[...]
    while let byte = rest.popFirst() {
      switch (byte, rest.first) {
      case (UInt8(ascii: "\\"), UInt8(ascii: "n")?): out.append(UInt8(ascii: "\n"))
      case (UInt8(ascii: "\\"), UInt8(ascii: "r")?): out.append(UInt8(ascii: "\r"))
      default:
        out.append(byte)
        continue
      }
      rest = rest.dropFirst()
    }
    return out
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, case let width = spaceWidth(start), width > 0 { start += width }
    scan: while end > start {
      for width in 1...3 where end - width >= start && spaceWidth(end - width) == width {
        end -= width
        continue scan
      }
      break
    }
    return start..<max(start, end)
  }

  // MARK: Characters

  private static let quotes: [UInt8] = [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")]

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || Array("_.-".utf8).contains(byte)
  }

  private func skipSpaces(_ start: Int) -> Int {
    var at = start
    while case let width = spaceWidth(at), width > 0 { at += width }
    return at
  }

  /// The length of the white space character at a place; 0 when there is none. White space is what ECMAScript calls so
  /// (ECMA-262, WhiteSpace and LineTerminator), the byte order mark included.
  private func spaceWidth(_ at: Int) -> Int {
    guard at < text.count else { return 0 }
    let byte = text[at]
    if byte < 0x80 { return byte == 0x20 || (9...13).contains(byte) ? 1 : 0 }
    func second(_ value: UInt8) -> Bool { at + 1 < text.count && text[at + 1] == value }
    guard at + 1 < text.count else { return 0 }
    if byte == 0xC2 { return second(0xA0) ? 2 : 0 }
    guard at + 2 < text.count else { return 0 }
    switch (byte, text[at + 1], text[at + 2]) {
    case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),
      (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF):
      return 3
    default: return 0
    }
  }

  private func isLineBreak(_ at: Int) -> Bool {
    text[at] == UInt8(ascii: "\n") || isSeparator(at)
  }

  /// U+2028 or U+2029.
  private func isSeparator(_ at: Int) -> Bool {
    at + 2 < text.count && text[at] == 0xE2 && text[at + 1] == 0x80 && (0xA8...0xA9).contains(text[at + 2])
  }

  private func isLineStart(_ at: Int) -> Bool {
    at == 0 || text[at - 1] == UInt8(ascii: "\n") || at >= 3 && isSeparator(at - 3)
  }
}
