import KMSCrypto
import KMSPrimitives

/// The text forms of the XRP Ledger, each value in one form only, so that texts can be compared.
enum XRPText {
  /// The classic address of 20 bytes.
  static func address(_ account: some Collection<UInt8>) -> String {
    Base58Check.encode([0] + account, alphabet: .ripple)
  }

  /// What an address says: its account, a tag, the network; nil when it is none.
  static func parts(_ address: String) -> (account: String, tag: UInt32?, testnet: Bool?)? {
    guard let bytes = Base58Check.decode(address, alphabet: .ripple) else { return nil }
    if bytes.count == 21, bytes[0] == 0 { return (address, nil, nil) }
    // XLS-5: two bytes for the network, the account, whether there is a tag, the tag (little-endian, 64 bits).
    guard bytes.count == 31, let testnet = [[0x05, 0x44]: false, [0x04, 0x93]: true][Array(bytes[..<2])],
      bytes[22] <= 1, bytes[27...].allSatisfy({ $0 == 0 })
    else { return nil }
    let tag = bytes[23..<27].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return (self.address(bytes[2..<22]), bytes[22] == 1 ? tag : nil, testnet)
  }

  /// Three characters where the bytes have that form, `XRP` for 20 zeros, else 40 hex digits.
  static func currency(_ code: some Collection<UInt8>) -> String {
    let code = Array(code)
    if code.allSatisfy({ $0 == 0 }) { return "XRP" }
    let letters = code[12..<15]
    let isStandard =
      code[..<12].allSatisfy { $0 == 0 } && code[15...].allSatisfy { $0 == 0 }
      && letters.allSatisfy { allowed.contains($0) }
    let text = String(decoding: letters, as: UTF8.self)
    return isStandard && text != "XRP" ? text : Hex.encode(code).uppercased()
  }

  /// The same for a code that somebody wrote: three characters or 40 hex digits.
  static func currency(written text: String) -> String {
    if text.utf8.count == 3, text != "XRP" {
      return currency([UInt8](repeating: 0, count: 12) + text.utf8 + [UInt8](repeating: 0, count: 5))
    }
    guard text.utf8.count == 40, let bytes = Hex.decode(text) else { return text }
    return currency(bytes)
  }

  /// The characters of codes (`isoCharSet` of rippled).
  private static let allowed = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<>(){}[]|?!@#$%^&*".utf8)

  /// A decimal without needless zeros: an integer that does not end with 0, `e` and the exponent, or 0; nil when
  /// the text is none.
  static func decimal(_ text: String) -> String? {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count <= 2, var exponent = parts.count == 2 ? Int(parts[1]) : 0, abs(exponent) < 10_000 else {
      return nil
    }
    var mantissa = parts[0]
    let sign = mantissa.hasPrefix("-") ? "-" : ""
    if sign == "-" { mantissa.removeFirst() }
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    guard halves.count <= 2,
      halves.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    if halves.count == 2 { exponent -= halves[1].count }
    var digits = halves.joined()[...].drop { $0 == "0" }
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    return digits.isEmpty ? "0" : "\(sign)\(digits)e\(exponent)"
  }
}
