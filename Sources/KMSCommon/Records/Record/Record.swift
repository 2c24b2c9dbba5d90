internal import KMSPrimitives

/// One line of the pipeline: a pending transaction and what each stage added to it.
///
/// A record is its line, and a note of where each member stands. A stage looks into the members that it asks for, and
/// passes on everything else byte for byte: unknown members, the order, the digits of numbers, escapes and white space.
public struct Record: Sendable {
  /// The version that this build reads and writes.
  public static let version = 1

  /// The id of the pending transaction, as Tatum gave it: 1 to 64 letters, digits and hyphens.
  public var id: String { source.id }
  /// The chain's name as Tatum writes it, such as `BTC`.
  public var chain: String { source.chain }
  /// Whether this is a testnet transaction.
  public var testnet: Bool { source.testnet }

  /// What was read.
  private let source: RecordLine
  /// The members, once they are not those of the line any more.
  private var changed: [Member]?

  private enum Member: Sendable {
    /// Stands in the line.
    case read(Int)
    /// Was set here: its text, in which its value begins somewhere.
    case set(name: String, text: [UInt8], valueStart: Int)
  }

  /// The members that programs look into, so that each may have no more values than `JSONParser` builds.
  static let objects = [
    Object.pending.name, Object.context.name, Object.approval.name, Names.signed, Names.result, Names.error,
  ]

  /// A member that is looked into without building it.
  package enum Object: Sendable {
    case pending
    case context
    case approval

    init?(_ name: JSONScanner.Text, _ key: JSONNameKey, in bytes: JSONBytes) {
      switch key {
      case Self.pendingName.key: self = .pending
      case Self.contextName.key: self = .context
      case Self.approvalName.key: self = .approval
      default: return nil
      }
      guard self.name.is(name, key, in: bytes) else { return nil }
    }

    var name: JSONName {
      switch self {
      case .pending: Self.pendingName
      case .context: Self.contextName
      case .approval: Self.approvalName
      }
    }

    private static let pendingName: JSONName = "pending"
    private static let contextName: JSONName = "context"
    private static let approvalName: JSONName = "approval"
  }

  private enum Names {
    static let version: JSONName = "v"
    static let id: JSONName = "id"
    static let chain: JSONName = "chain"
    static let testnet: JSONName = "testnet"
    static let signed: JSONName = "signed"
    static let result: JSONName = "result"
    static let error: JSONName = "error"
  }

  /// Creates the record of a pending transaction, as kms-fetch does.
  ///
  /// - Throws: `RecordSyntaxError` when `id` or `chain` is not acceptable.
  public init(id: String, chain: String, testnet: Bool, pending: JSONValue) throws(RecordSyntaxError) {
    try Self.check(id: id)
    source = RecordLine(
      id: id, chain: chain, testnet: testnet, text: [UInt8(ascii: "{"), UInt8(ascii: "}")],
      notes: RecordLine.Notes())
    let values: [(String, JSONValue)] = [
      ("v", .number(JSONNumber(Self.version))), ("id", .string(id)), ("chain", .string(chain)),
      ("testnet", .bool(testnet)), ("pending", pending),
    ]
    changed = values.map { name, value in Self.member(name) { value.write(to: &$0) } }
  }

