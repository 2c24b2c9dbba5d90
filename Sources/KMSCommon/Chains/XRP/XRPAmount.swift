internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Amounts of XRP, of issued currencies and of multi-purpose tokens in their 64, 384 or 264 bits.
///
/// <https://xrpl.org/docs/references/protocol/binary-format#amount-fields>
enum XRPAmount {
  /// All XRP there can be: 10^11 XRP.
  static let maximumDrops: UInt64 = 100_000_000_000_000_000

  private static let isPositive: UInt64 = 1 << 62
  private static let isIssued: UInt64 = 1 << 63
  private static let multiPurposePositive: UInt8 = 0x60

  /// Drops as decimal text: an integer without a sign or leading zeros; nil when it is not, or more than there is.
  static func drops(_ text: String) -> UInt64? {
    guard let drops = integer(text), drops <= maximumDrops else { return nil }
    return drops
  }

  /// 8 bytes for an amount of XRP.
  static func encode(drops: UInt64) -> [UInt8] { (isPositive | drops).bigEndianBytes }

  /// 8 bytes for the value of an issued currency; nil when `text` is not one that the ledger can hold.
  static func encode(issued text: String) -> [UInt8]? {
    guard let value = XRPDecimal(text) else { return nil }
    guard value.mantissa != 0 else { return isIssued.bigEndianBytes }
    // An exponent from -96 to 80 is stored as 1 to 177.
    return (isIssued | isPositive | UInt64(value.exponent + 97) << 54 | value.mantissa).bigEndianBytes
  }

  /// 9 bytes for the value of a multi-purpose token (XLS-33), before the 24 that name its issuance; nil when `text` is
  /// not an integer from 0 to 2^63 - 1 without a sign or leading zeros.
  static func encode(multiPurpose text: String) -> [UInt8]? {
    guard let value = integer(text), value <= UInt64(Int64.max) else { return nil }
    return [multiPurposePositive] + value.bigEndianBytes
  }

  /// An integer without a sign or leading zeros.
  private static func integer(_ text: String) -> UInt64? {
    guard let first = text.utf8.first, (48...57).contains(first), first != 48 || text.utf8.count == 1 else {
      return nil
    }
    return UInt64(text)
  }
}

/// The value of an issued currency: a mantissa of 16 digits, from 10^15 to 10^16 - 1, times a power of ten; or 0.
struct XRPDecimal: Hashable {
  let mantissa: UInt64
  /// From -96 to 80.
  let exponent: Int

  private static let digits = 16
  /// Longer text is no honest value; the largest and smallest ones have about 100 digits.
  private static let longestText = 256

  /// Reads decimal text, with a fraction and an exponent where they are; exact or nil: also for more than 16
  /// significant digits, for what is out of range, and for negative values, which no transaction has.
  init?(_ text: String) {
    guard text.utf8.count <= Self.longestText, let number = DecimalText(text, exponentDigits: 4),
      number.sign == nil, !number.whole.isEmpty, number.fraction?.isEmpty != true
    else { return nil }
    var exponent = number.power
    var significant = Array(number.mantissa.drop { $0 == 48 })
    while significant.last == 48 {
      significant.removeLast()
      exponent += 1
    }
    guard !significant.isEmpty else {
      (self.mantissa, self.exponent) = (0, 0)
      return
    }
    guard significant.count <= Self.digits else { return nil }
    let missing = Self.digits - significant.count
    significant += [UInt8](repeating: 48, count: missing)
    exponent -= missing
    guard (-96...80).contains(exponent) else { return nil }
    mantissa = significant.reduce(0) { $0 * 10 + UInt64($1 - 48) }
    self.exponent = exponent
  }
}

/// A currency code in its 20 bytes.
enum XRPCurrency {
  /// 20 zero bytes: XRP itself, in paths.
  static let xrp = [UInt8](repeating: 0, count: 20)

  /// Three printable ASCII characters, or 40 hex digits; nil for anything else, and for every way of writing XRP,
  /// which is no issued currency.
  static func issued(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    if characters.count == 3 {
      guard characters.allSatisfy({ (33...126).contains($0) }), text.uppercased() != "XRP" else { return nil }
      return standard(characters)
    }
    guard characters.count == 40, let bytes = Hex.decode(text), bytes != xrp,
      bytes != standard(Array("XRP".utf8))
    else { return nil }
    return bytes
  }

  private static func standard(_ code: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: 12) + code + [UInt8](repeating: 0, count: 5)
  }
}
