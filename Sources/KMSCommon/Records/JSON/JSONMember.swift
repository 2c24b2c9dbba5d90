/// A member of an object that stands in a text: where its name and its value are.
package struct JSONMember: Sendable {
  /// Its name, a string.
  package let name: JSONPlace
  /// Its value.
  package let value: JSONPlace
  let key: JSONNameKey
  private let endPlace: UInt32

  init(_ name: JSONScanner.Text, _ value: JSONPlace, key: JSONNameKey, end: Int) {
    self.name = name.place
    self.value = value
    self.key = key
    endPlace = UInt32(truncatingIfNeeded: end)
  }

  /// Where the comma or bracket behind it stands.
  var end: Int { Int(endPlace) }
}

extension ArraySlice<JSONMember> {
  /// Where the member `name` is; nil when there is none.
  func index(of name: JSONName, in text: Span<UInt8>) -> Int? {
    var i = startIndex
    while i < endIndex {
      if self[i].key == name.key, name.isSame(self[i].name, in: text) { return i }
      i += 1
    }
    return nil
  }
}

extension JSONScanner {
  /// Reads an object and notes its members.
  mutating func note(_ members: inout [JSONMember], depth: Int) throws(JSONSyntaxError) {
    try object(depth: depth) { (scanner, name) throws(JSONSyntaxError) in
      let value = try scanner.skipValue(depth: depth)
      scanner.skipSpace()
      members.append(JSONMember(name, value, key: name.key(in: scanner.bytes), end: scanner.at))
    }
  }
}
