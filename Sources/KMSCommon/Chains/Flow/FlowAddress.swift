/// The 8 bytes that name an account of Flow.
struct FlowAddress: Hashable, Sendable {
  /// The bytes as one big-endian number.
  let number: UInt64

  /// Reads 16 hexadecimal digits, with `0x` or without; nil for anything else.
  init?(_ text: String) {
    let digits = text.utf8.starts(with: "0x".utf8) ? text.utf8.dropFirst(2) : text.utf8[...]
    guard digits.count == 16, digits.allSatisfy(Self.isHexadecimal),
      let number = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
    else { return nil }
    self.number = number
  }

  /// The 8 bytes.
  var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) } }

  /// `0x` and 16 lower-case digits.
  var text: String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  private static func isHexadecimal(_ character: UInt8) -> Bool {
    switch character {
    case 48...57, 65...70, 97...102: true
    default: false
    }
  }
}
