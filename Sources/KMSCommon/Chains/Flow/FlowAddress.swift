internal import KMSPrimitives

/// The 8 bytes that name an account of Flow.
struct FlowAddress: Hashable, Sendable {
  /// The bytes as one big-endian number.
  let number: UInt64

  /// Reads 16 hexadecimal digits, with `0x` or without; nil for anything else.
  init?(_ text: String) {
    let digits = text.utf8.starts(with: "0x".utf8) ? text.utf8.dropFirst(2) : text.utf8[...]
    guard digits.count == 16, digits.allSatisfy(Hex.isDigit),
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

  // MARK: Networks

  /// Whether this is an address that the network gives out. Addresses are words of a linear code, on test networks with
  /// a constant added (onflow/flow-go, `model/flow/address.go`): one of another network, or with up to six wrong bits, is
  /// none of this one.
  func isValid(testnet: Bool) -> Bool {
    let word = testnet ? number ^ Self.testnetWord : number
    let parity = Self.parityColumns.enumerated().reduce(UInt32(0)) { parity, column in
      word >> UInt64(column.offset) & 1 == 1 ? parity ^ column.element : parity
    }
    return parity == 0
  }

  /// What is added to the words of the test network.
  private static let testnetWord: UInt64 = 0x6834_ba37_b398_0209

  /// The columns of the parity-check matrix of the [64,45] code, from the least significant bit on.
  private static let parityColumns: [UInt32] = [
    0x00001, 0x00002, 0x00004, 0x00008, 0x00010, 0x00020, 0x00040, 0x00080, 0x00100, 0x00200, 0x00400,
    0x00800, 0x01000, 0x02000, 0x04000, 0x08000, 0x10000, 0x20000, 0x40000, 0x7328d, 0x6689a, 0x6112f,
    0x6084b, 0x433fd, 0x42aab, 0x41951, 0x233ce, 0x22a81, 0x21948, 0x1ef60, 0x1deca, 0x1c639, 0x1bdd8,
    0x1a535, 0x194ac, 0x18c46, 0x1632b, 0x1529b, 0x14a43, 0x13184, 0x12942, 0x118c1, 0x0f812, 0x0e027,
    0x0d00e, 0x0c83c, 0x0b01d, 0x0a831, 0x0982b, 0x07034, 0x0682a, 0x05819, 0x03807, 0x007d2, 0x00727,
    0x0068e, 0x0067c, 0x0059d, 0x004eb, 0x003b4, 0x0036a, 0x002d9, 0x001c7, 0x0003f,
  ]
}
