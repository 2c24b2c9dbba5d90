internal import KMSPrimitives

/// A JSON value (RFC 8259) that keeps what it was read from: numbers as their digits, objects in their order.
///
/// Amounts of money pass through here, so a number is never converted to floating point.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The text of a string value; nil for any other kind.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The members of an object; nil for any other kind.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// The items of an array; nil for any other kind.
  public var array: [JSONValue]? {
    if case .array(let items) = self { items } else { nil }
  }

  /// The value of a boolean; nil for any other kind.
  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// The digits of a number; nil for any other kind.
  public var number: JSONNumber? {
    if case .number(let number) = self { number } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The member `name` of an object; nil when this is no object, when there is none, and when it is `null`:
  /// optional members arrive absent or as null, and both mean the same.
  public subscript(name: String) -> JSONValue? {
    guard let value = object?[name], !value.isNull else { return nil }
    return value
  }

  /// An integer from 0 to 2^64 - 1, written as a JSON integer or as decimal text in a string; nil otherwise.
  public var uint64: UInt64? {
    switch self {
    case .number(let number): number.uint64
    case .string(let text): JSONNumber.decimal(text)
    default: nil
    }
  }

  /// What kind of value this is, for messages.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object, members in the order written; of two equal names the later value wins.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}

/// The digits of a JSON number, exactly as they were written.
public struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number's text; always valid JSON.
  public let digits: String

  /// An integer.
  public init(_ value: some BinaryInteger) { digits = String(value) }

  /// Trusts that `digits` is a number of the JSON grammar; only the parser may say so.
  init(validated digits: String) { self.digits = digits }

  /// The text.
  public var description: String { digits }

  /// The value as an integer from 0 to 2^64 - 1; nil for fractions, exponents, negative and larger numbers.
  public var uint64: UInt64? { Self.decimal(digits) }

  /// The value as a 64-bit signed integer; nil for fractions, exponents and numbers out of range.
  public var int64: Int64? { Int64(digits) }

  static func decimal(_ text: String) -> UInt64? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }  // no sign
    return UInt64(text)
  }
}

/// The members of a JSON object, in their order, each name once.
public struct JSONObject: Hashable, Sendable {
  /// One name and its value.
  public struct Member: Hashable, Sendable, JSONNamed {
    /// The name, unescaped.
    public let name: String
    /// The value.
    public var value: JSONValue

    let key: JSONNameKey

    init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
      key = JSONNameKey(name)
    }
  }

  /// The members, in the order in which they were written.
  public private(set) var members: [Member] = []

  /// An object without members.
  public init() {}

  /// Takes members whose names are known to differ.
  init(distinct members: [Member]) { self.members = members }

  /// The value of the member `name`. Setting replaces in place, appends, or removes with nil.
  ///
  /// Names are compared as bytes.
  ///
  /// - Complexity: linear in the number of members.
  public subscript(name: String) -> JSONValue? {
    get { members.index(of: name).map { members[$0].value } }
    set {
      let at = members.index(of: name)
      switch (at, newValue) {
      case (let i?, let value?): members[i].value = value
      case (let i?, nil): members.remove(at: i)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}
