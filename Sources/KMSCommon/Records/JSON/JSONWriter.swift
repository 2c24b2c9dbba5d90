internal import KMSPrimitives

extension JSONValue {
  /// The compact JSON text: no white space, members in their order, numbers digit for digit.
  public func encoded() -> [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  /// The compact JSON text as a string.
  public var text: String { String(decoding: encoded(), as: UTF8.self) }

  /// The text that `JSON.stringify(value, null, 2)` of JavaScript gives, without a final newline.
  public var prettyText: String {
    var out: [UInt8] = []
    writePretty(to: &out, indent: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the compact JSON text to `out`.
  public func write(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: flag ? "true".utf8 : "false".utf8)
    case .number(let number): out.append(contentsOf: number.digits.utf8)
    case .string(let text): Self.write(text, to: &out)
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        item.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let object):
      out.append(UInt8(ascii: "{"))
      for (i, member) in object.members.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private func writePretty(to out: inout [UInt8], indent: Int) {
    func newLine(_ depth: Int) {
      out.append(UInt8(ascii: "\n"))
      out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
    switch self {
    case .array(let items) where !items.isEmpty:
      out.append(UInt8(ascii: "["))
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        item.writePretty(to: &out, indent: indent + 1)
      }
      newLine(indent)
      out.append(UInt8(ascii: "]"))
    case .object(let object) where !object.members.isEmpty:
      out.append(UInt8(ascii: "{"))
      for (i, member) in object.members.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        Self.write(member.name, to: &out)
        out.append(contentsOf: ": ".utf8)
        member.value.writePretty(to: &out, indent: indent + 1)
      }
      newLine(indent)
      out.append(UInt8(ascii: "}"))
    default: write(to: &out)
    }
  }

  /// Appends `text` as a JSON string, escaping what RFC 8259 section 7 demands and nothing else.
  package static func write(_ text: String, to out: inout [UInt8]) {
    let bytes = text.utf8.span
    out.append(UInt8(ascii: "\""))
    // What needs no escape is copied in runs: this is most of what a stage writes.
    var runStart = 0
    var i = 0
    while i < bytes.count {
      i += JSONPlain.count(in: bytes.extracting(i...))
      guard i < bytes.count else { break }
      let byte = bytes[i]
      i += 1
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      out.append(contentsOf: bytes.extracting(runStart..<i - 1))
      runStart = i
      writeEscape(byte, to: &out)
    }
    out.append(contentsOf: bytes.extracting(runStart...))
    out.append(UInt8(ascii: "\""))
  }

  private static func writeEscape(_ byte: UInt8, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
    case 8: out.append(UInt8(ascii: "b"))
    case 9: out.append(UInt8(ascii: "t"))
    case 10: out.append(UInt8(ascii: "n"))
    case 12: out.append(UInt8(ascii: "f"))
    case 13: out.append(UInt8(ascii: "r"))
    default:
      out.append(contentsOf: "u00".utf8)
      out.append(Hex.digit(byte >> 4))
      out.append(Hex.digit(byte & 15))
    }
  }
}
