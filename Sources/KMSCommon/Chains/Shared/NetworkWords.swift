/// The words of node software, without what the API put around them.
public struct NetworkWords: Sendable, Hashable, CustomStringConvertible {
  /// One line without control characters (`CleanText.line`).
  public let text: String
  /// The code of a JSON-RPC error, where there is one.
  public let code: Int64?

  /// Takes any text, and cleans it.
  public init(_ text: String, code: Int64? = nil) {
    self.text = CleanText.line(text)
    self.code = code
  }

  /// The text.
  public var description: String { text }
}

/// Text of a server, made harmless.
public enum CleanText {
  /// The longest text that is looked into, in characters: some refusals show the whole transaction.
  public static let maximumLength = 16_384

  /// One line: breaks and tabs are spaces; what else could forge log lines, move a terminal's cursor or turn its text
  /// around is written as `\u{…}`. Cut after `maximumLength` characters; no white space at the ends.
  public static func line(_ text: some StringProtocol) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.prefix(maximumLength).unicodeScalars {
      if scalar.isASCII, (0x20...0x7E).contains(scalar.value) {
        out.append(scalar)
        continue
      }
      switch scalar.properties.generalCategory {
      case .control where (9...13).contains(scalar.value) || scalar.value == 0x85: out.append(" ")
      case .lineSeparator, .paragraphSeparator: out.append(" ")
      case .control, .format, .surrogate, .privateUse, .unassigned:
        out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return trimmed(String(out))
  }

  /// Without white space at both ends.
  package static func trimmed(_ text: some StringProtocol) -> String {
    var slice = text[...]
    while let first = slice.first, first.isWhitespace { slice = slice.dropFirst() }
    while let last = slice.last, last.isWhitespace { slice = slice.dropLast() }
    return String(slice)
  }
}
