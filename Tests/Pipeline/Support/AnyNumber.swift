import Foundation
import KMSChains
import KMSPrimitives
import KMSRecords

/// Makes any number of different transactions of each chain from those of the demo.
enum AnyNumber {
  /// The id of the n-th transaction of a chain.
  static func id(_ chain: String, _ number: Int) -> String {
    let place = (ChainRegistry.names.all.firstIndex(of: chain) ?? 0) + 10
    return "6922f0a1c4d7\(place)" + String(repeating: "0", count: 10 - String(number).count) + String(number)
  }

  /// The n-th transaction of a chain, from 0: `template` with an id of its own, and with other coins, another sequence number
  /// or another amount where equal content would be one transaction on that chain.
  static func pending(_ chain: String, _ number: Int, from template: JSONValue) throws -> JSONValue {
    var text = template.changed([("id", .string(id(chain, number)))]).text
    switch chain {
    case "BTC", "LTC", "DOGE":
      // The id, where it is named, would be another one.
      if let at = text.range(of: #""hash":"[0-9a-f]{64}","#, options: .regularExpression) {
        text.removeSubrange(at)
      }
      // The coins that are spent. Withdrawals name them twice.
      for coin in coins(text) { text = text.replacing(coin, with: hex(number + 1, 8) + coin.dropFirst(8)) }
    case "BCH":
      for coin in ["3ce2169d", "e3f6bea3"] { text = text.replacing(coin, with: hex(number + 1, 8)) }
    case "ADA":
      for coin in ["e00f3156", "1b5e2f7c"] { text = text.replacing(coin, with: hex(number + 1, 8)) }
    case "XRP": text = text.replacing(#""Sequence":123"#, with: #""Sequence":\#(123 + number)"#)
    case "XLM": text = try stellar(text, number)
    case "TRON": text = text.replacing("017d7840", with: hex(0x17d7840 + number, 8))
    case "ALGO":
      text = text.replacing(#""amount":1000000"#, with: #""amount":\#(1_000_000 + number)"#)
      // Where a block comes at every other one, the rounds go with it.
      for round in [21_000_000, 21_001_000] {
        text = text.replacing("Round\":\(round)", with: "Round\":\(round + number / 2)")
      }
    case "SOL":
      let lamports = UInt64(2_500_000 + number).littleEndian
      let bytes = withUnsafeBytes(of: lamports) { $0.map { hex(Int($0), 2) }.joined() }
      text = text.replacing("a025260000000000", with: bytes)
    case "KLAY": text = text.replacing(#","nonce":0"#, with: "")
    default: break  // nonces, sequences and proposal keys of the network tell them apart
    }
    return try JSONValue(parsing: text)
  }

  /// The same for the chains whose transactions spend coins, with coins that are there: those of the demo, made by other
  /// transactions. Of other chains as `pending`, and nothing that makes coins.
  ///
  /// - Parameter makers: the transactions that made the demo's coins, in hexadecimal.
  static func spending(
    _ chain: String, _ number: Int, from template: JSONValue, makers: [String]
  ) throws -> (pending: JSONValue, makers: [String]) {
    guard ["BTC", "LTC", "DOGE", "BCH"].contains(chain) else {
      return (try pending(chain, number, from: template), [])
    }
    var text = template.changed([("id", .string(id(chain, number)))]).text
    if let at = text.range(of: #""hash":"[0-9a-f]{64}","#, options: .regularExpression) {
      text.removeSubrange(at)
    }
    var made: [String] = []
    for maker in makers {
      // Another version of the format makes another id.
      let other = hex(number + 3, 2) + "000000" + maker.dropFirst(8)
      guard let old = PreviousTransaction(try bytes(maker)), let new = PreviousTransaction(try bytes(other))
      else {
        throw CocoaError(.fileReadCorruptFile)
      }
      // People write ids the other way round; the bytes of a transaction have them as they are hashed.
      for order in [{ $0 }, { $0.reversed() }] as [([UInt8]) -> [UInt8]] {
        text = text.replacing(Hex.encode(order(old.hash)), with: Hex.encode(order(new.hash)))
      }
      made.append(other)
    }
    return (try JSONValue(parsing: text), made)
  }

  private static func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = Hex.decode(hex) else { throw CocoaError(.fileReadCorruptFile) }
    return bytes
  }

  private static func coins(_ text: String) -> [String] {
    text.components(separatedBy: #""prevTxId":""#).dropFirst().map { String($0.prefix(64)) }
  }

  private static func hex(_ number: Int, _ count: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  /// The sequence number stands at byte 44 of an envelope: type, type and bytes of the key, fee come before.
  private static func stellar(_ text: String, _ number: Int) throws -> String {
    let json = try JSONValue(parsing: text)
    guard let envelope = json["transaction"]?.string, var bytes = Data(base64Encoded: envelope) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    var sequence = bytes[44..<52].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + UInt64(number)
    for i in (44..<52).reversed() {
      bytes[i] = UInt8(truncatingIfNeeded: sequence)
      sequence >>= 8
    }
    return json.changed([("transaction", .string(bytes.base64EncodedString()))]).text
  }
}
