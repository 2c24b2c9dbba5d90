/// One item of CBOR (RFC 8949) in a transaction, with the bytes that it was read from.
struct CardanoItem {
  enum Content {
    case unsigned(UInt64)
    case bytes([UInt8])
    case text([UInt8])
    case list([CardanoItem])
    case map([(key: CardanoItem, value: CardanoItem)])
    /// Negative integers, simple values, floating point numbers.
    case other
  }

  let content: Content
  /// The innermost tag in front of it.
  let tag: UInt64?
  let encoded: ArraySlice<UInt8>

  /// Reads one item; `rest` is what follows.
  static func decode(_ rest: inout ArraySlice<UInt8>, depth: Int = 0) throws(Refusal) -> CardanoItem {
    guard depth < 16 else { throw Refusal("DecoderFailure: nested too deep") }
    let whole = rest
    var tag: UInt64?
    var (type, count) = try head(&rest)
    while type == 6, let number = count {
      tag = number
      (type, count) = try head(&rest)
    }
    let content: Content
    switch type {
    case 0: content = .unsigned(count ?? 0)
    case 2, 3:
      let bytes = try string(type, count, &rest)
      content = type == 2 ? .bytes(bytes) : .text(bytes)
    case 4:
      var items: [CardanoItem] = []
      while try isMore(items.count, count, &rest) { items.append(try decode(&rest, depth: depth + 1)) }
      content = .list(items)
    case 5:
      var pairs: [(CardanoItem, CardanoItem)] = []
      while try isMore(pairs.count, count, &rest) {
        let key = try decode(&rest, depth: depth + 1)
        pairs.append((key, try decode(&rest, depth: depth + 1)))
      }
      content = .map(pairs)
    default:
      guard count != nil else { throw Refusal("DecoderFailure: unexpected break") }
      content = .other
    }
    return CardanoItem(content: content, tag: tag, encoded: whole[whole.startIndex..<rest.startIndex])
  }

  /// Reads all of `bytes` as one item.
  static func decode(_ bytes: [UInt8]) throws(Refusal) -> CardanoItem {
    var rest = bytes[...]
    let item = try decode(&rest)
    guard rest.isEmpty else { throw Refusal("DecoderFailure: trailing bytes") }
    return item
  }

  /// Major type and argument; nil for an indefinite length and for the break.
  private static func head(_ rest: inout ArraySlice<UInt8>) throws(Refusal) -> (UInt8, UInt64?) {
    guard let first = rest.popFirst() else { throw Refusal("DecoderFailure: end of input") }
    switch first & 31 {
    case 0..<24: return (first >> 5, UInt64(first & 31))
    case 31: return (first >> 5, nil)
    case let width where width < 28:
      let digits = rest.prefix(1 << Int(width - 24))
      guard digits.count == 1 << Int(width - 24) else { throw Refusal("DecoderFailure: end of input") }
      rest = rest.dropFirst(digits.count)
      return (first >> 5, digits.reduce(0) { $0 << 8 | UInt64($1) })
    default: throw Refusal("DecoderFailure: reserved head")
    }
  }

  private static func isMore(
    _ read: Int, _ count: UInt64?, _ rest: inout ArraySlice<UInt8>
  ) throws(Refusal) -> Bool {
    if let count { return UInt64(read) < count }
    guard rest.first == 0xFF else { return true }
    rest = rest.dropFirst()
    return false
  }

  private static func string(
    _ type: UInt8, _ count: UInt64?, _ rest: inout ArraySlice<UInt8>
  ) throws(Refusal) -> [UInt8] {
    guard let count else {
      var all: [UInt8] = []
      while try isMore(0, nil, &rest) {
        let (inner, length) = try head(&rest)
        guard inner == type, let length else { throw Refusal("DecoderFailure: chunk") }
        all += try string(type, length, &rest)
      }
      return all
    }
    guard count <= UInt64(rest.count) else { throw Refusal("DecoderFailure: end of input") }
    let bytes = Array(rest.prefix(Int(count)))
    rest = rest.dropFirst(bytes.count)
    return bytes
  }

  // MARK: Typed access

  func unsigned(_ name: String) throws(Refusal) -> UInt64 {
    guard case .unsigned(let value) = content else { throw Refusal("DecoderFailure: \(name)") }
    return value
  }

  func bytes(_ name: String) throws(Refusal) -> [UInt8] {
    guard case .bytes(let bytes) = content else { throw Refusal("DecoderFailure: \(name)") }
    return bytes
  }

  func list(_ name: String) throws(Refusal) -> [CardanoItem] {
    guard case .list(let items) = content else { throw Refusal("DecoderFailure: \(name)") }
    return items
  }

  /// The values of a map by their numbers.
  func members(_ name: String) throws(Refusal) -> [UInt64: CardanoItem] {
    guard case .map(let pairs) = content else { throw Refusal("DecoderFailure: \(name)") }
    var members: [UInt64: CardanoItem] = [:]
    for pair in pairs {
      guard members.updateValue(pair.value, forKey: try pair.key.unsigned(name)) == nil else {
        throw Refusal("DecoderFailure: \(name) has a member twice")
      }
    }
    return members
  }

  // MARK: Writing

  static func head(_ type: UInt8, _ value: UInt64) -> [UInt8] {
    let width = value < 24 ? 0 : value < 1 << 8 ? 1 : value < 1 << 16 ? 2 : value < 1 << 32 ? 4 : 8
    if width == 0 { return [type << 5 | UInt8(value)] }
    let code: [Int: UInt8] = [1: 24, 2: 25, 4: 26, 8: 27]
    return [type << 5 | (code[width] ?? 27)]
      + (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  static func string(_ bytes: [UInt8]) -> [UInt8] { head(2, UInt64(bytes.count)) + bytes }
}
