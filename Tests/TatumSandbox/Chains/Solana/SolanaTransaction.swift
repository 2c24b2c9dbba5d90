import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A signed transaction of Solana, read from its bytes, with every signature verified.
struct SolanaTransaction {
  /// Signature count, signatures, message.
  let raw: [UInt8]
  /// From the header on; what was signed.
  let message: [UInt8]
  /// The first signature in Base58.
  let txId: String
  let signers: [String]
  let blockhash: [UInt8]
  /// Where the blockhash stands in `message`.
  let blockhashRange: Range<Int>
  let accounts: [String]
  /// Program, accounts by place, data.
  let calls: [(program: String, accounts: [UInt8], data: [UInt8])]

  private static let packet = 1232

  /// Reads `raw`; refuses what `sanitize` and the signature check of the validator refuse.
  init(_ raw: [UInt8]) throws(Refusal) {
    guard raw.count <= Self.packet else {
      throw Refusal("base64 encoded transaction too large: \(raw.count) bytes (max: 1232)")
    }
    var cursor = Cursor(raw)
    var signatures: [[UInt8]] = []
    for _ in 0..<(try cursor.length()) { signatures.append(try cursor.take(64)) }
    let message = cursor.rest
    let isVersioned = message.first.map { $0 & 0x80 != 0 } ?? false
    if isVersioned, try cursor.byte() != 0x80 { throw Self.unsanitary }
    let (signerCount, readOnlySigned) = (Int(try cursor.byte()), Int(try cursor.byte()))
    let readOnlyUnsigned = Int(try cursor.byte())
    var keys: [[UInt8]] = []
    for _ in 0..<(try cursor.length()) { keys.append(try cursor.take(32)) }
    let blockhashStart = message.count - cursor.rest.count
    blockhash = try cursor.take(32)
    var calls: [(program: String, accounts: [UInt8], data: [UInt8])] = []
    var highest = 0
    for _ in 0..<(try cursor.length()) {
      let program = Int(try cursor.byte())
      let places = try cursor.take(cursor.length())
      let data = try cursor.take(cursor.length())
      guard program > 0, program < keys.count else { throw Self.unsanitary }
      highest = max(highest, Int(places.max() ?? 0))
      calls.append((Base58.encode(keys[program]), places, data))
    }
    var loaded = 0
    if isVersioned {
      for _ in 0..<(try cursor.length()) {
        _ = try cursor.take(32)
        let taken = try cursor.take(cursor.length()).count + cursor.take(cursor.length()).count
        guard taken > 0 else { throw Self.unsanitary }
        loaded += taken
      }
    }
    guard cursor.rest.isEmpty, signerCount > readOnlySigned, signerCount + readOnlyUnsigned <= keys.count,
      signerCount == signatures.count, keys.count + loaded <= 256, highest < keys.count + loaded,
      Set(keys).count == keys.count
    else { throw Self.unsanitary }
    for (signature, key) in zip(signatures, keys) {
      guard Ed25519.verify(signature, message, publicKey: key) else {
        throw Refusal("Transaction signature verification failure")
      }
    }
    self.raw = raw
    self.message = message
    self.calls = calls
    txId = Base58.encode(signatures.first ?? [])
    accounts = keys.map { Base58.encode($0) }
    signers = Array(accounts.prefix(signerCount))
    blockhashRange = blockhashStart..<blockhashStart + 32
  }

  private static let unsanitary = Refusal("Transaction failed to sanitize accounts offsets correctly")

  private struct Cursor {
    private let bytes: [UInt8]
    private var at = 0
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var rest: [UInt8] { Array(bytes[at...]) }

    mutating func take(_ count: Int) throws(Refusal) -> [UInt8] {
      guard count <= bytes.count - at else { throw Refusal("failed to deserialize transaction: io error") }
      defer { at += count }
      return Array(bytes[at..<at + count])
    }

    mutating func byte() throws(Refusal) -> UInt8 { try take(1)[0] }

    /// compact-u16
    mutating func length() throws(Refusal) -> Int {
      var value = 0
      var shift = 0
      while true {
        let byte = try byte()
        value |= Int(byte & 0x7F) << shift
        if byte & 0x80 == 0 {
          guard value <= 0xFFFF, shift == 0 || byte != 0 else { break }
          return value
        }
        shift += 7
        guard shift < 21 else { break }
      }
      throw Refusal("failed to deserialize transaction: length")
    }
  }

  /// The transfers of lamports, for people and tests.
  var outputs: [JSONValue] {
    calls.compactMap { call in
      guard call.program == "11111111111111111111111111111111", call.data.count == 12,
        call.data.prefix(4).elementsEqual([2, 0, 0, 0]), call.accounts.count == 2
      else { return nil }
      func account(_ place: UInt8) -> JSONValue {
        Int(place) < accounts.count ? .string(accounts[Int(place)]) : .null
      }
      let lamports = call.data.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return [
        "from": account(call.accounts[0]), "to": account(call.accounts[1]),
        "lamports": .string(String(lamports)),
      ]
    }
  }
}