  /// Reads one line, without its newline.
  ///
  /// - Parameter chains: the chains that the program knows.
  /// - Throws: `RecordSyntaxError` naming the member that is missing or wrong.
  public init(parsing line: ArraySlice<UInt8>, chains: ChainNames) throws(RecordSyntaxError) {
    let notes: RecordLine.Notes
    do throws(JSONSyntaxError) { notes = try RecordLine.notes(of: line) } catch {
      throw RecordSyntaxError("not a JSON object: \(error)")
    }
    let text = line.span
    func value(_ name: JSONName) -> JSONPlace? { notes.value(name, in: text) }
    guard let version = value(Names.version) else { throw RecordSyntaxError("member v is missing") }
    guard version.range.count == 1, text[version.range.lowerBound] == UInt8(ascii: "1") else {
      throw RecordSyntaxError("member v is not \(Self.version), the only version that this program reads")
    }
    guard let id = value(Names.id)?.string(in: text) else {
      throw RecordSyntaxError("member id is missing or not a string")
    }
    try Self.check(id: id)
    guard let chain = value(Names.chain)?.string(in: text) else {
      throw RecordSyntaxError("member chain is missing or not a string")
    }
    guard chains.contains(chain) else {
      throw RecordSyntaxError("member chain names a blockchain that nobody knows")
    }
    let testnet = value(Names.testnet)?.kind
    guard testnet == .true || testnet == .false else {
      throw RecordSyntaxError("member testnet is missing or not true or false")
    }
    guard value(Object.pending.name)?.kind == .object else {
      throw RecordSyntaxError("member pending is missing or not an object")
    }
    for name in Self.objects {
      let kind = value(name)?.kind
      guard kind == nil || kind == .object else {
        throw RecordSyntaxError("member \(name.text) is not an object")
      }
    }
    if let error = value(Names.error) {
      guard RecordError(error.value(in: text)) != nil else {
        throw RecordSyntaxError("member error lacks stage, outcome, code or message")
      }
    }
    source = RecordLine(id: id, chain: chain, testnet: testnet == .true, text: line, notes: notes)
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

  // MARK: Members

  /// The pending transaction, exactly as Tatum returned it; read from its text each time.
  public var pending: JSONValue { self["pending"] ?? .null }

  /// The text of the member `name` as it stands in the line; nil when there is none.
  public func text(of name: String) -> ArraySlice<UInt8>? { text(of: JSONName(name)) }

  /// The text of the member `name` as it stands in the line; nil when there is none.
  package func text(of name: JSONName) -> ArraySlice<UInt8>? {
    guard changed == nil else { return changedText(of: name) }
    return source.index(of: name).map { source.value($0) }
  }

  private func changedText(of name: JSONName) -> ArraySlice<UInt8>? {
    guard let changed, let i = index(of: name) else { return nil }
    switch changed[i] {
    case .read(let place): return source.value(place)
    case .set(_, let text, let start): return text[start...]
    }
  }

  /// A member that is an object, not built; nil when there is none.
  package func object(_ object: Object) -> JSONText? {
    guard changed == nil else { return changedText(of: object.name).flatMap { JSONText(checked: $0) } }
    return source.index(of: object.name).flatMap { source.object(object, at: $0) }
  }

  /// The member `name`, read from its text each time. Setting one that exists replaces it in its place; nil removes it.
  public subscript(name: String) -> JSONValue? {
    get { text(of: name).map { (try? JSONValue(parsing: $0)) ?? .null } }
    set {
      if let newValue {
        set(name) { newValue.write(to: &$0) }
      } else if let at = index(of: JSONName(name)) {
        change { $0.remove(at: at) }
      }
    }
  }

  /// Sets the member `name` to a value that is JSON text already, as `subscript` does.
  public mutating func set(_ name: String, to encoded: some Collection<UInt8>) {
    set(name) { $0.append(contentsOf: encoded) }
  }

  private mutating func set(_ name: String, _ write: (inout [UInt8]) -> Void) {
    let member = Self.member(name, write)
    let at = index(of: JSONName(name))
    change { if let at { $0[at] = member } else { $0.append(member) } }
  }

  private mutating func change(_ body: (inout [Member]) -> Void) {
    var members = changed ?? (0..<source.count).map { .read($0) }
    changed = nil
    body(&members)
    changed = members
  }

  /// A member as this program writes it; `write` appends its value.
  private static func member(_ name: String, _ write: (inout [UInt8]) -> Void) -> Member {
    var text: [UInt8] = []
    Self.write(name, to: &text)
    let start = text.count
    write(&text)
    return .set(name: name, text: text, valueStart: start)
  }

  private static func write(_ name: String, to out: inout [UInt8]) {
    JSONValue.write(name, to: &out)
    out.append(UInt8(ascii: ":"))
  }

  /// Where the member `name` is among those that are there now.
  private func index(of name: JSONName) -> Int? {
    guard let changed else { return source.index(of: name) }
    let place = source.index(of: name)
    return changed.firstIndex {
      switch $0 {
      case .read(let other): other == place
      case .set(let other, _, _): other.hasSameBytes(as: name.text)
      }
    }
  }

  /// Whether an error ended this record.
  public var hasError: Bool { index(of: Names.error) != nil }

  /// Whether there is an approval, of whatever worth.
  var hasApproval: Bool { index(of: Object.approval.name) != nil }

  /// The error that ended this record, if one did. Such a record flows on untouched.
  public var error: RecordError? {
    get { self["error"].flatMap(RecordError.init) }
    set { self["error"] = newValue?.json }
  }

  // MARK: Writing

  /// How long the record's line is in bytes, with its newline.
  public var lineLength: Int {
    guard let changed else { return source.text.count + 1 }
    return changed.reduce(source.text.count + max(changed.count, 1) - source.end + source.start) {
      length, member in
      switch member {
      case .read(let i): length + source.whole(i).count
      case .set(_, let text, _): length + text.count
      }
    }
  }

  /// Appends the record's line to `out`, with its newline.
  public func write(to out: inout [UInt8]) { write(to: &out, setting: nil) { _ in } }

  /// Appends the line, with its newline, that the record would have with the member `name` set to a value; `value` appends its
  /// JSON text.
  public func write(to out: inout [UInt8], setting name: String?, _ value: (inout [UInt8]) -> Void) {
    if let changed {
      write(changed, to: &out, setting: name, value)
    } else if let name {
      let i = source.index(of: JSONName(name))
      // A line can't hold a raw newline, but white space between tokens may be a carriage return.
      out.append(contentsOf: source.bytes(0..<(i.map { source.whole($0).lowerBound } ?? source.end)))
      if i == nil, source.count > 0 { out.append(UInt8(ascii: ",")) }
      Self.write(name, to: &out)
      value(&out)
      out.append(
        contentsOf: source.bytes((i.map { source.whole($0).upperBound } ?? source.end)..<source.text.count))
    } else {
      out.append(contentsOf: source.text)
    }
    out.append(UInt8(ascii: "\n"))
  }

  private func write(
    _ members: [Member], to out: inout [UInt8], setting name: String?, _ value: (inout [UInt8]) -> Void
  ) {
    let place = name.map { index(of: JSONName($0)) ?? members.count }
    out.append(contentsOf: source.bytes(0..<source.start))
    for i in 0..<max(members.count, place.map { $0 + 1 } ?? 0) {
      if i > 0 { out.append(UInt8(ascii: ",")) }
      if let name, i == place {
        Self.write(name, to: &out)
        value(&out)
      } else {
        switch members[i] {
        case .read(let place): out.append(contentsOf: source.bytes(source.whole(place)))
        case .set(_, let text, _): out.append(contentsOf: text)
        }
      }
    }
    out.append(contentsOf: source.bytes(source.end..<source.text.count))
  }
}

/// Why a line is not a record.
public struct RecordSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, naming the member; no values.
  public let description: String

  init(_ description: String) { self.description = description }
}
