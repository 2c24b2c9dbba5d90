internal import KMSPrimitives

/// Why a text is not JSON that this project accepts.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// The offset of the offending byte, from 0.
  public let offset: Int

  /// The reason and the offset.
  public var description: String { "\(reason) at byte \(offset + 1)" }
}

/// The grammar of JSON (RFC 8259), read strictly and without building anything: the one place that knows it.
///
/// Stricter than the RFC where two readers could understand a text differently, because one stage approves and another
/// signs: UTF-8 must be valid, a name may stand only once in an object, surrogate escapes must come in pairs, nothing
/// follows the value, and values nest at most `maximumDepth` deep. Who walks along can note where members stand (a
/// record) or build values (`JSONParser`). Memory is bounded by the names of the objects that are open, 8 bytes each.
struct JSONScanner {
  /// How deep arrays and objects may nest. The deepest honest record has fewer than 10 levels.
  static let maximumDepth = 64
  /// How many members an object may have. The largest honest one, a list of bytes by their index, has some thousands.
  static let maximumMembers = 1 << 17

  let bytes: JSONBytes
  /// The offset of the next byte.
  private(set) var at: Int
  /// How many values were read.
  private(set) var valueCount = 0
  private var names = JSONNameTable()
  private let maximumValues: Int
  private let refusesLookalikes: Bool

  /// - Parameters:
  ///   - maximumValues: how many values there may be.
  ///   - refusesLookalikes: whether names are refused that Swift's `==` would take for other ones in ASCII.
  ///   - at: where reading begins.
  init(
    _ bytes: JSONBytes, maximumValues: Int = .max, refusesLookalikes: Bool = false, at: Int = 0
  ) {
    self.bytes = bytes
    self.at = at
    self.maximumValues = maximumValues
    self.refusesLookalikes = refusesLookalikes
  }

  /// What stands between the quotation marks of a string.
  struct Text {
    /// Where it stands.
    let range: Range<Int>
    /// Whether it has escapes.
    let isEscaped: Bool
    /// Whether every byte is ASCII.
    let isASCII: Bool

    /// What it says.
    func text(in bytes: JSONBytes) -> String {
      guard isEscaped else { return bytes.text(range) }
      return bytes.within(range, JSONEscapes.text)
    }

    /// The string, with its quotation marks.
    var place: JSONPlace {
      JSONPlace(.string, range.lowerBound - 1..<range.upperBound + 1, isEscaped: isEscaped)
    }

    /// The key of what it says.
    func key(in bytes: JSONBytes) -> JSONNameKey {
      guard !isEscaped else { return JSONNameKey(text(in: bytes)) }
      return bytes.within(range) { JSONNameKey($0) }
    }
  }

  // MARK: Values

  /// Looks at the first byte of the next value, after white space.
  mutating func kind() throws(JSONSyntaxError) -> JSONPlace.Kind {
    let kind = try peekKind()
    valueCount += 1
    guard valueCount <= maximumValues else { throw error("there are more than \(maximumValues) values") }
    return kind
  }

