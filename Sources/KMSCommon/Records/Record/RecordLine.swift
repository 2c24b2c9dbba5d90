/// The line of a record, and where its members stand. One object, because records go through many hands.
final class RecordLine: Sendable {
  let id: String
  let chain: String
  let testnet: Bool
  /// The line as it was read; the two braces of a record that was made here.
  let text: ArraySlice<UInt8>
  private let notes: Notes

  init(id: String, chain: String, testnet: Bool, text: ArraySlice<UInt8>, notes: Notes) {
    self.id = id
    self.chain = chain
    self.testnet = testnet
    self.text = text
    self.notes = notes
  }

  /// Where members stand, counted from the beginning of the line.
  struct Notes {
    /// Where the first member begins, behind the bracket.
    fileprivate(set) var start = 1
    /// The members.
    fileprivate(set) var members: [JSONMember] = []
    /// The members of those that are looked into, as far as they were noted.
    fileprivate var inner: [JSONMember] = []
    fileprivate var pending: Range<Int>?
    fileprivate var context: Range<Int>?
    fileprivate var approval: Range<Int>?

    fileprivate subscript(object: Record.Object) -> Range<Int>? {
      get {
        switch object {
        case .pending: pending
        case .context: context
        case .approval: approval
        }
      }
      set {
        switch object {
        case .pending: pending = newValue
        case .context: context = newValue
        case .approval: approval = newValue
        }
      }
    }

    /// Where the value of the member `name` is; nil when there is none.
    func value(_ name: JSONName, in text: Span<UInt8>) -> JSONPlace? {
      members[...].index(of: name, in: text).map { members[$0].value }
    }
  }

  // MARK: Reading

  /// How many members of an object are noted at most; what has more is read again by who asks.
  private static let mostInner = 64

  /// Checks a whole line, and notes where its members stand.
  static func notes(of line: ArraySlice<UInt8>) throws(JSONSyntaxError) -> Notes {
    var notes = Notes()
    notes.members.reserveCapacity(10)
    notes.inner.reserveCapacity(16)
    try unsafe line.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      var scanner = unsafe JSONScanner(JSONBytes(bytes))
      guard bytes.count <= Int(Int32.max) else { throw scanner.error("the line is longer than 2 GiB") }
      guard try scanner.kind() == .object else { throw scanner.error("not a JSON object") }
      notes.start = scanner.at + 1
      try scanner.object(depth: 1) { (scanner, name) throws(JSONSyntaxError) in
        let key = name.key(in: scanner.bytes)
        let count = scanner.valueCount
        let value: JSONPlace
        if let object = Record.Object(name, key, in: scanner.bytes), try scanner.peekKind() == .object {
          value = try read(object, &scanner, &notes)
        } else {
          value = try scanner.skipValue(depth: 1)
        }
        if scanner.valueCount - count > JSONParser.maximumValuesOfRecord,
          let known = Record.objects.first(where: { $0.is(name, key, in: scanner.bytes) })
        {
          throw scanner.error("member \(known.text) has more than \(JSONParser.maximumValuesOfRecord) values")
        }
        scanner.skipSpace()
        notes.members.append(JSONMember(name, value, key: key, end: scanner.at))
      }
      try scanner.finish()
    }
    return notes
  }

  /// Reads an object and notes its members, unless they are too many.
  private static func read(
    _ object: Record.Object, _ scanner: inout JSONScanner, _ notes: inout Notes
  ) throws(JSONSyntaxError) -> JSONPlace {
    let kind = try scanner.kind()
    let start = scanner.at
    let first = notes.inner.count
    try scanner.object(depth: 2) { (scanner, name) throws(JSONSyntaxError) in
      let value = try scanner.skipValue(depth: 2)
      // One more than the most says that they are too many.
      guard notes.inner.count - first <= mostInner else { return }
      notes.inner.append(JSONMember(name, value, key: name.key(in: scanner.bytes), end: scanner.at))
    }
    if notes.inner.count - first > mostInner {
      notes.inner.removeLast(notes.inner.count - first)
    } else {
      notes[object] = first..<notes.inner.count
    }
    return JSONPlace(kind, start..<scanner.at)
  }

  // MARK: Asking

  /// How many members there are.
  var count: Int { notes.members.count }

  /// Where the first member begins, behind the bracket.
  var start: Int { notes.start }

  /// Where the bracket behind the last member stands.
  var end: Int { notes.members.last?.end ?? start }

  /// Which of the members has that name; nil when there is none.
  func index(of name: JSONName) -> Int? {
    let text = text
    return notes.members[...].index(of: name, in: text.span)
  }

  /// Where a member stands, with its name and the white space around it.
  func whole(_ i: Int) -> Range<Int> {
    (i == 0 ? start : notes.members[i - 1].end + 1)..<notes.members[i].end
  }

  /// The text of a member's value.
  func value(_ i: Int) -> ArraySlice<UInt8> { bytes(notes.members[i].value.range) }

  /// The object that is the member at a place, not built; nil when it is no object.
  func object(_ object: Record.Object, at i: Int) -> JSONText? {
    guard let range = notes[object] else { return JSONText(checked: value(i)) }
    return JSONText(text, notes.members[i].value.range, notes.inner[range])
  }

  /// What stands at a range.
  func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
    text[text.startIndex + range.lowerBound..<text.startIndex + range.upperBound]
  }
}
