/// Builds values from JSON text.
struct JSONParser {
  /// How many values a text inside of a record may have when it is built: the largest honest transactions have some
  /// ten thousand. A value takes up to 100 bytes, so this bounds the memory that one record takes.
  static let maximumValuesOfRecord = 1 << 17

  /// The most values that are built.
  let maximumValues: Int
  /// Whether names are refused that Swift's `==` would take for other ones in ASCII.
  let refusesLookalikes: Bool
  /// The members of the objects that are being read, the innermost object's last: each object gets its array when all
  /// of its members are known, in one allocation of the right size.
  private var open: [JSONObject.Member] = []

  init(maximumValues: Int = .max, refusesLookalikes: Bool = false) {
    self.maximumValues = maximumValues
    self.refusesLookalikes = refusesLookalikes
  }

  /// Reads the whole of `bytes` as one value.
  mutating func parse(_ bytes: JSONBytes) throws(JSONSyntaxError) -> JSONValue {
    var scanner = JSONScanner(
      bytes, maximumValues: maximumValues, refusesLookalikes: refusesLookalikes)
    guard bytes.count <= Int(Int32.max) else { throw scanner.error("the text is longer than 2 GiB") }
    let value = try value(&scanner, depth: 0)
    try scanner.finish()
    return value
  }

  private mutating func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONSyntaxError) -> JSONValue {
    let kind = try scanner.kind()
    switch kind {
    case .object: return .object(JSONObject(distinct: try members(&scanner, depth: depth + 1)))
    case .array:
      var items: [JSONValue] = []
      try scanner.array(depth: depth + 1) { (scanner) throws(JSONSyntaxError) in
        items.append(try value(&scanner, depth: depth + 1))
      }
      return .array(items)
    case .string: return .string(try scanner.string().text(in: scanner.bytes))
    case .number: return .number(JSONNumber(validated: scanner.bytes.text(try scanner.number())))
    case .true, .false, .null:
      try scanner.word(kind)
      return kind == .null ? .null : .bool(kind == .true)
    }
  }

  private mutating func members(
    _ scanner: inout JSONScanner, depth: Int
  ) throws(JSONSyntaxError) -> [JSONObject.Member] {
    if depth == 1 { return try outermostMembers(&scanner) }
    let first = open.count
    try scanner.object(depth: depth) { (scanner, name) throws(JSONSyntaxError) in
      let text = name.text(in: scanner.bytes)
      open.append(JSONObject.Member(name: text, value: try value(&scanner, depth: depth)))
    }
    let members = Array(open[first...])
    open.removeLast(open.count - first)
    return members
  }

  /// Of an object that stands in no other one: most transactions are such an object and nothing in it.
  private mutating func outermostMembers(
    _ scanner: inout JSONScanner
  ) throws(JSONSyntaxError) -> [JSONObject.Member] {
    var members: [JSONObject.Member] = []
    members.reserveCapacity(8)
    try scanner.object(depth: 1) { (scanner, name) throws(JSONSyntaxError) in
      members.append(
        JSONObject.Member(name: name.text(in: scanner.bytes), value: try value(&scanner, depth: 1)))
    }
    return members
  }
}

extension JSONValue {
  /// Reads `text` as one JSON value, as servers and files give them.
  ///
  /// - Throws: `JSONSyntaxError` when it is not JSON, not valid UTF-8, nests more than 64 deep, or has a name
  ///   twice in one object.
  public init(parsing text: some Sequence<UInt8>) throws(JSONSyntaxError) {
    let result =
      unsafe text.withContiguousStorageIfAvailable { unsafe Self.parse(JSONBytes($0)) }
      ?? ContiguousArray(text).withUnsafeBufferPointer { unsafe Self.parse(JSONBytes($0)) }
    self = try result.get()
  }

  /// The same for bytes of a span.
  ///
  /// - Throws: as `init(parsing:)` for a sequence.
  public init(parsing text: Span<UInt8>) throws(JSONSyntaxError) {
    self = try unsafe text.withUnsafeBufferPointer { unsafe Self.parse(JSONBytes($0)) }.get()
  }

  /// Reads `text`, which stands in a record, as one JSON value.
  ///
  /// - Throws: as `init(parsing:)` for bytes; also when there are more than 131,072 values, and when a member name has
  ///   one of the three characters that Swift takes for others in ASCII.
  public init(parsing text: String) throws(JSONSyntaxError) {
    var text = text
    let result = text.withUTF8 {
      unsafe Self.parse(JSONBytes($0), JSONParser.maximumValuesOfRecord, refusesLookalikes: true)
    }
    self = try result.get()
  }

  private static func parse(
    _ bytes: JSONBytes, _ maximumValues: Int = .max, refusesLookalikes: Bool = false
  ) -> Result<JSONValue, JSONSyntaxError> {
    var parser = JSONParser(maximumValues: maximumValues, refusesLookalikes: refusesLookalikes)
    do throws(JSONSyntaxError) { return .success(try parser.parse(bytes)) } catch { return .failure(error) }
  }
}
