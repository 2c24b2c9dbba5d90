/// A value of MessagePack in the canonical form of Algorand (developer.algorand.org, "Transaction reference", canonical
/// encoding): members in ASCII order, none that is zero, integers in their shortest form.
public indirect enum CanonicalMessagePack: Hashable, Sendable {
  case integer(UInt64)
  case boolean(Bool)
  case text(String)
  case bytes([UInt8])
  case array([CanonicalMessagePack])
  case map([String: CanonicalMessagePack])

  /// Whether a map leaves this out: 0, false, nothing, and bytes of a fixed length that all are 0.
  private var isZero: Bool {
    switch self {
    case .integer(let value): value == 0
    case .boolean(let flag): !flag
    case .text(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .array(let items): items.isEmpty
    case .map(let members): members.values.allSatisfy(\.isZero)
    }
  }

  /// The encoding (github.com/msgpack/msgpack, spec.md).
  public var encoded: [UInt8] {
    var out: [UInt8] = []
    append(to: &out)
    return out
  }

  /// Appends the encoding.
  public func append(to out: inout [UInt8]) {
    switch self {
    case .integer(let value): Self.append(integer: value, to: &out)
    case .boolean(let flag): out.append(flag ? 0xC3 : 0xC2)
    case .text(let text):
      let utf8 = Array(text.utf8)
      Self.append(count: utf8.count, short: (0xA0, 31), byte: 0xD9, word: 0xDA, long: 0xDB, to: &out)
      out += utf8
    case .bytes(let bytes):
      Self.append(count: bytes.count, short: nil, byte: 0xC4, word: 0xC5, long: 0xC6, to: &out)
      out += bytes
    case .array(let items):
      Self.append(count: items.count, short: (0x90, 15), byte: nil, word: 0xDC, long: 0xDD, to: &out)
      for item in items { item.append(to: &out) }
    case .map(let members):
      // Bytes, not the order of Unicode text: the names are ASCII.
      let kept = members.filter { !$0.value.isZero }.sorted {
        $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
      }
      Self.append(count: kept.count, short: (0x80, 15), byte: nil, word: 0xDE, long: 0xDF, to: &out)
      for (name, value) in kept {
        CanonicalMessagePack.text(name).append(to: &out)
        value.append(to: &out)
      }
    }
  }

  private static func append(integer value: UInt64, to out: inout [UInt8]) {
    switch value {
    case 0..<0x80: out.append(UInt8(value))
    case 0..<0x100: append(0xCC, value, bytes: 1, to: &out)
    case 0..<0x1_0000: append(0xCD, value, bytes: 2, to: &out)
    case 0..<0x1_0000_0000: append(0xCE, value, bytes: 4, to: &out)
    default: append(0xCF, value, bytes: 8, to: &out)
    }
  }

  /// The head of a value with a length: `short` is the code that has room for lengths up to its limit.
  private static func append(
    count: Int, short: (code: UInt8, limit: Int)?, byte: UInt8?, word: UInt8, long: UInt8,
    to out: inout [UInt8]
  ) {
    let length = UInt64(count)
    if let short, count <= short.limit {
      out.append(short.code | UInt8(count))
    } else if let byte, count < 0x100 {
      append(byte, length, bytes: 1, to: &out)
    } else if count < 0x1_0000 {
      append(word, length, bytes: 2, to: &out)
    } else {
      append(long, length, bytes: 4, to: &out)
    }
  }

  private static func append(_ code: UInt8, _ value: UInt64, bytes: UInt64, to out: inout [UInt8]) {
    out.append(code)
    for shift in stride(from: (bytes - 1) * 8, through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
