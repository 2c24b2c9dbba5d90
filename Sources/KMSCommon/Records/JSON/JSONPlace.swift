internal import KMSPrimitives

/// Where a value stands in a text that was checked, and of what kind it is: nothing is built of it before somebody asks.
package struct JSONPlace: Sendable {
  /// The kinds of values.
  package enum Kind: UInt8, Sendable {
    case object
    case array
    case string
    case number
    case `true`
    case `false`
    case null
  }

  @usableFromInline let start: UInt32
  @usableFromInline let end: UInt32
  /// Of what kind the value is.
  package let kind: Kind
  /// Whether a string has escapes, so that it does not say what stands there.
  package let isEscaped: Bool

  init(_ kind: Kind, _ range: Range<Int>, isEscaped: Bool = false) {
    // No text is longer than 2 GiB: whoever notes places has checked that.
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    end = UInt32(truncatingIfNeeded: range.upperBound)
    self.kind = kind
    self.isEscaped = isEscaped
  }

  /// The whole value, the quotation marks of a string included.
  @inlinable package var range: Range<Int> { Int(start)..<Int(end) }

  /// What stands between the quotation marks of a string.
  @inlinable package var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }

  /// Whether this is a string that says what stands there, letter by letter.
  @inlinable package var isPlainString: Bool { kind == .string && !isEscaped }

  /// What kind of value this is, for messages: as `JSONValue.kindName`.
  package var kindName: String {
    switch kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .true, .false: "a boolean"
    case .null: "null"
    }
  }

  /// What a string says; nil for any other kind.
  package func string(in text: Span<UInt8>) -> String? {
    guard kind == .string else { return nil }
    let content = text.extracting(content)
    return isEscaped ? JSONEscapes.text(content) : String(decoding: content)
  }

  /// The value, built.
  package func value(in text: Span<UInt8>) -> JSONValue {
    switch kind {
    case .null: .null
    case .true: .bool(true)
    case .false: .bool(false)
    case .string: .string(string(in: text) ?? "")
    case .number: .number(JSONNumber(validated: String(decoding: text.extracting(range))))
    // The text was checked, also for how many values it has.
    case .object, .array: (try? JSONValue(parsing: text.extracting(range))) ?? .null
    }
  }
}
