internal import KMSPrimitives

/// One line of the pipeline: a pending transaction and what each stage added to it.
///
/// A record is its line, and a note of where each member stands. A stage looks into the members that it asks for, and
/// passes on everything else byte for byte: unknown members, the order, the digits of numbers, escapes and white space.
public struct Record: Sendable {
  /// The version that this build reads and writes.
  public static let version = 1

  /// The id of the pending transaction, as Tatum gave it: 1 to 64 letters, digits and hyphens.
  public let id: String
  /// The chain's name as Tatum writes it, such as `BTC`.
  public let chain: String
  /// Whether this is a testnet transaction.
  public let testnet: Bool

  /// The line as it was read; the two braces of a record that was made here.
  private let line: ArraySlice<UInt8>
  private var members: [Member]
  /// What stands in the line in front of the first member and behind the last one.
  private let head: Range<Int>
  private let tail: Range<Int>

  private typealias Scanned = (members: [Member], head: Range<Int>, tail: Range<Int>)

  private struct Member: Sendable, JSONNamed {
    let name: String
    let key: JSONNameKey
    /// The text of a member that was set here; nil for one that stands in the line.
    let own: [UInt8]?
    /// The name, the colon, the value and the white space around them.
    let text: Range<Int>
    /// The value alone, which is part of `text`.
    let value: Range<Int>

    /// A member as this program writes it; `write` appends its value.
    init(name: String, _ write: (inout [UInt8]) -> Void) {
      self.name = name
      key = JSONNameKey(name)
      var text: [UInt8] = []
      Self.write(name, to: &text)
      let start = text.count
      write(&text)
      own = text
      self.text = 0..<text.count
      value = start..<text.count
    }

    /// A member as it stands in the line.
    init(name: String, text: Range<Int>, value: Range<Int>) {
      self.name = name
      key = JSONNameKey(name)
      own = nil
      self.text = text
      self.value = value
    }

    static func write(_ name: String, to out: inout [UInt8]) {
      JSONValue.write(name, to: &out)
      out.append(UInt8(ascii: ":"))
    }
  }

  /// What stands at a range of a member: in the line, or in the member's own text.
  private func bytes(_ range: Range<Int>, of member: Member) -> ArraySlice<UInt8> {
    member.own.map { $0[range] } ?? line[range]
  }

  /// The members that programs look into, so that each may have no more values than `JSONParser` builds.
  private static let objects = ["pending", "context", "approval", "signed", "result", "error"]

  /// Creates the record of a pending transaction, as kms-fetch does.
  ///
  /// - Throws: `RecordSyntaxError` when `id` or `chain` is not acceptable.
  public init(id: String, chain: String, testnet: Bool, pending: JSONValue) throws(RecordSyntaxError) {
    try Self.check(id: id)
    self.id = id
    self.chain = chain
    self.testnet = testnet
    line = [UInt8(ascii: "{"), UInt8(ascii: "}")]
    (head, tail) = (0..<1, 1..<2)
    let values: [(String, JSONValue)] = [
      ("v", .number(JSONNumber(Self.version))), ("id", .string(id)), ("chain", .string(chain)),
      ("testnet", .bool(testnet)), ("pending", pending),
    ]
    members = values.map { name, value in Member(name: name) { value.write(to: &$0) } }
  }

  /// Reads one line, without its newline.
  ///
  /// - Parameter chains: the chains that the program knows.
  /// - Throws: `RecordSyntaxError` naming the member that is missing or wrong.
  public init(parsing line: ArraySlice<UInt8>, chains: ChainNames) throws(RecordSyntaxError) {
    let scanned: Scanned
    do throws(JSONSyntaxError) { scanned = try Self.scan(line) } catch {
      throw RecordSyntaxError("not a JSON object: \(error)")
    }
    let members = scanned.members
    self.line = line
    self.members = members
    (head, tail) = (scanned.head, scanned.tail)
    func text(_ name: String) -> ArraySlice<UInt8>? {
      members.index(of: name).map { line[members[$0].value] }
    }
    guard let version = text("v") else { throw RecordSyntaxError("member v is missing") }
    guard version.elementsEqual(CollectionOfOne(UInt8(ascii: "1"))) else {
      throw RecordSyntaxError("member v is not \(Self.version), the only version that this program reads")
    }
    guard let id = text("id").flatMap(Self.string) else {
      throw RecordSyntaxError("member id is missing or not a string")
    }
    try Self.check(id: id)
    guard let chain = text("chain").flatMap(Self.string) else {
      throw RecordSyntaxError("member chain is missing or not a string")
    }
    guard chains.contains(chain) else {
      throw RecordSyntaxError("member chain names a blockchain that nobody knows")
    }
    guard let testnet = text("testnet").flatMap(Self.value)?.bool else {
      throw RecordSyntaxError("member testnet is missing or not true or false")
    }
    for name in Self.objects {
      let first = text(name)?.first
      if name == "pending", first != UInt8(ascii: "{") {
        throw RecordSyntaxError("member pending is missing or not an object")
      }
      guard first == nil || first == UInt8(ascii: "{") else {
        throw RecordSyntaxError("member \(name) is not an object")
      }
    }
    if let error = text("error") {
      guard RecordError(Self.value(of: error)) != nil else {
        throw RecordSyntaxError("member error lacks stage, outcome, code or message")
      }
    }
    self.id = id
    self.chain = chain
    self.testnet = testnet
  }

