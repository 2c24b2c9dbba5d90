/// One line of the pipeline: a pending transaction and what each stage added to it.
///
/// A record is kept as the bytes of its top-level members, so a stage passes on what it does not know exactly
/// as it came: unknown members, the order, the digits of numbers, the spelling of escapes.
public struct Record: Sendable {
  /// The version that this build reads and writes.
  public static let version = 1

  /// The id of the pending transaction, as Tatum gave it: 1 to 64 letters, digits and hyphens.
  public let id: String
  /// The chain's name as Tatum writes it, such as `BTC`.
  public let chain: String
  /// Whether this is a testnet transaction.
  public let testnet: Bool

  private var members: [RawMember]

  private struct RawMember: Sendable {
    let name: String
    var value: JSONValue
    /// The text of the value, as it was read or as it will be written.
    var text: ArraySlice<UInt8>
  }

  /// Creates the record of a pending transaction, as kms-fetch does.
  ///
  /// - Throws: `RecordSyntaxError` when `id` or `chain` is not acceptable.
  public init(id: String, chain: String, testnet: Bool, pending: JSONValue) throws(RecordSyntaxError) {
    try Self.check(id: id)
    self.id = id
    self.chain = chain
    self.testnet = testnet
    members = []
    self["v"] = .number(JSONNumber(Self.version))
    self["id"] = .string(id)
    self["chain"] = .string(chain)
    self["testnet"] = .bool(testnet)
    self["pending"] = pending
  }

  /// Reads one line, without its newline.
  ///
  /// - Throws: `RecordSyntaxError` naming the member that is missing or wrong.
  public init(parsing line: ArraySlice<UInt8>) throws(RecordSyntaxError) {
    let parsed: (members: [JSONObject.Member], ranges: [Range<Int>])
    do throws(JSONSyntaxError) {
      parsed = try line.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
        var parser = JSONParser(bytes)
        return try parser.parseTopLevelObject()
      }
    } catch { throw RecordSyntaxError("not a JSON object: \(error)") }
    members = zip(parsed.members, parsed.ranges).map { member, range in
      let start = line.startIndex + range.lowerBound
      return RawMember(name: member.name, value: member.value, text: line[start..<start + range.count])
    }
    func value(_ name: String) -> JSONValue? { parsed.members.first { $0.name == name }?.value }
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
    guard ChainName.all.contains(where: { $0.utf8.elementsEqual(chain.utf8) }) else {
      throw RecordSyntaxError("member chain names a blockchain that nobody knows")
    }
    guard let testnet = value("testnet")?.bool else {
      throw RecordSyntaxError("member testnet is missing or not true or false")
    }
    guard value("pending")?.object != nil else {
      throw RecordSyntaxError("member pending is missing or not an object")
    }
    for name in ["context", "approval", "signed", "result", "error"] {
      if let value = value(name), value.object == nil {
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

  private static func check(id: String) throws(RecordSyntaxError) {
    // One spelling: an id stands in URLs, where what else there is could mean another one.
    let isIDCharacter: (UInt8) -> Bool = { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
    }
    guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(isIDCharacter) else {
      throw RecordSyntaxError("member id is not 1 to 64 letters, digits and hyphens")
    }
  }

  /// The pending transaction, exactly as Tatum returned it.
  public var pending: JSONValue { self["pending"] ?? .null }

  /// The member `name`. Setting one that exists replaces it in its place; nil removes it.
  public subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      let at = members.firstIndex { $0.name == name }
      guard let newValue else {
        if let at { members.remove(at: at) }
        return
      }
      let text = newValue.encoded()[...]
      if let at {
        members[at].value = newValue
        members[at].text = text
      } else {
        members.append(RawMember(name: name, value: newValue, text: text))
      }
    }
  }

  /// The error that ended this record, if one did. Such a record flows on untouched.
  public var error: RecordError? {
    get { self["error"].flatMap(RecordError.init) }
    set { self["error"] = newValue?.json }
  }

  /// Appends the record's line to `out`, with its newline.
  public func write(to out: inout [UInt8]) {
    out.append(UInt8(ascii: "{"))
    for (i, member) in members.enumerated() {
      if i > 0 { out.append(UInt8(ascii: ",")) }
      JSONValue.write(member.name, to: &out)
      out.append(UInt8(ascii: ":"))
      // A line can't hold a raw newline, but white space between tokens may be a carriage return.
      out.append(contentsOf: member.text)
    }
    out.append(UInt8(ascii: "}"))
    out.append(UInt8(ascii: "\n"))
  }
}

/// Why a line is not a record.
public struct RecordSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, naming the member; no values.
  public let description: String

  init(_ description: String) { self.description = description }
}
