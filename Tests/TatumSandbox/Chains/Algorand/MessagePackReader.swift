/// A value of MessagePack, read from its bytes; only the canonical form of Algorand is taken.
indirect enum MessagePackItem: Equatable {
  case integer(UInt64)
  case boolean(Bool)
  case text(String)
  case bytes([UInt8])
  case array([MessagePackItem])
  case map([(name: String, value: MessagePackItem)])

  static func == (a: MessagePackItem, b: MessagePackItem) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a == b
    case (.boolean(let a), .boolean(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.bytes(let a), .bytes(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.map(let a), .map(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }

  /// The member `name` of a map.
  subscript(name: String) -> MessagePackItem? {
    if case .map(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }

  var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  var integer: UInt64? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var names: [String] { if case .map(let members) = self { members.map(\.name) } else { [] } }
}

/// Reads one item after the other, and refuses every form that is not the shortest.
struct MessagePackReader {
  private let bytes: [UInt8]
  private(set) var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func item(depth: Int = 0) throws(Refusal) -> MessagePackItem {
    guard depth < 8 else { throw Refusal("msgpack decode error: too deep") }
    let code = try byte()
    switch code {
    case 0...0x7F: return .integer(UInt64(code))
    case 0x80...0x8F: return try map(Int(code & 15), depth)
    case 0x90...0x9F: return try array(Int(code & 15), depth)
    case 0xA0...0xBF: return try text(Int(code & 31))
    case 0xC2: return .boolean(false)
    case 0xC3: return .boolean(true)
    case 0xC4: return .bytes(try take(Int(number(1, least: 0))))
    case 0xC5: return .bytes(try take(Int(number(2, least: 0x100))))
    case 0xC6: return .bytes(try take(Int(number(4, least: 0x1_0000))))
    case 0xCC: return .integer(try number(1, least: 0x80))
    case 0xCD: return .integer(try number(2, least: 0x100))
    case 0xCE: return .integer(try number(4, least: 0x1_0000))
    case 0xCF: return .integer(try number(8, least: 0x1_0000_0000))
    case 0xD9: return try text(Int(number(1, least: 32)))
    case 0xDA: return try text(Int(number(2, least: 0x100)))
    case 0xDC: return try array(Int(number(2, least: 16)), depth)
    case 0xDE: return try map(Int(number(2, least: 16)), depth)
    default: throw Refusal("msgpack decode error: code \(code)")
    }
  }

  private mutating func byte() throws(Refusal) -> UInt8 { try take(1)[0] }

  private mutating func take(_ count: Int) throws(Refusal) -> [UInt8] {
    guard count <= bytes.count - at else { throw Refusal("msgpack decode error: EOF") }
    defer { at += count }
    return Array(bytes[at..<at + count])
  }

  /// A number of `count` bytes that a shorter form could not hold.
  private mutating func number(_ count: Int, least: UInt64) throws(Refusal) -> UInt64 {
    let value = try take(count).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard value >= least else { throw Refusal("msgpack decode error: not the shortest form") }
    return value
  }

  private mutating func text(_ count: Int) throws(Refusal) -> MessagePackItem {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw Refusal("msgpack decode error: text")
    }
    return .text(text)
  }

  private mutating func array(_ count: Int, _ depth: Int) throws(Refusal) -> MessagePackItem {
    var items: [MessagePackItem] = []
    for _ in 0..<count { items.append(try item(depth: depth + 1)) }
    return .array(items)
  }

  private mutating func map(_ count: Int, _ depth: Int) throws(Refusal) -> MessagePackItem {
    var members: [(name: String, value: MessagePackItem)] = []
    for _ in 0..<count {
      guard case .text(let name) = try item(depth: depth + 1) else {
        throw Refusal("msgpack decode error: name")
      }
      guard members.last.map({ $0.name.utf8.lexicographicallyPrecedes(name.utf8) }) ?? true else {
        throw Refusal("msgpack decode error: names are not in order")
      }
      let value = try item(depth: depth + 1)
      switch value {
      case .integer(0), .boolean(false), .text(""), .bytes([]), .array([]):
        throw Refusal("msgpack decode error: \(name) is zero and should be left out")
      default: members.append((name, value))
      }
    }
    return .map(members)
  }
}
