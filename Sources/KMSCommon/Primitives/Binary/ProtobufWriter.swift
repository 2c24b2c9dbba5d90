/// Writes the wire format of Protocol Buffers (protobuf.dev, "Encoding"): fields of bytes and of integers.
public struct ProtobufWriter {
  /// What was written.
  public private(set) var bytes: [UInt8]

  /// Starts with `prefix`, such as the type prefixes of Amino.
  public init(prefix: [UInt8] = []) { bytes = prefix }

  /// Appends a field of bytes; `number` is below 16.
  public mutating func append(_ number: UInt8, _ value: [UInt8]) {
    bytes.append(number << 3 | 2)
    bytes += Self.varint(UInt64(value.count)) + value
  }

  /// Appends a field with an integer, which is left out when it is 0; `number` is below 16.
  public mutating func append(_ number: UInt8, _ value: UInt64) {
    if value == 0 { return }
    bytes.append(number << 3)
    bytes += Self.varint(value)
  }

  /// An integer in groups of 7 bits, the low ones first.
  public static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var out: [UInt8] = []
    while rest >= 0x80 {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(truncatingIfNeeded: rest))
    return out
  }
}
