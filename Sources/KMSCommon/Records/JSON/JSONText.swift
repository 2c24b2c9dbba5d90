internal import KMSPrimitives

/// A JSON object as it stands in a text: where its members are was noted, and they are looked into when somebody asks.
///
/// Names are compared as bytes. Members that are null and absent ones are the same where it is not said otherwise.
package struct JSONText: Sendable {
  /// The text, and what stands around it.
  private let bytes: ArraySlice<UInt8>
  /// Where the object is in it.
  private let range: Range<Int>
  /// Its members, those that are null included; places are counted from the beginning of `bytes`.
  package let members: ArraySlice<JSONMember>

  /// An object whose members were noted.
  init(_ bytes: ArraySlice<UInt8>, _ range: Range<Int>, _ members: ArraySlice<JSONMember>) {
    self.bytes = bytes
    self.range = range
    self.members = members
  }

  /// The members of a text that is checked to be an object.
  ///
  /// - Parameters:
  ///   - maximumValues: how many values there may be.
  ///   - refusesLookalikes: whether names are refused that Swift's `==` would take for other ones in ASCII.
  /// - Returns: nil when the text is another value.
  /// - Throws: `JSONSyntaxError`, as `JSONValue.init(parsing:)`.
  init?(
    _ bytes: ArraySlice<UInt8>, maximumValues: Int = .max, refusesLookalikes: Bool = false
  ) throws(JSONSyntaxError) {
    var members: [JSONMember] = []
    members.reserveCapacity(12)
    var isObject = true
    try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      var scanner = unsafe JSONScanner(
        JSONBytes(bytes), maximumValues: maximumValues, refusesLookalikes: refusesLookalikes)
      guard bytes.count <= Int(Int32.max) else { throw scanner.error("the text is longer than 2 GiB") }
      isObject = try scanner.peekKind() == .object
      if isObject {
        _ = try scanner.kind()
        try scanner.note(&members, depth: 1)
      } else {
        try scanner.skipValue(depth: 0)
      }
      try scanner.finish()
    }
    guard isObject else { return nil }
    self.init(bytes, 0..<bytes.count, members[...])
  }

  /// Reads `text`, which stands in a record.
  ///
  /// - Returns: nil when it is JSON, but no object.
  /// - Throws: as `JSONValue.init(parsing:)` for text.
  package init?(inRecord text: ArraySlice<UInt8>) throws(JSONSyntaxError) {
    try self.init(text, maximumValues: JSONParser.maximumValuesOfRecord, refusesLookalikes: true)
  }

  /// The members of an object whose text was checked; nil when it is no object.
  package init?(checked text: ArraySlice<UInt8>) {
    guard text.first == UInt8(ascii: "{"), let object = try? JSONText(text) else { return nil }
    self = object
  }

  /// An object without members.
  package init() { self.init([UInt8(ascii: "{"), UInt8(ascii: "}")], 0..<2, []) }

  /// The members of a value; nil when it is no object.
  package init?(_ json: JSONValue) {
    guard json.object != nil else { return nil }
    self.init(checked: json.encoded()[...])
  }

  /// Where the value of the member `name` is; nil when it is null or absent.
  package subscript(name: JSONName) -> JSONPlace? {
    guard let i = members.index(of: name, in: bytes.span) else { return nil }
    let value = members[i].value
    return value.kind == .null ? nil : value
  }

  /// What a string says; nil for any other kind.
  package func string(_ place: JSONPlace) -> String? { place.string(in: bytes.span) }

  /// Gives `body` the bytes of what a string says; nil for any other kind.
  package func withBytes<R>(of place: JSONPlace, _ body: (Span<UInt8>) -> R) -> R? {
    guard place.kind == .string else { return nil }
    guard place.isEscaped else { return body(bytes.span.extracting(place.content)) }
    return body(JSONEscapes.bytes(bytes.span.extracting(place.content)).span)
  }

  /// The bytes of what a string says; nil for any other kind.
  package func bytes(of place: JSONPlace) -> [UInt8]? {
    guard place.kind == .string else { return nil }
    let content = bytes.span.extracting(place.content)
    return place.isEscaped ? JSONEscapes.bytes(content) : Array(content)
  }

  /// Whether a value is a string that says `text`, compared as bytes.
  package func says(_ place: JSONPlace, _ text: String) -> Bool {
    let text = text.utf8.span
    return withBytes(of: place) { bytes in
      guard bytes.count == text.count else { return false }
      for i in bytes.indices where bytes[i] != text[i] { return false }
      return true
    } ?? false
  }

  /// Gives `body` the items of an array, which was checked, in their order.
  package func eachItem<E: Error>(
    of place: JSONPlace, _ body: (JSONPlace) throws(E) -> Void
  ) throws(E) {
    guard place.kind == .array else { return }
    var items: [JSONPlace] = []
    unsafe bytes.withUnsafeBufferPointer { bytes in
      var scanner = unsafe JSONScanner(JSONBytes(bytes), at: place.range.lowerBound)
      // The text was checked.
      try? scanner.array(depth: 1) { (scanner) throws(JSONSyntaxError) in
        items.append(try scanner.skipValue(depth: 1))
      }
    }
    for item in items { try body(item) }
  }

  /// A value, built.
  package func value(_ place: JSONPlace) -> JSONValue { place.value(in: bytes.span) }

  /// The whole object, built.
  package var json: JSONValue { (try? JSONValue(parsing: bytes.span.extracting(range))) ?? .null }

  /// The name of a member.
  package func name(_ member: JSONMember) -> String { string(member.name) ?? "" }
}
