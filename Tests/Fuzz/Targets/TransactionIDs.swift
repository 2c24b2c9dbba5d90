internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor

@testable internal import KMSChains

/// That the id of a signed transaction is the one that the network will give it, where that is a hash of the bytes.
enum TransactionIDs {
  static func check(
    _ signed: SignedTransaction, _ request: SigningCase, chain: String
  ) throws(FuzzFailure) {
    let expected: String?
    switch chain {
    case "BTC", "LTC", "DOGE", "BCH": expected = bitcoin(signed.txData)
    case "ETH", "BSC", "MATIC", "XDC", "CELO", "KLAY", "KCS", "ONE":
      expected = Hex.decodePrefixed(signed.txData).map { "0x" + Hex.encode(Hash.keccak256($0)) }
    case "TRON":
      expected = (try? JSONValue(parsing: signed.txData))?["raw_data_hex"]?.string
        .flatMap { Hex.decode($0) }.map { Hex.encode(Hash.sha256($0)) }
    case "XRP":
      expected = Hex.decode(signed.txData).map {
        Hex.encode(Hash.sha512Half([0x54, 0x58, 0x4E, 0x00] + $0)).uppercased()
      }
    case "BNB": expected = Hex.decode(signed.txData).map { Hex.encode(Hash.sha256($0)).uppercased() }
    case "ADA": expected = Hex.decode(signed.txData).flatMap(cardano)
    case "SOL":
      // The first signature, after the count of signatures.
      expected = Base64.decode(signed.txData).map { Base58.encode(Array($0[1..<65])) }
    default: return
    }
    try require(signed.txID == expected, "\(chain): txId \(signed.txID ?? "-"), not \(expected ?? "-")")
  }

  /// The double hash of the bytes without witnesses, last byte first; nil when they can't be read.
  private static func bitcoin(_ hex: String) -> String? {
    guard let bytes = Hex.decode(hex) else { return nil }
    guard bytes.count > 6 else { return nil }
    let base: [UInt8]
    if bytes[4] == 0, bytes[5] == 1 {
      guard let end = outputsEnd(bytes) else { return nil }
      base = bytes[..<4] + bytes[6..<end] + bytes.suffix(4)
    } else {
      base = bytes
    }
    return Hex.encode(Hash.sha256(Hash.sha256(base)).reversed())
  }

  /// Where the outputs of a transaction with witnesses end (BIP-144).
  private static func outputsEnd(_ bytes: [UInt8]) -> Int? {
    var at = 6
    func size() -> Int? {
      guard at < bytes.count else { return nil }
      let first = bytes[at]
      at += 1
      let count = first < 0xfd ? 0 : first == 0xfd ? 2 : first == 0xfe ? 4 : 8
      guard count > 0 else { return Int(first) }
      guard count < 8, at + count <= bytes.count else { return nil }
      defer { at += count }
      return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let inputs = size() else { return nil }
    for _ in 0..<inputs {
      at += 36
      guard let script = size() else { return nil }
      at += script + 4
    }
    guard let outputs = size() else { return nil }
    for _ in 0..<outputs {
      at += 8
      guard let script = size() else { return nil }
      at += script
    }
    return at <= bytes.count ? at : nil
  }

  /// BLAKE2b-256 of the first item of the transaction, which is an array.
  private static func cardano(_ bytes: [UInt8]) -> String? {
    var reader = CBORReader(bytes)
    do throws(CBOR.DecodingError) {
      guard try reader.arrayCount() != nil else { return nil }
      let start = reader.position
      try reader.skip()
      return Hex.encode(Hash.blake2b(Array(bytes[start..<reader.position]), count: 32))
    } catch { return nil }
  }
}
