/// Why a text is not JSON that this project accepts.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// The offset of the offending byte, from 0.
  public let offset: Int

  /// The reason and the offset.
  public var description: String { "\(reason) at byte \(offset + 1)" }
}

/// A strict reader of RFC 8259.
///
/// Stricter than the RFC where two readers could understand a text differently, because one stage approves
/// and another signs: UTF-8 must be valid, a name may stand only once in an object, surrogate escapes must come
/// in pairs, nothing follows the value, and values nest at most `maximumDepth` deep.
struct JSONParser {
  /// How deep arrays and objects may nest. The deepest honest record has fewer than 10 levels.
  static let maximumDepth = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  /// The members of the objects that are being read, the innermost object's last: each object gets its array when all
  /// of its members are known, in one allocation of the right size.
  private var open: [JSONObject.Member] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Reads the whole text as one value.
  mutating func parseDocument() throws(JSONSyntaxError) -> JSONValue {
    let value = try parseValue(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw error("more text after the value") }
    return value
  }

  /// Reads the whole text as one object and reports where each member's value stands in the text.
  mutating func parseTopLevelObject() throws(JSONSyntaxError) -> (
    members: [JSONObject.Member], ranges: [Range<Int>]
  ) {
    skipSpace()
    guard peek() == UInt8(ascii: "{") else { throw error("not a JSON object") }
    var ranges: [Range<Int>] = []
    let members = try parseMembers(depth: 1) { ranges.append($0) }
    skipSpace()
    guard at == bytes.count else { throw error("more text after the object") }
    return (members, ranges)
  }

  // MARK: Values

  private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    skipSpace()
    guard let first = peek() else { throw error("the text ends too early") }
    switch first {
    case UInt8(ascii: "{"):
      return .object(JSONObject(distinct: try parseMembers(depth: depth + 1) { _ in }))
    case UInt8(ascii: "["):
      return .array(try parseItems(depth: depth + 1))
    case UInt8(ascii: "\""):
      return .string(try parseString())
    case UInt8(ascii: "-"), 48...57:
      return .number(try parseNumber())
    case UInt8(ascii: "t"):
      try expect("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try expect("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try expect("null")
      return .null
    default:
      throw error("a value was expected")
    }
  }

