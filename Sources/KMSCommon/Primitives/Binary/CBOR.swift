/// One data item of CBOR (RFC 8949), as far as transactions use it.
public enum CBOR: Hashable, Sendable {
  /// An integer from 0 to 2^64 - 1 (major type 0).
  case unsigned(UInt64)
  /// The integer -1 - n (major type 1).
  case negative(UInt64)
  /// A byte string; chunks of an indefinite one are joined.
  case bytes([UInt8])
  /// The UTF-8 bytes of a text string.
  case text([UInt8])
  /// An array.
  case array([CBOR])
  /// A map in the order in which it was written; no key stands twice.
  case map([Pair])
  /// A tag and what it tags.
  indirect case tag(UInt64, CBOR)
  /// A simple value: 20 false, 21 true, 22 null, 23 undefined.
  case simple(UInt8)
  /// The bits of a floating point number, which no transaction has.
  case float(UInt64)

  /// One key of a map with its value.
  public struct Pair: Hashable, Sendable {
    /// The key.
    public let key: CBOR
    /// Its value.
    public let value: CBOR

    /// Pairs `key` with `value`.
    public init(key: CBOR, value: CBOR) {
      self.key = key
      self.value = value
    }
  }

  /// Why bytes are not one item.
  public struct DecodingError: Error, Hashable, Sendable {
    /// What is wrong, and where.
    public let reason: String

    /// An error for this reason.
    public init(reason: String) { self.reason = reason }
  }

  /// The tag of a set (CBOR tag registry; the ledger that uses it writes sets with it since the Conway era).
  public static let setTag: UInt64 = 258

  /// The items of an array or of a tagged set; nil for anything else.
  public var setItems: (items: [CBOR], isTagged: Bool)? {
    switch self {
    case .array(let items): (items, false)
    case .tag(Self.setTag, .array(let items)): (items, true)
    default: nil
    }
  }

  /// Reads exactly one item, see `CBORReader`.
  public static func decode(_ bytes: [UInt8]) throws(DecodingError) -> CBOR {
    var reader = CBORReader(bytes)
    let item = try reader.item()
    try reader.finish()
    return item
  }

  /// Appends the head of an item: its major type (0 to 7) and its argument in the shortest form (RFC 8949 section 4.2.1).
  public static func appendHead(_ majorType: UInt8, _ argument: UInt64, to out: inout [UInt8]) {
    let type = majorType << 5
    let count: Int
    switch argument {
    case 0..<24:
      out.append(type | UInt8(argument))
      return
    case 24...0xff: (count, _) = (1, out.append(type | 24))
    case 0x100...0xffff: (count, _) = (2, out.append(type | 25))
    case 0x1_0000...0xffff_ffff: (count, _) = (4, out.append(type | 26))
    default: (count, _) = (8, out.append(type | 27))
    }
    for shift in (0..<count).reversed() {
      out.append(UInt8(truncatingIfNeeded: argument >> UInt64(8 * shift)))
    }
  }
}