  /// Checks the whole line and notes where its members stand.
  private static func scan(_ line: ArraySlice<UInt8>) throws(JSONSyntaxError) -> Scanned {
    var members: [Member] = []
    members.reserveCapacity(10)
    var end = 0
    try unsafe line.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      var scanner = unsafe JSONScanner(JSONBytes(bytes))
      guard bytes.count <= Int(Int32.max) else { throw scanner.error("the line is longer than 2 GiB") }
      guard try scanner.kind() == .object else { throw scanner.error("not a JSON object") }
      var next = line.startIndex + scanner.at + 1  // behind the bracket, then behind each comma
      try scanner.object(depth: 1) { (scanner, name) throws(JSONSyntaxError) in
        scanner.skipSpace()
        let start = line.startIndex + scanner.at
        let count = scanner.valueCount
        try scanner.skipValue(depth: 1)
        let decoded = name.text(in: scanner.bytes)
        if scanner.valueCount - count > JSONParser.maximumValuesOfRecord,
          objects.contains(where: { $0.hasSameBytes(as: decoded) })
        {
          throw scanner.error(
            "member \(decoded) has more than \(JSONParser.maximumValuesOfRecord) values")
        }
        let value = start..<line.startIndex + scanner.at
        scanner.skipSpace()
        end = line.startIndex + scanner.at
        members.append(Member(name: decoded, text: next..<end, value: value))
        next = end + 1
      }
      if members.isEmpty { end = line.startIndex + scanner.at - 1 }
      try scanner.finish()
    }
    let start = members.first?.text.lowerBound ?? end
    return (members, line.startIndex..<start, end..<line.endIndex)
  }

  /// The value of a text that was checked; too many values can't be, they were counted.
  private static func value(of text: ArraySlice<UInt8>) -> JSONValue {
    (try? JSONValue(parsing: text)) ?? .null
  }

  /// What a string says; nil for any other value.
  private static func string(of text: ArraySlice<UInt8>) -> String? {
    guard text.first == UInt8(ascii: "\"") else { return nil }
    if text.contains(UInt8(ascii: "\\")) { return value(of: text).string }
    return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
  }

  private static func check(id: String) throws(RecordSyntaxError) {
    // One spelling: an id stands in URLs, where what else there is could mean another one.
    let isIDCharacter: (UInt8) -> Bool = { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
    }
    guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(isIDCharacter) else {
      throw RecordSyntaxError("member id is not 1 to 64 letters, digits and hyphens")
    }
  }

  /// The pending transaction, exactly as Tatum returned it; read from its text each time.
  public var pending: JSONValue { self["pending"] ?? .null }

  /// The members `names` of the object that is the member `name`, in their order there, read from its text each time; the
  /// others are passed over. Nil when there is no such member.
  public func members(_ names: [String], of name: String) -> JSONValue? {
    text(of: name).map { (try? JSONValue(members: names, of: $0)) ?? .null }
  }

  /// The text of the member `name` as it stands in the line; nil when there is none.
  public func text(of name: String) -> ArraySlice<UInt8>? {
    members.index(of: name).map { bytes(members[$0].value, of: members[$0]) }
  }

  /// The member `name`, read from its text each time. Setting one that exists replaces it in its place; nil removes it.
  public subscript(name: String) -> JSONValue? {
    get { text(of: name).map(Self.value) }
    set {
      if let newValue {
        set(name) { newValue.write(to: &$0) }
      } else if let at = members.index(of: name) {
        members.remove(at: at)
      }
    }
  }

  /// Sets the member `name` to a value that is JSON text already, as `subscript` does.
  public mutating func set(_ name: String, to encoded: some Collection<UInt8>) {
    set(name) { $0.append(contentsOf: encoded) }
  }

  private mutating func set(_ name: String, _ write: (inout [UInt8]) -> Void) {
    let member = Member(name: name, write)
    if let at = members.index(of: name) { members[at] = member } else { members.append(member) }
  }

  /// Whether an error ended this record.
  public var hasError: Bool { members.index(of: "error") != nil }

  /// The error that ended this record, if one did. Such a record flows on untouched.
  public var error: RecordError? {
    get { self["error"].flatMap(RecordError.init) }
    set { self["error"] = newValue?.json }
  }

  /// How long the record's line is in bytes, with its newline.
  public var lineLength: Int {
    var length = head.count + tail.count + max(members.count, 1)
    for i in members.indices { length += members[i].text.count }
    return length
  }

  /// Appends the record's line to `out`, with its newline.
  public func write(to out: inout [UInt8]) { write(to: &out, setting: nil) { _ in } }

  /// Appends the line, with its newline, that the record would have with the member `name` set to a value; `value` appends its
  /// JSON text.
  public func write(to out: inout [UInt8], setting name: String?, _ value: (inout [UInt8]) -> Void) {
    let place = name.map { members.index(of: $0) ?? members.count }
    out.append(contentsOf: line[head])
    for i in 0..<max(members.count, place.map { $0 + 1 } ?? 0) {
      if i > 0 { out.append(UInt8(ascii: ",")) }
      if let name, i == place {
        Member.write(name, to: &out)
        value(&out)
      } else {
        // A line can't hold a raw newline, but white space between tokens may be a carriage return.
        out.append(contentsOf: bytes(members[i].text, of: members[i]))
      }
    }
    out.append(contentsOf: line[tail])
    out.append(UInt8(ascii: "\n"))
  }
}

/// Why a line is not a record.
public struct RecordSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, naming the member; no values.
  public let description: String

  init(_ description: String) { self.description = description }
}