  /// Reads an object; `range` is given where each member's value stands.
  private mutating func parseMembers(
    depth: Int, _ range: (Range<Int>) -> Void
  ) throws(JSONSyntaxError) -> [JSONObject.Member] {
    try enter(depth)
    let first = open.count
    var names: Set<String> = []
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      at += 1
      return []
    }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw error("a member name was expected") }
      let nameStart = at
      let name = try parseString()
      // Few members: a scan is faster than hashing; many: hashing keeps this linear.
      let count = open.count - first
      if count == 17 { names = Set(open[first...].map(\.name)) }
      let isRepeated =
        count <= 16 ? open[first...].contains { $0.name == name } : !names.insert(name).inserted
      guard !isRepeated else {
        throw JSONSyntaxError(reason: "a member name stands twice", offset: nameStart)
      }
      skipSpace()
      guard peek() == UInt8(ascii: ":") else { throw error("':' was expected") }
      at += 1
      skipSpace()
      let start = at
      let value = try parseValue(depth: depth)
      open.append(JSONObject.Member(name: name, value: value))
      range(start..<at)
      skipSpace()
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        let members = Array(open[first...])
        open.removeLast(open.count - first)
        return members
      default: throw error("',' or '}' was expected")
      }
    }
  }

  private mutating func parseItems(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
    try enter(depth)
    var items: [JSONValue] = []
    skipSpace()
    if peek() == UInt8(ascii: "]") {
      at += 1
      return items
    }
    while true {
      items.append(try parseValue(depth: depth))
      skipSpace()
      switch peek() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return items
      default: throw error("',' or ']' was expected")
      }
    }
  }

  private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
    guard depth <= Self.maximumDepth else { throw error("values nest more than \(Self.maximumDepth) deep") }
    at += 1  // the bracket
  }

  // MARK: Scalars

  private mutating func parseNumber() throws(JSONSyntaxError) -> JSONNumber {
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
    return JSONNumber(
      validated: String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self))
  }

  private mutating func skipDigits() throws(JSONSyntaxError) {
    let start = at
    while let c = peek(), (48...57).contains(c) { at += 1 }
    guard at > start else { throw error("a digit was expected") }
  }

  private mutating func parseString() throws(JSONSyntaxError) -> String {
    at += 1
    let start = at
    var allBits: UInt8 = 0
    while at < bytes.count {
      let c = bytes[at]
      switch c {
      case UInt8(ascii: "\""):
        let text = try decode(
          UnsafeBufferPointer(rebasing: bytes[start..<at]), isASCII: allBits < 0x80, start)
        at += 1
        return text
      case UInt8(ascii: "\\"):
        return try parseEscapedString(from: start)
      case 0..<0x20:
        throw error("a control character stands in a string")
      default:
        allBits |= c
        at += 1
      }
    }
    throw error("a string is not closed")
  }

  /// The slow path: a string with at least one escape; `at` is on the first backslash.
  private mutating func parseEscapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * (at - start) + 256)  // a transaction in a string has an escape every few bytes
    var runStart = start
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<at]))
        let isASCII = text.allSatisfy { $0 < 0x80 }
        let string = try text.withUnsafeBufferPointer { text throws(JSONSyntaxError) in
          try decode(text, isASCII: isASCII, at)
        }
        at += 1
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<at]))
        at += 1
        try parseEscape(into: &text)
        runStart = at
      case 0..<0x20:
        throw error("a control character stands in a string")
      default:
        at += 1
      }
    }
    throw error("a string is not closed")
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    guard let c = peek() else { throw error("a string is not closed") }
    at += 1
    switch c {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(c)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = UInt32(try parseFourHexDigits())
      if (0xD800..<0xDC00).contains(code) {
        guard peek() == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") else {
          throw error("half of a surrogate pair")
        }
        at += 2
        let low = UInt32(try parseFourHexDigits())
        guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    default: throw error("an unknown escape")
    }
  }

  private mutating func parseFourHexDigits() throws(JSONSyntaxError) -> UInt16 {
    guard at + 4 <= bytes.count else { throw error("a string is not closed") }
    var code: UInt16 = 0
    for _ in 0..<4 {
      let c = bytes[at]
      let digit: UInt8
      switch c {
      case 48...57: digit = c - 48
      case 65...70: digit = c - 55
      case 97...102: digit = c - 87
      default: throw error("a hexadecimal digit was expected")
      }
      code = code << 4 | UInt16(digit)
      at += 1
    }
    return code
  }

  /// The string of `text`; `offset` is where the error is said to be when it is not valid UTF-8.
  private func decode(
    _ text: UnsafeBufferPointer<UInt8>, isASCII: Bool, _ offset: Int
  ) throws(JSONSyntaxError) -> String {
    // Nearly all are ASCII, for which the general check, which the compiler does not specialise, takes too long.
    if isASCII { return String(decoding: text, as: UTF8.self) }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw JSONSyntaxError(reason: "not valid UTF-8", offset: offset)
    }
    return string
  }

  // MARK: Cursor

  @inline(__always) private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  @inline(__always) private mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  private mutating func expect(_ word: StaticString) throws(JSONSyntaxError) {
    for i in 0..<word.utf8CodeUnitCount {
      guard peek() == word.utf8Start[i] else { throw error("a value was expected") }
      at += 1
    }
  }

  private func error(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: at) }
}

extension JSONValue {
  /// Reads `text` as one JSON value.
  ///
  /// - Throws: `JSONSyntaxError` when it is not JSON, not valid UTF-8, nests more than 64 deep, or has a name
  ///   twice in one object.
  public init(parsing text: some Sequence<UInt8>) throws(JSONSyntaxError) {
    let result = ContiguousArray(text).withUnsafeBufferPointer {
      bytes -> Result<JSONValue, JSONSyntaxError> in
      var parser = JSONParser(bytes)
      do throws(JSONSyntaxError) { return .success(try parser.parseDocument()) } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  /// Reads `text` as one JSON value; throws as `init(parsing:)` for bytes.
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: text.utf8)
  }
}
