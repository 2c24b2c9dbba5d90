/// A set of XDR types (RFC 4506) that a short text describes, one line for each.
///
/// `Name = field:Type field:Type` is a structure; `Name | 0 | 1 field:Type` is a union with one arm for each number,
/// some of them without a value. Types: `u32` `i32` `u64` `i64` `bool`, `opaque[n]`, `bytes<n>` (opaque or string of
/// variable length), `key` `account` `muxed` (an Ed25519 key bare, with its type, and either of both forms), or a
/// name; behind them `?` makes it optional, `<n>` an array, and without n there is no limit.
struct XDRSchema: Sendable {
  indirect enum Shape: Sendable {
    case unsigned(bytes: Int)
    case signed(bytes: Int)
    case bool
    case opaque(Int)
    case bytes(max: Int)
    case key, account, muxed
    case named(String)
    case optional(Shape)
    case array(Shape, max: Int)
  }

  enum Definition: Sendable {
    case structure([(name: String, shape: Shape)])
    case union([UInt32: (name: String, shape: Shape)?])
  }

  private let definitions: [String: Definition]

  init(_ text: String) {
    var definitions: [String: Definition] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words.count > 1, words[1] == "=" {
        definitions[words[0]] = .structure(words.dropFirst(2).map(Self.field))
      } else if let name = words.first {
        var arms: [UInt32: (name: String, shape: Shape)?] = [:]
        for arm in words.dropFirst().split(separator: "|") {
          guard let first = arm.first, let number = UInt32(first) else { continue }
          arms.updateValue(arm.dropFirst().first.map(Self.field), forKey: number)
        }
        definitions[name] = .union(arms)
      }
    }
    self.definitions = definitions
  }

  subscript(name: String) -> Definition? { definitions[name] }

  private static func field(_ text: String) -> (name: String, shape: Shape) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    return (parts[0], shape(parts.count == 2 ? parts[1] : ""))
  }

  private static func shape(_ text: String) -> Shape {
    if text.hasSuffix("?") { return .optional(shape(String(text.dropLast()))) }
    if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
      let limit = Int(text[text.index(after: open)...].dropLast()) ?? .max
      let element = String(text[..<open])
      return element == "bytes" ? .bytes(max: limit) : .array(shape(element), max: limit)
    }
    if text.hasPrefix("opaque["), let count = Int(text.dropFirst(7).dropLast()) { return .opaque(count) }
    return switch text {
    case "u32": .unsigned(bytes: 4)
    case "u64": .unsigned(bytes: 8)
    case "i32": .signed(bytes: 4)
    case "i64": .signed(bytes: 8)
    case "bool": .bool
    case "key": .key
    case "account": .account
    case "muxed": .muxed
    default: .named(text)
    }
  }
}
