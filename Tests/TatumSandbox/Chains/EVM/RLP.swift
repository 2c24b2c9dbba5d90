/// One item of Recursive Length Prefix (Ethereum Yellow Paper, appendix B), read strictly.
///
/// Every item keeps the bytes that it was read from, so that what was signed is put together from the very bytes
/// that arrived and not from an encoder's idea of them.
struct RLPItem {
  enum Content {
    case bytes(ArraySlice<UInt8>)
    case list([RLPItem])
  }

  let content: Content
  /// The item with its header, as it stood in the text.
  let encoded: ArraySlice<UInt8>

  /// Deepest honest nesting: transaction, access list, entry, storage keys.
  private static let maximumDepth = 5

  /// Reads the whole of `bytes` as one item: shortest headers only, nothing behind the item.
  static func decode(_ bytes: [UInt8]) throws(Refusal) -> RLPItem {
    var rest = bytes[...]
    let item = try decode(&rest, depth: 1)
    guard rest.isEmpty else { throw Refusal("rlp: input contains more than one value") }
    return item
  }

  private static func decode(_ rest: inout ArraySlice<UInt8>, depth: Int) throws(Refusal) -> RLPItem {
    guard depth <= maximumDepth else { throw Refusal("rlp: values nest too deep") }
    let whole = rest
    guard let first = rest.popFirst() else { throw Refusal("rlp: value size exceeds available input length") }
    func item(_ content: Content, _ rest: ArraySlice<UInt8>) -> RLPItem {
      RLPItem(content: content, encoded: whole[whole.startIndex..<rest.startIndex])
    }
    if first < 0x80 { return item(.bytes(whole.prefix(1)), rest) }
    let isList = first >= 0xC0
    let short = Int(first) - (isList ? 0xC0 : 0x80)
    let length = short <= 55 ? short : try longLength(&rest, count: short - 55)
    guard length <= rest.count else { throw Refusal("rlp: value size exceeds available input length") }
    var payload = rest.prefix(length)
    rest = rest.dropFirst(length)
    guard isList else {
      if length == 1, let only = payload.first, only < 0x80 {
        throw Refusal("rlp: non-canonical size information")
      }
      return item(.bytes(payload), rest)
    }
    var items: [RLPItem] = []
    while !payload.isEmpty { items.append(try decode(&payload, depth: depth + 1)) }
    return item(.list(items), rest)
  }

  private static func longLength(_ rest: inout ArraySlice<UInt8>, count: Int) throws(Refusal) -> Int {
    let digits = rest.prefix(count)
    guard digits.count == count, count <= 4 else {
      throw Refusal("rlp: value size exceeds available input length")
    }
    let length = digits.reduce(0) { $0 << 8 | Int($1) }
    guard digits.first != 0, length > 55 else { throw Refusal("rlp: non-canonical size information") }
    rest = rest.dropFirst(count)
    return length
  }

  /// A list of items that are already encoded.
  static func list(_ items: some Sequence<ArraySlice<UInt8>>) -> [UInt8] {
    let payload = items.flatMap { $0 }
    if payload.count <= 55 { return [0xC0 + UInt8(payload.count)] + payload }
    let length = Quantity.minimalBytes(UInt64(payload.count))
    return [0xF7 + UInt8(length.count)] + length + payload
  }

  /// An integer that is already encoded.
  static func integer(_ value: UInt64) -> ArraySlice<UInt8> {
    let bytes = Quantity.minimalBytes(value)
    return (bytes.count == 1 && bytes[0] < 0x80 ? bytes : [0x80 + UInt8(bytes.count)] + bytes)[...]
  }

  // MARK: Typed access

  func list(_ name: String) throws(Refusal) -> [RLPItem] {
    guard case .list(let items) = content else { throw Refusal("rlp: expected a list for \(name)") }
    return items
  }

  func bytes(_ name: String) throws(Refusal) -> [UInt8] {
    guard case .bytes(let bytes) = content else { throw Refusal("rlp: expected bytes for \(name)") }
    return Array(bytes)
  }

  /// An integer of at most `count` bytes, without leading zeros.
  func integer(_ name: String, maximumBytes count: Int = 32) throws(Refusal) -> [UInt8] {
    let bytes = try bytes(name)
    guard bytes.first != 0 else {
      throw Refusal("rlp: non-canonical integer (leading zero bytes) for \(name)")
    }
    guard bytes.count <= count else { throw Refusal("rlp: \(name) is too large") }
    return bytes
  }

  func uint64(_ name: String) throws(Refusal) -> UInt64 {
    try integer(name, maximumBytes: 8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// 20 bytes, or none where `mayBeEmpty`.
  func address(_ name: String, mayBeEmpty: Bool = true) throws(Refusal) -> [UInt8]? {
    let bytes = try bytes(name)
    if bytes.isEmpty && mayBeEmpty { return nil }
    guard bytes.count == 20 else { throw Refusal("rlp: \(name) is not 20 bytes long") }
    return bytes
  }
}