  /// Looks at the first byte of the next value, after white space, and does not count it yet.
  mutating func peekKind() throws(JSONSyntaxError) -> JSONPlace.Kind {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"): return .true
    case UInt8(ascii: "f"): return .false
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"): return .number
    case .some(let c) where ASCII.isDigit(c): return .number
    case nil: throw error("the text ends too early")
    default: throw error("a value was expected")
    }
  }

  /// Passes over the next value, which is checked; `depth` is that of what it stands in.
  ///
  /// - Returns: where it stands.
  @discardableResult
  mutating func skipValue(depth: Int) throws(JSONSyntaxError) -> JSONPlace {
    let kind = try kind()
    let start = at
    switch kind {
    case .object:
      try object(depth: depth + 1) { (scanner, _) throws(JSONSyntaxError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case .array:
      try array(depth: depth + 1) { (scanner) throws(JSONSyntaxError) in
        try scanner.skipValue(depth: depth + 1)
      }
    case .string:
      let text = try string()
      return JSONPlace(kind, start..<at, isEscaped: text.isEscaped)
    case .number: _ = try number()
    case .true, .false, .null: try word(kind)
    }
    return JSONPlace(kind, start..<at)
  }

  /// Reads an object; `value` is called on each member, in front of its value, and reads it.
  mutating func object(
    depth: Int, _ value: (inout JSONScanner, Text) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try enter(depth)
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      at += 1
      return
    }
    let first = names.count
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw error("a member name was expected") }
      let nameStart = at
      let name = try string()
      guard names.count - first < Self.maximumMembers else { throw error("an object has too many members") }
      guard names.add(name, since: first, in: bytes) else {
        throw JSONSyntaxError(reason: "a member name stands twice", offset: nameStart)
      }
      skipSpace()
      guard peek() == UInt8(ascii: ":") else { throw error("':' was expected") }
      at += 1
      if refusesLookalikes, name.isEscaped || !name.isASCII, isLookalike(name) {
        throw error("a member name has a character that looks like another one")
      }
      try value(&self, name)
      skipSpace()
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        if let repeated = names.close(since: first, in: bytes) {
          throw JSONSyntaxError(reason: "a member name stands twice", offset: repeated - 1)
        }
        return
      default: throw error("',' or '}' was expected")
      }
    }
  }

  /// Reads an array; `item` is called in front of each item and reads it.
  mutating func array(
    depth: Int, _ item: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try enter(depth)
    skipSpace()
    if peek() == UInt8(ascii: "]") {
      at += 1
      return
    }
    while true {
      try item(&self)
      skipSpace()
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return
      default: throw error("',' or ']' was expected")
      }
    }
  }

  /// Unicode calls U+037E, U+1FEF and U+212A canonically equal to `;`, a grave accent and `K`, and no other character to
  /// one of ASCII. So does Swift's `==`, while other programs compare bytes.
  private func isLookalike(_ name: Text) -> Bool {
    name.text(in: bytes).unicodeScalars.contains { $0 == "\u{037E}" || $0 == "\u{1FEF}" || $0 == "\u{212A}" }
  }

  /// Checks that nothing but white space follows.
  mutating func finish() throws(JSONSyntaxError) {
    skipSpace()
    guard at == bytes.count else { throw error("more text after the value") }
  }

  private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
    guard depth <= Self.maximumDepth else { throw error("values nest more than \(Self.maximumDepth) deep") }
    at += 1  // the bracket
  }

  // MARK: Scalars

  /// Reads `true`, `false` or `null`.
  mutating func word(_ kind: JSONPlace.Kind) throws(JSONSyntaxError) {
    let word =
      switch kind {
      case .true: "true"
      case .false: "false"
      default: "null"
      }
    for letter in word.utf8 {
      guard peek() == letter else { throw error("a value was expected") }
      at += 1
    }
  }

  /// Reads a number and returns where its digits stand.
  mutating func number() throws(JSONSyntaxError) -> Range<Int> {
    let start = at
    if peek() == UInt8(ascii: "-") { at += 1 }
    if peek() == UInt8(ascii: "0") { at += 1 } else { try skipDigits() }
    if peek() == UInt8(ascii: ".") {
      at += 1
      try skipDigits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      at += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
      try skipDigits()
    }
    return start..<at
  }

  private mutating func skipDigits() throws(JSONSyntaxError) {
    let start = at
    while let c = peek(), ASCII.isDigit(c) { at += 1 }
    guard at > start else { throw error("a digit was expected") }
  }

  /// Reads a string; `at` is on its quotation mark.
  mutating func string() throws(JSONSyntaxError) -> Text {
    at += 1
    let start = at
    var allBits: UInt8 = 0
    var isEscaped = false
    while true {
      at += bytes.within(at..<bytes.count, JSONPlain.count)
      guard at < bytes.count else { break }
      let c = bytes[at]
      switch c {
      case UInt8(ascii: "\""):
        let text = Text(range: start..<at, isEscaped: isEscaped, isASCII: allBits < 0x80)
        if !text.isASCII { try checkUTF8(text.range) }
        at += 1
        return text
      case UInt8(ascii: "\\"):
        isEscaped = true
        at += 1
        try skipEscape()
      case 0..<0x20:
        throw error("a control character stands in a string")
      default:
        allBits |= c
        at += 1
      }
    }
    throw error("a string is not closed")
  }

  private mutating func skipEscape() throws(JSONSyntaxError) {
    guard let c = peek() else { throw error("a string is not closed") }
    at += 1
    switch c {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"):
      let code = try fourHexDigits()
      guard (0xD800..<0xE000).contains(code) else { return }
      guard code < 0xDC00, peek() == UInt8(ascii: "\\"), at + 1 < bytes.count,
        bytes[at + 1] == UInt8(ascii: "u")
      else { throw error("half of a surrogate pair") }
      at += 2
      guard (0xDC00..<0xE000).contains(try fourHexDigits()) else { throw error("half of a surrogate pair") }
    default: throw error("an unknown escape")
    }
  }

  private mutating func fourHexDigits() throws(JSONSyntaxError) -> UInt32 {
    guard at + 4 <= bytes.count else { throw error("a string is not closed") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Hex.value(of: bytes[at]) else { throw error("a hexadecimal digit was expected") }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }

  private func checkUTF8(_ range: Range<Int>) throws(JSONSyntaxError) {
    guard bytes.within(range, UTF8Text.isValid) else {
      throw JSONSyntaxError(reason: "not valid UTF-8", offset: range.lowerBound)
    }
  }

  // MARK: Cursor

  @inline(__always) private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  @inline(__always) mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  func error(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: at) }
}
