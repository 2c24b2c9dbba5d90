internal import CLibFuzzer
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Changes values of a JSON text, not only its bytes: what stands in hexadecimal digits or Base64 is changed as the
/// bytes that it is, members are removed, repeated and exchanged, numbers go to their limits.
struct JSONMutator {
  private var state: UInt64

  init(seed: UInt32) { state = UInt64(seed) }

  /// The changed text; nil when `input` is not JSON, and sometimes, so that bytes are changed, too.
  func changed(_ input: [UInt8]) -> [UInt8]? {
    var random = self
    guard random.next(8) > 0, var json = try? JSONValue(parsing: input) else { return nil }
    for _ in 0...random.next(3) {
      var nodes: [JSONValue] = []
      Self.collect(json, into: &nodes)
      var place = random.next(nodes.count)
      json = random.change(json, at: &place, nodes)
    }
    return json.encoded()
  }

  /// splitmix64 (Steele, Lea and Flood, 2014).
  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ z >> 31) % UInt64(max(1, bound)))
  }

  private static func collect(_ json: JSONValue, into nodes: inout [JSONValue]) {
    nodes.append(json)
    switch json {
    case .array(let items): for item in items { collect(item, into: &nodes) }
    case .object(let object): for member in object.members { collect(member.value, into: &nodes) }
    default: break
    }
  }

  /// Changes the value that comes as number `place`, in the order of the text.
  private mutating func change(_ json: JSONValue, at place: inout Int, _ nodes: [JSONValue]) -> JSONValue {
    if place == 0 {
      place = -1
      return change(json, nodes)
    }
    guard place > 0 else { return json }
    place -= 1
    switch json {
    case .array(var items):
      for i in items.indices where place >= 0 { items[i] = change(items[i], at: &place, nodes) }
      return .array(items)
    case .object(var object):
      for member in object.members where place >= 0 {
        object[member.name] = change(member.value, at: &place, nodes)
      }
      return .object(object)
    default: return json
    }
  }

  private mutating func change(_ json: JSONValue, _ nodes: [JSONValue]) -> JSONValue {
    switch next(8) {
    case 0: return Self.strange[next(Self.strange.count)]
    case 1: return nodes[next(nodes.count)]
    default: break
    }
    switch json {
    case .string(let text): return .string(change(text))
    case .number(let number): return change(number)
    case .bool(let flag): return .bool(!flag)
    case .null: return nodes[next(nodes.count)]
    case .array(var items):
      switch next(3) {
      case 0 where !items.isEmpty: items.remove(at: next(items.count))
      case 1 where !items.isEmpty: items.insert(items[next(items.count)], at: next(items.count + 1))
      default: items.insert(nodes[next(nodes.count)], at: next(items.count + 1))
      }
      return .array(items)
    case .object(var object):
      guard !object.members.isEmpty else { return .object(object) }
      let member = object.members[next(object.members.count)]
      switch next(4) {
      case 0: object[member.name] = nil
      case 1: object[change(member.name)] = member.value
      case 2: object[member.name] = object.members[next(object.members.count)].value
      default: object[Self.names[next(Self.names.count)]] = nodes[next(nodes.count)]
      }
      return .object(object)
    }
  }

  private mutating func change(_ text: String) -> String {
    let prefix = text.hasPrefix("0x") ? "0x" : ""
    if text.utf8.count > 2, let bytes = Hex.decode(String(text.dropFirst(prefix.count))) {
      return prefix + Hex.encode(change(bytes))
    }
    if text.utf8.count >= 8, let bytes = Base64.decode(text) { return Base64.encode(change(bytes)) }
    return String(decoding: change(Array(text.utf8)), as: UTF8.self)
  }

  private func change(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes + [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBufferPointer {
      LLVMFuzzerMutate($0.baseAddress, $0.count - 64, $0.count)
    }
    return Array(bytes[..<count])
  }

  private mutating func change(_ number: JSONNumber) -> JSONValue {
    switch next(4) {
    case 0: return .number(JSONNumber((number.int64 ?? 0) &+ Int64(next(5)) &- 2))
    case 1: return .number(JSONNumber(UInt64(1) << UInt64(next(64)) &- UInt64(next(2))))
    case 2: return .string(number.digits)
    default:
      let text = String(decoding: change(Array(number.digits.utf8)), as: UTF8.self)
      return (try? JSONValue(parsing: text)) ?? .string(text)
    }
  }

  private static let strange: [JSONValue] = [
    .null, true, 0, 1, -1, "", "0", "-1", "0x", "1e9", "0.1", "\u{0}", "🙂", [], [[]], [:], "9007199254740993",
    "18446744073709551615", "18446744073709551616", .number(JSONNumber(UInt64.max)),
    .number(JSONNumber(Int64.min)), .number(JSONNumber(UInt32.max)),
    .string(String(repeating: "9", count: 90)),
    .string(String(repeating: "f", count: 64)), .string("0x" + String(repeating: "f", count: 64)),
  ]

  /// Members that a pending transaction may have and the seeds seldom do.
  private static let names = [
    "nonce", "gasLimit", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "accessList", "type", "chainId",
    "feeCurrency", "data", "value", "fee", "from", "to", "index", "withdrawalId", "withdrawalResponses",
    "signatures", "changeScript", "hash", "sgnr", "memo", "flatFee", "mintPK", "utxos", "visible",
    "dependsOn",
    "reserved", "version", "options", "arguments", "metadata", "Memos", "Paths", "Signers",
    "LastLedgerSequence",
  ]
}
