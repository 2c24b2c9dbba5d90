internal import KMSPrimitives
internal import KMSRecords

/// An argument of a Flow transaction in the JSON-Cadence data interchange format (docs of Cadence, "JSON-Cadence").
package struct FlowArgument: Hashable, Sendable {
  /// `{"type":…,"value":…}`.
  let json: JSONValue

  /// The bytes that are signed and sent.
  package var bytes: [UInt8] { json.encoded() }

  private init(_ type: String, _ value: JSONValue) {
    var object = JSONObject()
    object["type"] = .string(type)
    object["value"] = value
    json = .object(object)
  }

  // MARK: Values

  /// An account's address.
  static func address(_ address: FlowAddress) -> FlowArgument {
    FlowArgument("Address", .string(address.text))
  }

  /// A text.
  static func string(_ text: String) -> FlowArgument { FlowArgument("String", .string(text)) }

  /// An integer below 2^64.
  static func uint64(_ value: UInt64) -> FlowArgument { FlowArgument("UInt64", .string(String(value))) }

  /// An amount of tokens.
  static func ufix64(_ amount: FlowAmount) -> FlowArgument { FlowArgument("UFix64", .string(amount.text)) }

  /// Several values.
  static func array(_ items: [FlowArgument]) -> FlowArgument {
    FlowArgument("Array", .array(items.map(\.json)))
  }

  // MARK: Values of the server

  /// An argument of a script that the server supplies: `{"type","value"}`, for an array with `subType`.
  ///
  /// - Parameter member: the argument's name, for messages.
  /// - Throws: `malformed-transaction` when the type is not known here or the value is not one of it.
  init(custom json: JSONValue, member: String) throws(ChainError) {
    guard let type = json["type"]?.string, let value = json["value"] else {
      throw .malformed("\(member) has no type or no value")
    }
    guard type == "Array" else {
      self = try Self.scalar(type, value, member: member)
      return
    }
    guard let subType = json["subType"]?.string, let items = value.array else {
      throw .malformed("\(member) is an array without subType or list of values")
    }
    var arguments: [FlowArgument] = []
    for item in items { arguments.append(try Self.scalar(subType, item, member: member)) }
    self = .array(arguments)
  }

  /// Integer types and their bits; `Int` and `UInt` have no limit in Cadence, and 256 bits here.
  private static let integers: [String: Int] = {
    var bits = ["Int": 257, "UInt": 256]
    for size in [8, 16, 32, 64, 128, 256] {
      for name in ["Int", "UInt", "Word"] { bits["\(name)\(size)"] = size }
    }
    return bits
  }()

  private static func scalar(
    _ type: String, _ value: JSONValue, member: String
  ) throws(ChainError) -> FlowArgument {
    let text = value.string ?? value.number?.digits
    switch type {
    case "String", "Character":
      guard let text = value.string, type == "String" || text.count == 1 else { break }
      return FlowArgument(type, .string(text))
    case "Bool":
      guard let flag = value.bool else { break }
      return FlowArgument(type, .bool(flag))
    case "Address":
      guard let address = value.string.flatMap({ FlowAddress($0) }) else { break }
      return .address(address)
    case "UFix64", "Fix64":
      guard let text else { break }
      let isNegative = type == "Fix64" && text.hasPrefix("-")
      guard let amount = FlowAmount(isNegative ? String(text.dropFirst()) : text) else { break }
      guard type == "UFix64" || amount.units <= UInt64(Int64.max) + (isNegative ? 1 : 0) else { break }
      return FlowArgument(type, .string((isNegative ? "-" : "") + amount.text))
    case _ where integers[type] != nil:
      guard let text, isInteger(text, bits: integers[type] ?? 0, signed: type.hasPrefix("Int")) else { break }
      return FlowArgument(type, .string(text))
    default: throw .malformed("\(member) has a type that is not supported")
    }
    throw .malformed("\(member) has a value that is not of its type")
  }

  /// Whether `text` is an integer of `bits` bits, in two's complement when `signed`.
  private static func isInteger(_ text: String, bits: Int, signed: Bool) -> Bool {
    let isNegative = signed && text.utf8.first == UInt8(ascii: "-")
    guard let value = UInt256(decimal: text.utf8.dropFirst(isNegative ? 1 : 0)) else { return false }
    let magnitude = signed ? bits - 1 : bits
    guard magnitude < 256 else { return true }
    var limit = [UInt8](repeating: 0, count: 32)
    limit[31 - magnitude / 8] = 1 << UInt8(magnitude % 8)
    guard let limit = UInt256(bigEndian: limit) else { return false }
    return value < limit || isNegative && value == limit
  }
}

/// An amount of tokens: a decimal number with 8 digits after the point, exact (`UFix64` of Cadence).
struct FlowAmount: Hashable, Sendable {
  /// The amount times 10^8.
  let units: UInt64

  /// Reads plain decimal text, such as `0.001`; what the API takes as well: `.001`, `1.`, `+1`.
  ///
  /// Nil for a minus, exponents, more than 8 digits after the point other than zeros, and from 184467440737.09551616 on.
  init?(_ text: String) {
    let digits = text.utf8.first == UInt8(ascii: "+") ? text.utf8.dropFirst() : text.utf8[...]
    let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts.allSatisfy(\.isEmpty) else { return nil }
    var fraction = parts.count == 2 ? Array(parts[1]) : []
    while fraction.count > 8, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    guard fraction.count <= 8 else { return nil }
    fraction += [UInt8](repeating: UInt8(ascii: "0"), count: 8 - fraction.count)
    guard let units = UInt256(decimal: Array(parts[0]) + fraction)?.uint64 else { return nil }
    self.units = units
  }

  /// The amount with all 8 digits after the point.
  var text: String {
    let fraction = String(units % 100_000_000)
    return "\(units / 100_000_000)." + String(repeating: "0", count: 8 - fraction.utf8.count) + fraction
  }
}
