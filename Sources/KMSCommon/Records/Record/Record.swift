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

  private var members: [Member]
  /// What stands in front of the first member and behind the last one.
  private let frame: Frame

  private typealias Frame = (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>)
  private typealias Scanned = (members: [Member], frame: Frame)

  private struct Member: Sendable {
    let name: String
    /// The name, the colon, the value and the white space around them.
    var text: ArraySlice<UInt8>
    /// The value alone, which is part of `text`.
    var value: ArraySlice<UInt8>

    /// A member as this program writes it.
    init(name: String, value: JSONValue) {
      self.name = name
      var text: [UInt8] = []
      JSONValue.write(name, to: &text)
      text.append(UInt8(ascii: ":"))
      let start = text.count
      value.write(to: &text)
      self.text = text[...]
      self.value = text[start...]
    }

    /// A member whose value is JSON text.
    init(name: String, encoded: some Collection<UInt8>) {
      self.name = name
      var text: [UInt8] = []
      text.reserveCapacity(name.utf8.count + encoded.count + 3)
      JSONValue.write(name, to: &text)
      text.append(UInt8(ascii: ":"))
      let start = text.count
      text.append(contentsOf: encoded)
      self.text = text[...]
      value = text[start...]
    }

    /// A member as it was read.
    init(name: String, text: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
      self.name = name
      self.text = text
      self.value = value
    }
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
    frame = ([UInt8(ascii: "{")][...], [UInt8(ascii: "}")][...])
    members = [
      Member(name: "v", value: .number(JSONNumber(Self.version))), Member(name: "id", value: .string(id)),
      Member(name: "chain", value: .string(chain)), Member(name: "testnet", value: .bool(testnet)),
      Member(name: "pending", value: pending),
    ]
  }

  /// Reads one line, without its newline.
  ///
  /// - Throws: `RecordSyntaxError` naming the member that is missing or wrong.
  public init(parsing line: ArraySlice<UInt8>) throws(RecordSyntaxError) {
    let scanned: Scanned
    do throws(JSONSyntaxError) { scanned = try Self.scan(line) } catch {
      throw RecordSyntaxError("not a JSON object: \(error)")
    }
    let members = scanned.members
    self.members = members
    frame = scanned.frame
    func value(_ name: String) -> JSONValue? {
      members.first { $0.name.hasSameBytes(as: name) }.map { Self.value(of: $0.value) }
    }
    guard let version = value("v") else { throw RecordSyntaxError("member v is missing") }
    guard version.number?.uint64 == UInt64(Self.version) else {
      throw RecordSyntaxError("member v is not \(Self.version), the only version that this program reads")
    }
    guard let id = value("id")?.string else {
      throw RecordSyntaxError("member id is missing or not a string")
    }
    try Self.check(id: id)
    guard let chain = value("chain")?.string else {
      throw RecordSyntaxError("member chain is missing or not a string")
    }
    // By bytes: Swift's == takes U+212A KELVIN SIGN for a K.
    guard ChainName.all.contains(where: { $0.hasSameBytes(as: chain) }) else {
      throw RecordSyntaxError("member chain names a blockchain that nobody knows")
    }
    guard let testnet = value("testnet")?.bool else {
      throw RecordSyntaxError("member testnet is missing or not true or false")
    }
    for name in Self.objects {
      let first = members.first { $0.name.hasSameBytes(as: name) }?.value.first
      if name == "pending", first != UInt8(ascii: "{") {
        throw RecordSyntaxError("member pending is missing or not an object")
      }
      guard first == nil || first == UInt8(ascii: "{") else {
        throw RecordSyntaxError("member \(name) is not an object")
      }
    }
    if let error = value("error") {
      guard RecordError(error) != nil else {
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
    var end = 0
    try line.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      var scanner = JSONScanner(bytes)
      guard bytes.count <= Int(Int32.max) else { throw scanner.error("the line is longer than 2 GiB") }
      guard try scanner.kind() == .object else { throw scanner.error("not a JSON object") }
      var next = line.startIndex + scanner.at + 1  // behind the bracket, then behind each comma
      try scanner.object(depth: 1) { (scanner, name) throws(JSONSyntaxError) in
        scanner.skipSpace()
        let start = line.startIndex + scanner.at
        let count = scanner.valueCount
        try scanner.skipValue(depth: 1)
        let decoded = scanner.decoded(name)
        if scanner.valueCount - count > JSONParser.maximumValuesOfRecord,
          objects.contains(where: { $0.hasSameBytes(as: decoded) })
        {
          throw scanner.error(
            "member \(decoded) has more than \(JSONParser.maximumValuesOfRecord) values")
        }
        let value = start..<line.startIndex + scanner.at
        scanner.skipSpace()
        end = line.startIndex + scanner.at
        members.append(Member(name: decoded, text: line[next..<end], value: line[value]))
        next = end + 1
      }
      if members.isEmpty { end = line.startIndex + scanner.at - 1 }
      try scanner.finish()
    }
    let head = line[..<(members.first?.text.startIndex ?? end)]
    return (members, (head, line[end...]))
  }

  /// The value of a text that was checked; too many values can't be, they were counted.
  private static func value(of text: ArraySlice<UInt8>) -> JSONValue {
    (try? JSONValue(parsing: text)) ?? .null
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

  /// The text of the member `name` as it stands in the line; nil when there is none.
  public func text(of name: String) -> ArraySlice<UInt8>? {
    members.first { $0.name.hasSameBytes(as: name) }?.value
  }

  /// The member `name`, read from its text each time. Setting one that exists replaces it in its place; nil removes it.
  public subscript(name: String) -> JSONValue? {
    get { text(of: name).map(Self.value) }
    set {
      let at = members.firstIndex { $0.name.hasSameBytes(as: name) }
      switch (at, newValue) {
      case (let at?, let value?): members[at] = Member(name: name, value: value)
      case (let at?, nil): members.remove(at: at)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// Sets the member `name` to a value that is JSON text already, as `subscript` does.
  public mutating func set(_ name: String, to encoded: some Collection<UInt8>) {
    let member = Member(name: name, encoded: encoded)
    if let at = members.firstIndex(where: { $0.name.hasSameBytes(as: name) }) {
      members[at] = member
    } else {
      members.append(member)
    }
  }

  /// Whether an error ended this record.
  public var hasError: Bool { members.contains { $0.name.hasSameBytes(as: "error") } }

  /// The error that ended this record, if one did. Such a record flows on untouched.
  public var error: RecordError? {
    get { self["error"].flatMap(RecordError.init) }
    set { self["error"] = newValue?.json }
  }

  /// How long the record's line is in bytes, with its newline.
  public var lineLength: Int {
    members.reduce(frame.head.count + frame.tail.count + max(members.count, 1)) { $0 + $1.text.count }
  }

  /// Appends the record's line to `out`, with its newline.
  public func write(to out: inout [UInt8]) {
    out.append(contentsOf: frame.head)
    for (i, member) in members.enumerated() {
      if i > 0 { out.append(UInt8(ascii: ",")) }
      // A line can't hold a raw newline, but white space between tokens may be a carriage return.
      out.append(contentsOf: member.text)
    }
    out.append(contentsOf: frame.tail)
    out.append(UInt8(ascii: "\n"))
  }
}

/// Why a line is not a record.
public struct RecordSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, naming the member; no values.
  public let description: String

  init(_ description: String) { self.description = description }
}
