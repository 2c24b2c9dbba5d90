import KMSCrypto
import KMSPrimitives
import KMSRecords

/// Reads values of a schema into JSON: integers of 64 bits as decimal text, bytes in hexadecimal, keys as addresses.
///
/// Strict: padding is zero, a boolean is 0 or 1, lengths are within their limits and within what is left.
struct XDRDecoder {
  private let bytes: [UInt8]
  private let schema: XDRSchema
  private(set) var at = 0

  init(_ bytes: [UInt8], schema: XDRSchema = StellarSchema.shared) {
    self.bytes = bytes
    self.schema = schema
  }

  var isAtEnd: Bool { at == bytes.count }

  /// The bytes from `start` up to here.
  func slice(from start: Int) -> ArraySlice<UInt8> { bytes[start..<at] }

  static let malformed = Refusal("Transaction Malformed: Horizon could not decode the transaction envelope")

  /// A value of the type called `name`.
  mutating func read(_ name: String) throws(Refusal) -> JSONValue { try value(.named(name), depth: 0) }

  mutating func uint32() throws(Refusal) -> UInt32 {
    try take(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func int64() throws(Refusal) -> Int64 { Int64(bitPattern: try uint64()) }

  /// A muxed account as its address.
  mutating func muxed() throws(Refusal) -> String {
    switch try uint32() {
    case 0: return StellarKey.address(try take(32))
    case 0x100:
      let id = Array(try take(8))
      return StellarKey.muxed(try take(32), id: id)
    default: throw Self.malformed
    }
  }

  private mutating func value(_ shape: XDRSchema.Shape, depth: Int) throws(Refusal) -> JSONValue {
    guard depth < 400 else { throw Self.malformed }
    switch shape {
    case .unsigned(4): return .number(JSONNumber(try uint32()))
    case .unsigned: return .string(String(try uint64()))
    case .signed(4): return .number(JSONNumber(Int32(bitPattern: try uint32())))
    case .signed: return .string(String(try int64()))
    case .bool: return .bool(try flag())
    case .opaque(let count): return .string(Hex.encode(try take(count)))
    case .bytes(let limit): return .string(Hex.encode(try take(try count(limit))))
    case .key: return .string(StellarKey.address(try take(32)))
    case .account:
      guard try uint32() == 0 else { throw Self.malformed }
      return .string(StellarKey.address(try take(32)))
    case .muxed: return .string(try muxed())
    case .optional(let shape): return try flag() ? try value(shape, depth: depth + 1) : .null
    case .array(let shape, let limit):
      let count = try count(limit)
      // Every element has four bytes at least.
      guard count <= (bytes.count - at) / 4 else { throw Self.malformed }
      var items: [JSONValue] = []
      for _ in 0..<count { items.append(try value(shape, depth: depth + 1)) }
      return .array(items)
    case .named(let name): return try definition(name, depth: depth + 1)
    }
  }

  private mutating func definition(_ name: String, depth: Int) throws(Refusal) -> JSONValue {
    var object = JSONObject()
    switch schema[name] {
    case .structure(let fields)?:
      for field in fields { object[field.name] = try value(field.shape, depth: depth) }
    case .union(let arms)?:
      let type = try uint32()
      guard let arm = arms[type] else { throw Self.malformed }
      object["type"] = .number(JSONNumber(type))
      if let arm { object[arm.name] = try value(arm.shape, depth: depth) }
    case nil: throw Refusal("sandbox: the schema has no type \(name)")
    }
    return .object(object)
  }

  private mutating func flag() throws(Refusal) -> Bool {
    switch try uint32() {
    case 0: false
    case 1: true
    default: throw Self.malformed
    }
  }

  private mutating func uint64() throws(Refusal) -> UInt64 {
    try take(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func count(_ limit: Int) throws(Refusal) -> Int {
    let count = Int(try uint32())
    guard count <= limit else { throw Self.malformed }
    return count
  }

  /// Bytes and their padding to a multiple of four.
  private mutating func take(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
    let padded = count + (4 - count % 4) % 4
    guard padded <= bytes.count - at, bytes[(at + count)..<(at + padded)].allSatisfy({ $0 == 0 }) else {
      throw Self.malformed
    }
    defer { at += padded }
    return bytes[at..<at + count]
  }
}
