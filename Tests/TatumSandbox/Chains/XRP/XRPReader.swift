import KMSCrypto
import KMSPrimitives
import KMSRecords

/// Reads the binary form of the XRP Ledger into the JSON that rippled shows, and refuses what is not canonical.
struct XRPReader {
  private let bytes: [UInt8]
  private(set) var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A member with its place in the bytes, header included.
  struct Member {
    let field: XRPDefinitions.Field
    let value: JSONValue
    let range: Range<Int>
  }

  private static let endOfObject: UInt16 = 14 << 8 | 1
  private static let endOfArray: UInt16 = 15 << 8 | 1

  /// All members up to the end of the bytes.
  mutating func members() throws(Refusal) -> [Member] {
    var members: [Member] = []
    while at < bytes.count {
      let start = at
      let id = try header()
      guard id != Self.endOfObject, id != Self.endOfArray else {
        throw Self.invalid("Transaction contains an object terminator")
      }
      let field = try Self.field(id, after: members.last?.field)
      members.append(Member(field: field, value: try value(field, depth: 0), range: start..<at))
    }
    return members
  }

  static func invalid(_ why: String) -> Refusal { Refusal("invalidTransaction: \(why)") }

  // MARK: Fields

  /// Type and number, written in one to three bytes, the shortest way.
  private mutating func header() throws(Refusal) -> UInt16 {
    let first = try byte()
    var (type, number) = (UInt16(first >> 4), UInt16(first & 15))
    if type == 0 {
      type = UInt16(try byte())
      guard type >= 16 else { throw Self.invalid("invalid field type") }
    }
    if number == 0 {
      number = UInt16(try byte())
      guard number >= 16 else { throw Self.invalid("invalid field number") }
    }
    return type << 8 | number
  }

  private static func field(_ id: UInt16, after last: XRPDefinitions.Field?) throws(Refusal)
    -> XRPDefinitions.Field
  {
    guard let field = XRPDefinitions.fields[id] else {
      throw invalid("Unknown field, field_type=\(id >> 8), field_name=\(id & 255)")
    }
    if let last, last.id >= id {
      throw invalid(
        last.id == id ? "Duplicate field detected" : "\(field.name) stands behind \(last.name)")
    }
    return field
  }

  private mutating func value(_ field: XRPDefinitions.Field, depth: Int) throws(Refusal) -> JSONValue {
    switch field.kind {
    case .uint8: return .number(JSONNumber(try byte()))
    case .uint16:
      let number = try integer(2)
      guard field.name == "TransactionType" else { return .number(JSONNumber(number)) }
      guard let type = XRPDefinitions.types[number] else {
        throw Self.invalid("Invalid transaction type \(number)")
      }
      return .string(type.name)
    case .uint32: return .number(JSONNumber(try integer(4)))
    case .hash128: return .string(try hex(16))
    case .hash256: return .string(try hex(32))
    case .amount: return try amount()
    case .blob: return .string(try hex(try length()))
    case .account:
      guard try length() == 20 else { throw Self.invalid("Invalid STAccount size") }
      return .string(XRPText.address(try take(20)))
    case .vector256:
      let count = try length()
      guard count % 32 == 0 else { throw Self.invalid("Bad serialization for STVector256: \(count)") }
      var items: [JSONValue] = []
      for _ in 0..<count / 32 { items.append(.string(try hex(32))) }
      return .array(items)
    case .pathSet: return try pathSet()
    case .object: return try object(depth: depth + 1)
    case .array: return try array(depth: depth + 1)
    }
  }

  /// Members up to the end mark.
  private mutating func object(depth: Int) throws(Refusal) -> JSONValue {
    guard depth < 10 else { throw Self.invalid("Maximum nesting depth of STVar exceeded") }
    var object = JSONObject()
    var last: XRPDefinitions.Field?
    while true {
      let id = try header()
      if id == Self.endOfObject { return .object(object) }
      let field = try Self.field(id, after: last)
      object[field.name] = try value(field, depth: depth)
      last = field
    }
  }

