/// Recursive Length Prefix, the serialisation of the EVM's networks (Yellow Paper, appendix B).
///
/// Transactions are written with the `append` functions straight into one buffer; `Item` is for formats that are
/// nested freely, and for reading.
public enum RLP {
  /// A byte string or a list of items.
  public indirect enum Item: Hashable, Sendable {
    case bytes([UInt8])
    case list([Item])
  }

  /// Why bytes are not the RLP encoding of one item.
  public struct DecodingError: Error, Hashable, Sendable {
    /// What is wrong.
    public let reason: String

    /// An error for this reason.
    public init(reason: String) { self.reason = reason }
  }

  /// How deep lists may nest when they are read. A transaction needs four levels.
  public static let maximumDepth = 32

  // MARK: Writing

  /// Appends a byte string.
  public static func append(_ bytes: [UInt8], to out: inout [UInt8]) { append(bytes[...], to: &out) }

  /// Appends a byte string.
  public static func append(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) {
    if bytes.count == 1, let only = bytes.first, only < 0x80 {
      out.append(only)
    } else {
      appendHeader(0x80, bytes.count, to: &out)
      out.append(contentsOf: bytes)
    }
  }

  /// Appends an integer: big endian without leading zeros, zero is the empty string.
  public static func append(_ value: UInt64, to out: inout [UInt8]) {
    if value > 0 && value < 0x80 {
      out.append(UInt8(truncatingIfNeeded: value))
    } else {
      out.append(0x80 + UInt8(byteCount(value)))
      appendBigEndian(value, to: &out)
    }
  }

  /// Appends an integer: big endian without leading zeros, zero is the empty string.
  public static func append(_ value: UInt256, to out: inout [UInt8]) {
    if let small = value.uint64 {
      append(small, to: &out)
    } else {
      out.append(0x80 + UInt8(value.byteCount))
      value.appendMinimalBytes(to: &out)
    }
  }

  /// Appends the header of a list whose encoded items take `payloadCount` bytes; the items follow.
  public static func appendListHeader(payloadCount: Int, to out: inout [UInt8]) {
    appendHeader(0xC0, payloadCount, to: &out)
  }

  /// The longest header: its first byte, and a length of 8 bytes.
  public static let longestHeader = 9

  /// Puts the header of a list in front of its items, which are everything from `start` on; there must be room for
  /// `longestHeader`. Returns where the list begins.
  public static func putListHeader(before start: Int, in bytes: inout [UInt8]) -> Int {
    let count = UInt64(bytes.count - start)
    guard count >= 56 else {
      bytes[start - 1] = 0xC0 + UInt8(truncatingIfNeeded: count)
      return start - 1
    }
    let size = byteCount(count)
    for i in 0..<size { bytes[start - 1 - i] = UInt8(truncatingIfNeeded: count >> UInt64(8 * i)) }
    bytes[start - 1 - size] = 0xC0 + 55 + UInt8(size)
    return start - 1 - size
  }

  /// The encoded size of a byte string of `count` bytes; exact but for one byte below 0x80, which takes 1.
  public static func encodedCount(ofBytes count: Int) -> Int { count + headerCount(count) }

  /// Encodes `item`.
  ///
  /// - Complexity: linear in its size times its depth.
  public static func encode(_ item: Item) -> [UInt8] {
    var out: [UInt8] = []
    append(item, to: &out)
    return out
  }

  private static func append(_ item: Item, to out: inout [UInt8]) {
    switch item {
    case .bytes(let bytes): append(bytes, to: &out)
    case .list(let items):
      var payload: [UInt8] = []
      for inner in items { append(inner, to: &payload) }
      appendListHeader(payloadCount: payload.count, to: &out)
      out.append(contentsOf: payload)
    }
  }

  private static func appendHeader(_ base: UInt8, _ count: Int, to out: inout [UInt8]) {
    if count < 56 {
      out.append(base + UInt8(truncatingIfNeeded: count))
    } else {
      let length = UInt64(count)
      out.append(base + 55 + UInt8(byteCount(length)))
      appendBigEndian(length, to: &out)
    }
  }

  private static func headerCount(_ count: Int) -> Int { count < 56 ? 1 : 1 + byteCount(UInt64(count)) }

  private static func byteCount(_ value: UInt64) -> Int { (64 - value.leadingZeroBitCount + 7) / 8 }

  private static func appendBigEndian(_ value: UInt64, to out: inout [UInt8]) {
    var shift = byteCount(value) * 8
    while shift > 0 {
      shift -= 8
      out.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  // MARK: Reading

  /// Reads exactly one item.
  ///
  /// Strict: every length in its shortest form, a single byte below 0x80 without header, nothing missing and nothing
  /// left over, at most `maximumDepth` lists inside each other.
  public static func decode(_ bytes: [UInt8]) throws(DecodingError) -> Item {
    var at = 0
    let item = try decodeItem(bytes, &at, end: bytes.count, depth: 0)
    guard at == bytes.count else { throw DecodingError(reason: "more bytes follow the item") }
    return item
  }

  private static func decodeItem(
    _ bytes: [UInt8], _ at: inout Int, end: Int, depth: Int
  ) throws(DecodingError) -> Item {
    guard at < end else { throw DecodingError(reason: "an item was expected") }
    let first = bytes[at]
    at += 1
    switch first {
    case 0..<0x80:
      return .bytes([first])
    case 0x80..<0xC0:
      let count = try decodeCount(first - 0x80, bytes, &at, end: end)
      let string = Array(bytes[at..<at + count])
      at += count
      if count == 1, string[0] < 0x80 {
        throw DecodingError(reason: "a small byte has a header that it must not have")
      }
      return .bytes(string)
    default:
      guard depth < maximumDepth else { throw DecodingError(reason: "lists nest too deep") }
      let count = try decodeCount(first - 0xC0, bytes, &at, end: end)
      let listEnd = at + count
      var items: [Item] = []
      while at < listEnd { items.append(try decodeItem(bytes, &at, end: listEnd, depth: depth + 1)) }
      return .list(items)
    }
  }

  /// The length that a header announces, checked against what is there.
  private static func decodeCount(
    _ short: UInt8, _ bytes: [UInt8], _ at: inout Int, end: Int
  ) throws(DecodingError) -> Int {
    var count = UInt64(short)
    if short > 55 {
      let lengthCount = Int(short) - 55
      guard end - at >= lengthCount else { throw DecodingError(reason: "the bytes end too early") }
      count = UInt64(bigEndianBytes: bytes[at..<at + lengthCount])
      guard bytes[at] != 0, count > 55 else {
        throw DecodingError(reason: "a length is not in its shortest form")
      }
      at += lengthCount
    }
    guard count <= UInt64(end - at) else { throw DecodingError(reason: "the bytes end too early") }
    return Int(count)
  }
}
