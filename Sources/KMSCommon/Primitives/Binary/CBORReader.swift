/// Reads CBOR (RFC 8949) from bytes that somebody else wrote.
///
/// Strict where the standard is: nothing missing, no reserved values, no stray break, valid UTF-8, chunks of the kind of
/// their string, no key twice in a map. Lengths may be indefinite, and heads longer than they had to be: the ledger
/// hashes what is written, so both occur. Memory and time are linear in the input, whatever lengths it announces.
public struct CBORReader {
  /// How deep items may nest. A transaction body needs eight levels.
  public static let maximumDepth = 32

  private let bytes: [UInt8]
  /// The offset of the next byte.
  public private(set) var position = 0

  /// Reads `bytes` from the front.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether everything was read.
  public var isAtEnd: Bool { position == bytes.count }

  /// The head of an item.
  private struct Head {
    let majorType: UInt8
    /// The count or value; nil for an indefinite length or a break.
    let argument: UInt64?
    /// The additional information, which tells simple values from floating point numbers.
    let information: UInt8
  }

  private static let breakHead: UInt8 = 0xff

  // MARK: Items

  /// Reads the next item.
  public mutating func item() throws(CBOR.DecodingError) -> CBOR { try item(depth: 0) }

  /// Checks that nothing follows.
  public func finish() throws(CBOR.DecodingError) {
    guard isAtEnd else { throw error("more bytes follow the item") }
  }

  /// Reads the head of an array and returns how many items follow; nil when a break ends them.
  public mutating func arrayCount() throws(CBOR.DecodingError) -> Int? {
    let head = try head()
    guard head.majorType == 4 else { throw error("an array was expected") }
    return try head.argument.map { (count) throws(CBOR.DecodingError) in try fitting(count) }
  }

  /// Steps over the next item, which is checked but not kept; that a map has a key twice is left to who reads it.
  public mutating func skip() throws(CBOR.DecodingError) { try skip(depth: 0) }

  private mutating func item(depth: Int) throws(CBOR.DecodingError) -> CBOR {
    guard depth < Self.maximumDepth else { throw error("items nest too deep") }
    let head = try head()
    switch head.majorType {
    case 0, 1:
      guard let value = head.argument else { throw error("an integer has no value") }
      return head.majorType == 0 ? .unsigned(value) : .negative(value)
    case 2: return .bytes(try string(head))
    case 3: return .text(try string(head))
    case 4:
      var items: [CBOR] = []
      try repeated(head) { (reader) throws(CBOR.DecodingError) in
        items.append(try reader.item(depth: depth + 1))
      }
      return .array(items)
    case 5:
      var pairs: [CBOR.Pair] = []
      var keys: Set<CBOR> = []
      try repeated(head) { (reader) throws(CBOR.DecodingError) in
        let key = try reader.item(depth: depth + 1)
        guard keys.insert(key).inserted else { throw reader.error("a map has a key twice") }
        pairs.append(CBOR.Pair(key: key, value: try reader.item(depth: depth + 1)))
      }
      return .map(pairs)
    case 6:
      guard let tag = head.argument else { throw error("a tag has no number") }
      return .tag(tag, try item(depth: depth + 1))
    default:
      return try simple(head)
    }
  }

  private mutating func skip(depth: Int) throws(CBOR.DecodingError) {
    guard depth < Self.maximumDepth else { throw error("items nest too deep") }
    let head = try head()
    switch head.majorType {
    case 2, 3: _ = try string(head)
    case 4: try repeated(head) { (reader) throws(CBOR.DecodingError) in try reader.skip(depth: depth + 1) }
    case 5:
      try repeated(head) { (reader) throws(CBOR.DecodingError) in
        try reader.skip(depth: depth + 1)
        try reader.skip(depth: depth + 1)
      }
    case 6: try skip(depth: depth + 1)
    case 7: _ = try simple(head)
    default: break  // an integer is all head
    }
  }

  // MARK: Parts

  /// Calls `read` for each entry of an array or map.
  private mutating func repeated(
    _ head: Head, _ read: (inout CBORReader) throws(CBOR.DecodingError) -> Void
  ) throws(CBOR.DecodingError) {
    if let count = head.argument {
      for _ in 0..<(try fitting(count)) { try read(&self) }
    } else {
      while try !isBreak() { try read(&self) }
    }
  }

  /// The content of a byte or text string.
  private mutating func string(_ head: Head) throws(CBOR.DecodingError) -> [UInt8] {
    guard head.argument == nil else { return try chunk(head) }
    var content: [UInt8] = []
    while try !isBreak() {
      let inner = try self.head()
      guard inner.majorType == head.majorType, inner.argument != nil else {
        throw error("a string has a chunk of another kind")
      }
      content += try chunk(inner)
    }
    return content
  }

  private mutating func chunk(_ head: Head) throws(CBOR.DecodingError) -> [UInt8] {
    let count = try fitting(head.argument ?? 0)
    let content = Array(bytes[position..<position + count])
    position += count
    if head.majorType == 3, String(validating: content, as: UTF8.self) == nil {
      throw error("a text is not UTF-8")
    }
    return content
  }

  private func simple(_ head: Head) throws(CBOR.DecodingError) -> CBOR {
    guard let value = head.argument else { throw error("a break stands where an item was expected") }
    switch head.information {
    case 0..<24: return .simple(head.information)
    case 24:
      // RFC 8949 section 3.3: below 32 the two-byte form is not well-formed.
      guard value >= 32 else { throw error("a simple value has the wrong form") }
      return .simple(UInt8(truncatingIfNeeded: value))
    default: return .float(value)
    }
  }

  private mutating func isBreak() throws(CBOR.DecodingError) -> Bool {
    guard position < bytes.count else { throw error("the bytes end too early") }
    guard bytes[position] == Self.breakHead else { return false }
    position += 1
    return true
  }

  private mutating func head() throws(CBOR.DecodingError) -> Head {
    guard position < bytes.count else { throw error("the bytes end too early") }
    let first = bytes[position]
    position += 1
    let information = first & 31
    let majorType = first >> 5
    switch information {
    case 0..<24: return Head(majorType: majorType, argument: UInt64(information), information: information)
    case 24...27:
      let count = 1 << Int(information - 24)
      guard bytes.count - position >= count else { throw error("the bytes end too early") }
      let argument = UInt64(bigEndianBytes: bytes[position..<position + count])
      position += count
      return Head(majorType: majorType, argument: argument, information: information)
    case 31 where majorType >= 2 && majorType != 6:
      return Head(majorType: majorType, argument: nil, information: information)
    default: throw error("a reserved value is used")
    }
  }

  /// A count that what is left can hold: every item and every byte of a string takes a byte at least.
  private func fitting(_ count: UInt64) throws(CBOR.DecodingError) -> Int {
    guard count <= UInt64(bytes.count - position) else { throw error("the bytes end too early") }
    return Int(count)
  }

  private func error(_ reason: String) -> CBOR.DecodingError {
    CBOR.DecodingError(reason: "\(reason) (at byte \(position))")
  }
}