  /// Objects up to the end mark, each in an object of one member.
  private mutating func array(depth: Int) throws(Refusal) -> JSONValue {
    var items: [JSONValue] = []
    while true {
      let id = try header()
      if id == Self.endOfArray { return .array(items) }
      let field = try Self.field(id, after: nil)
      guard field.kind == .object else { throw Self.invalid("Non-object in array") }
      items.append([field.name: try object(depth: depth + 1)])
    }
  }

  // MARK: Values

  private mutating func amount() throws(Refusal) -> JSONValue {
    let word = try integer(8)
    let rest = word & ((1 << 61) - 1)
    let isPositive = word >> 62 & 1 == 1
    if word >> 63 == 1 { return try issued(word, isPositive) }
    if word >> 61 & 1 == 1 {
      // A multi-purpose token (XLS-33): a byte of flags, 64 bits, 24 bytes that name the issuance.
      let value = word << 8 | UInt64(try byte())
      guard word >> 56 == 0x60, value >> 63 == 0 else { throw Self.invalid("invalid MPT amount") }
      return ["mpt_issuance_id": .string(try hex(24)), "value": .string(String(value))]
    }
    guard isPositive, rest <= 100_000_000_000_000_000 else {
      throw Self.invalid("Native currency amount out of range")
    }
    return .string(String(rest))
  }

  private mutating func issued(_ word: UInt64, _ isPositive: Bool) throws(Refusal) -> JSONValue {
    let mantissa = word & ((1 << 54) - 1)
    let exponent = Int(word >> 54 & 255) - 97
    var text = "0"
    if word != 1 << 63 {
      guard (1_000_000_000_000_000...9_999_999_999_999_999).contains(mantissa), (-96...80).contains(exponent)
      else { throw Self.invalid("invalid currency value") }
      text = (isPositive ? "" : "-") + "\(mantissa)e\(exponent)"
    }
    let currency = try take(20)
    let issuer = try take(20)
    guard currency.contains(where: { $0 != 0 }) else { throw Self.invalid("invalid native currency") }
    guard issuer.contains(where: { $0 != 0 }) else { throw Self.invalid("invalid native account") }
    return [
      "currency": .string(XRPText.currency(currency)), "issuer": .string(XRPText.address(issuer)),
      "value": .string(XRPText.decimal(text) ?? text),
    ]
  }

  private mutating func pathSet() throws(Refusal) -> JSONValue {
    var paths: [JSONValue] = []
    var steps: [JSONValue] = []
    while true {
      let type = try byte()
      if type == 0 || type == 0xFF {
        guard !steps.isEmpty else { throw Self.invalid("empty path") }
        paths.append(.array(steps))
        steps = []
        if type == 0 { return .array(paths) }
        continue
      }
      guard type & ~0x31 == 0, type & 1 == 0 || type == 1 else { throw Self.invalid("bad path element") }
      var step = JSONObject()
      if type & 0x01 != 0 { step["account"] = .string(XRPText.address(try take(20))) }
      if type & 0x10 != 0 { step["currency"] = .string(XRPText.currency(try take(20))) }
      if type & 0x20 != 0 { step["issuer"] = .string(XRPText.address(try take(20))) }
      steps.append(.object(step))
    }
  }

  // MARK: Bytes

  /// The length that stands before a value of variable length, in one to three bytes.
  private mutating func length() throws(Refusal) -> Int {
    let first = Int(try byte())
    switch first {
    case ...192: return first
    case ...240: return 193 + (first - 193) * 256 + Int(try byte())
    case ...254:
      let high = Int(try byte())
      return 12_481 + (first - 241) * 65_536 + high * 256 + Int(try byte())
    default: throw Self.invalid("invalid length prefix")
    }
  }

  private mutating func integer(_ count: Int) throws(Refusal) -> UInt64 {
    try take(count).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func hex(_ count: Int) throws(Refusal) -> String {
    Hex.encode(try take(count)).uppercased()
  }

  private mutating func byte() throws(Refusal) -> UInt8 {
    guard at < bytes.count else { throw Self.invalid("invalid SerialIter get") }
    defer { at += 1 }
    return bytes[at]
  }

  private mutating func take(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
    guard count <= bytes.count - at else { throw Self.invalid("invalid SerialIter get") }
    defer { at += count }
    return bytes[at..<at + count]
  }
}
