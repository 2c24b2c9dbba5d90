/// Reads the wire format of Protocol Buffers (protobuf.dev, "Encoding"), and only the one form in which
/// nodes and SDKs write a message.
///
/// A lenient reader would take several byte strings for one message, or let a later field replace an earlier one; then
/// what a person was shown and what the network reads could differ.
public enum ProtobufReader {
  /// One field as it stands on the wire.
  public struct Field: Hashable, Sendable {
    /// From 1 to 2^29 - 1.
    public let number: UInt32
    /// What it holds.
    public let value: Value

    /// A field with `number` and `value`.
    public init(number: UInt32, value: Value) {
      self.number = number
      self.value = value
    }
  }

  /// The two wire types that transactions use.
  public enum Value: Hashable, Sendable {
    /// Wire type 0: integers, booleans, enumerations.
    case varint(UInt64)
    /// Wire type 2: bytes, text, messages.
    case bytes(ArraySlice<UInt8>)
  }

  /// Why bytes are not a message in that form.
  public struct DecodingError: Error, Hashable, Sendable {
    /// What is wrong.
    public let reason: String

    /// An error for this reason.
    public init(reason: String) { self.reason = reason }
  }

  /// The fields of a message, in ascending order of their numbers.
  ///
  /// Refuses varints that are not in their shortest form or above 2^64 - 1, fields out of order, other wire types
  /// (fixed-size numbers, groups), and whatever is cut off.
  ///
  /// - Complexity: linear in the number of bytes.
  public static func fields(of message: ArraySlice<UInt8>) throws(DecodingError) -> [Field] {
    var rest = message
    var fields: [Field] = []
    var last: UInt64 = 0
    while !rest.isEmpty {
      let tag = try varint(&rest)
      let number = tag >> 3
      // Field numbers have 29 bits.
      guard (1...536_870_911).contains(number) else {
        throw DecodingError(reason: "a field number is out of range")
      }
      guard number >= last else { throw DecodingError(reason: "fields are out of order") }
      last = number
      let value: Value
      switch tag & 7 {
      case 0: value = .varint(try varint(&rest))
      case 2:
        let count = try varint(&rest)
        guard count <= UInt64(rest.count) else { throw DecodingError(reason: "the bytes end too early") }
        value = .bytes(rest.prefix(Int(count)))
        rest = rest.dropFirst(Int(count))
      default: throw DecodingError(reason: "field \(number) has a wire type that is not used")
      }
      fields.append(Field(number: UInt32(number), value: value))
    }
    return fields
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws(DecodingError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      let bits = UInt64(byte & 0x7F)
      guard shift < 63 || (shift == 63 && bits <= 1) else {
        throw DecodingError(reason: "a number has more than 64 bits")
      }
      value |= bits << shift
      if byte & 0x80 == 0 {
        guard byte != 0 || shift == 0 else {
          throw DecodingError(reason: "a number is not in its shortest form")
        }
        return value
      }
      shift += 7
    }
    throw DecodingError(reason: "the bytes end too early")
  }
}
