internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// What a transaction does: read from signed bytes, or from what was pending, by code that shares nothing with the
/// signer but RLP and the hash function. The two are compared, so that nothing is ever signed that was not asked for.
struct EVMMeaning: Equatable, CustomStringConvertible {
  var type: UInt8 = 0
  /// Integers as their big-endian bytes without leading zeros.
  var chainID: [UInt8] = []
  var nonce: [UInt8] = []
  var maximumPrice: [UInt8] = []
  /// Empty for the types that have none.
  var priorityFee: [UInt8] = []
  var gas: [UInt8] = []
  /// Empty for a creation.
  var to: [UInt8] = []
  var value: [UInt8] = []
  var data: [UInt8] = []
  var accessList: [RLP.Item] = []
  var feeCurrency: [UInt8] = []

  var description: String {
    let numbers = [
      chainID, nonce, maximumPrice, priorityFee, gas, to, value, Array(data.prefix(64)), feeCurrency,
    ]
    return "type \(type) \(numbers.map { Hex.encode($0) }) \(accessList)"
  }

  struct Unreadable: Error {
    var description: String
    init(_ description: String) { self.description = description }
  }

  // MARK: Signed

  /// Decodes a signed transaction (EIP-155, EIP-2930, EIP-1559, CIP-64).
  init(signed bytes: [UInt8]) throws {
    let isTyped = bytes[0] < 0xC0
    guard case .list(let fields) = try RLP.decode(isTyped ? Array(bytes.dropFirst()) : bytes) else {
      throw Unreadable("no list")
    }
    type = isTyped ? bytes[0] : 0
    var rest = fields[...]
    func next() throws -> [UInt8] {
      guard case .bytes(let bytes)? = rest.popFirst() else { throw Unreadable("no byte string") }
      return bytes
    }
    if isTyped { chainID = try next() }
    nonce = try next()
    if type == 2 || type == 0x7B { priorityFee = try next() }
    maximumPrice = try next()
    gas = try next()
    to = try next()
    value = try next()
    data = try next()
    if isTyped {
      guard case .list(let list)? = rest.popFirst() else { throw Unreadable("no access list") }
      accessList = list
    }
    if type == 0x7B { feeCurrency = try next() }
    let v = try next()
    if !isTyped {
      let number = v.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard number >= 35 else { throw Unreadable("without EIP-155") }
      chainID = Self.minimal((number - 35) / 2)
    }
    _ = try (next(), next())
    guard rest.isEmpty else { throw Unreadable("more fields") }
  }

  // MARK: Asked for

  /// Reads what `text` asks for; what it leaves open is taken from `context` and, for the chain id, from `chain`.
  init(asked text: String, context: JSONValue, chain: SigningChain, testnet: Bool) throws {
    let json = try JSONValue(parsing: text)
    func number(_ member: String) throws -> [UInt8]? { try json[member].map(Self.integer) ?? nil }
    func positive(_ member: String) throws -> [UInt8]? {
      try number(member).flatMap { $0.isEmpty ? nil : $0 }
    }
    func known(_ member: String) throws -> [UInt8] {
      guard let value = context[member], let integer = try Self.integer(value) else {
        throw Unreadable("the context has no \(member)")
      }
      return integer
    }
    let tip = Self.minimal(2_500_000_000)
    let (maximum, priority) = (try positive("maxFeePerGas"), try number("maxPriorityFeePerGas"))
    let asked = try number("type")
    if json["feeCurrency"] != nil {
      type = 0x7B
    } else if json["maxFeePerGas"] != nil || json["maxPriorityFeePerGas"] != nil || asked == [2] {
      type = 2
    } else if json["accessList"] != nil || asked == [1] {
      type = 1
    }
    chainID =
      try number("chainId")
      ?? Self.minimal(
        context["chainId"]?.uint64 ?? EVMVectors.network(chain).pinnedChainIDs(testnet: testnet)[0])
    nonce = try number("nonce") ?? known("nonce")
    gas = try positive("gas") ?? positive("gasLimit") ?? known("gas")
    switch type {
    case 2, 0x7B:
      maximumPrice = try maximum ?? positive("gasPrice") ?? known("gasPrice")
      let least = Self.isLess(maximumPrice, tip) ? maximumPrice : tip
      priorityFee = priority ?? (type == 0x7B && maximum == nil ? maximumPrice : least)
    default: maximumPrice = try positive("gasPrice") ?? known("gasPrice")
    }
    to = try json["to"].map(Self.address) ?? []
    value = try number("value") ?? []
    data = try Self.bytes(json["data"]?.string ?? json["input"]?.string ?? "")
    if data.isEmpty, let input = json["input"]?.string { data = try Self.bytes(input) }
    accessList = try (json["accessList"]?.array ?? []).map { entry in
      .list([
        .bytes(try Self.address(entry["address"] ?? .null)),
        .list(try (entry["storageKeys"]?.array ?? []).map { .bytes(try Self.bytes($0.string ?? "?")) }),
      ])
    }
    feeCurrency = try json["feeCurrency"].map(Self.address) ?? []
  }

  private static func minimal(_ value: UInt64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
      .drop { $0 == 0 }.map { $0 }
  }

  private static func isLess(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
  }

  /// A JSON integer, decimal text or `0x` text; nil for the empty text.
  private static func integer(_ json: JSONValue) throws -> [UInt8]? {
    let text = json.number?.digits ?? json.string ?? "?"
    if text.isEmpty { return nil }
    if text.lowercased().hasPrefix("0x") {
      let digits = String(text.dropFirst(2))
      return try bytes(digits.count % 2 == 0 ? digits : "0" + digits).drop { $0 == 0 }.map { $0 }
    }
    var number: [UInt8] = []  // little endian
    for character in text.utf8 {
      guard (48...57).contains(character) else { throw Unreadable("\(text) is no integer") }
      var carry = Int(character - 48)
      for i in number.indices {
        carry += Int(number[i]) * 10
        number[i] = UInt8(carry & 255)
        carry >>= 8
      }
      if carry > 0 { number.append(UInt8(carry)) }
    }
    return number.reversed()
  }

  private static func bytes(_ text: String) throws -> [UInt8] {
    let digits = text.lowercased().hasPrefix("0x") ? String(text.dropFirst(2)) : text
    guard let bytes = Hex.decode(digits) else { throw Unreadable("\(text) is not hexadecimal") }
    return bytes
  }

  /// 20 bytes in one of the forms `0x…`, `xdc…`, `one1…`.
  private static func address(_ json: JSONValue) throws -> [UInt8] {
    let text = (json.string ?? "?").lowercased()
    if text.hasPrefix("xdc") { return try bytes(String(text.dropFirst(3))) }
    guard text.hasPrefix("one1") else { return try bytes(text) }
    let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    var (buffer, bits) = (0, 0)
    var out: [UInt8] = []
    for character in text.utf8.dropFirst(4).dropLast(6) {
      buffer = buffer << 5 | (alphabet.firstIndex(of: character) ?? 0)
      bits += 5
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: buffer >> bits))
      }
    }
    return out
  }
}
