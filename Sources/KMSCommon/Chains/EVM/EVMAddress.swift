internal import KMSCrypto
internal import KMSPrimitives

/// The 20 bytes that name an account or contract of an EVM chain.
package struct EVMAddress: Hashable, Sendable {
  // Three words rather than an array: addresses are compared and copied on every signature, without allocation.
  private let high: UInt64
  private let middle: UInt64
  private let low: UInt32

  private init(high: UInt64, middle: UInt64, low: UInt32) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  /// Takes 20 bytes; nil for any other count.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 20 else { return nil }
    var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
    for (i, byte) in bytes.enumerated() {
      switch i {
      case 0..<8: words.0 = words.0 << 8 | UInt64(byte)
      case 8..<16: words.1 = words.1 << 8 | UInt64(byte)
      default: words.2 = words.2 << 8 | UInt32(byte)
      }
    }
    (high, middle, low) = words
  }

  /// The address of a secp256k1 public key: the last 20 bytes of the Keccak-256 hash of its 64 coordinate bytes
  /// (Yellow Paper, appendix F); nil when `publicKey` (33 or 65 bytes) is not a point.
  package init?(publicKey: [UInt8]) {
    guard let point = Secp256k1.uncompressed(publicKey) else { return nil }
    self.init(bytes: Hash.keccak256(Array(point.dropFirst())).suffix(20))
  }

  /// The 20 bytes.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 20 bytes.
  package func append(to out: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: high >> shift)) }
    for shift in stride(from: 56, through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: middle >> shift))
    }
    for shift in stride(from: 24, through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: low >> shift)) }
  }

  /// `0x` and 40 lower-case digits.
  package var hexText: String {
    String(asciiCapacity: 42) { out in
      out.append(UInt8(ascii: "0"))
      out.append(UInt8(ascii: "x"))
      for i in 0..<16 { out.append(Hex.digit(UInt8(truncatingIfNeeded: high >> UInt64(60 - 4 * i)) & 15)) }
      for i in 0..<16 { out.append(Hex.digit(UInt8(truncatingIfNeeded: middle >> UInt64(60 - 4 * i)) & 15)) }
      for i in 0..<8 { out.append(Hex.digit(UInt8(truncatingIfNeeded: low >> UInt32(28 - 4 * i)) & 15)) }
    }
  }

  /// `0x` and 40 digits whose case is the checksum of EIP-55.
  var checksummedText: String {
    let digits = Array(hexText.utf8.dropFirst(2))
    let hash = Self.checksumHash(digits.span)
    let text = digits.enumerated().map { i, digit in
      digit > 57 && Self.isUpperCase(i, hash) ? digit & 0xDF : digit
    }
    return "0x" + String(decoding: text, as: UTF8.self)
  }

  // MARK: Reading

  /// What reading an address gave.
  package enum Reading: Hashable, Sendable {
    case address(EVMAddress)
    /// Upper and lower case are mixed, and not as EIP-55 says.
    case wrongChecksum
    case notAnAddress
  }

  /// Reads what web3 takes for an address: 40 digits, with `0x` or without. All lower or all upper case is taken as
  /// it is; mixed case must be the checksum of EIP-55.
  package static func read(_ text: String) -> Reading {
    let utf8 = text.utf8.span
    let isPrefixed = utf8.count == 42 && utf8[0] == UInt8(ascii: "0") && utf8[1] | 32 == UInt8(ascii: "x")
    return read(digits: utf8.extracting(droppingFirst: isPrefixed ? 2 : 0))
  }

  /// Reads 40 digits, as `read(_:)` does after the prefix.
  fileprivate static func read(digits: Span<UInt8>) -> Reading {
    guard digits.count == 40 else { return .notAnAddress }
    var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var letters: UInt8 = 0  // 1: of lower case, 2: of upper case
    for i in 0..<40 {
      guard let value = Hex.value(of: digits[i]) else { return .notAnAddress }
      if value > 9 { letters |= digits[i] >= 97 ? 1 : 2 }
      words.0 = words.0 << 4 | words.1 >> 60
      words.1 = words.1 << 4 | words.2 >> 60
      words.2 = words.2 << 4 | UInt64(value)
    }
    if letters == 3 {
      let hash = checksumHash(digits)
      for i in digits.indices where digits[i] >= 65 {
        guard (digits[i] < 97) == isUpperCase(i, hash) else { return .wrongChecksum }
      }
    }
    return .address(
      EVMAddress(
        high: words.0 << 32 | words.1 >> 32, middle: words.1 << 32 | words.2 >> 32,
        low: UInt32(truncatingIfNeeded: words.2)))
  }

  /// The hash of the 40 digits in lower case.
  private static func checksumHash(_ digits: Span<UInt8>) -> [UInt8] {
    Hash.keccak256(digits.indices.map { digits[$0] < 65 ? digits[$0] : digits[$0] | 32 })
  }

  /// EIP-55: a letter is upper case where the same nibble of the hash is 8 or more.
  private static func isUpperCase(_ index: Int, _ hash: [UInt8]) -> Bool {
    hash[index >> 1] & (index & 1 == 0 ? 0x80 : 0x08) != 0
  }
}

/// How a chain writes its addresses, besides the `0x` form that all take.
package enum EVMAddressForm: Sendable {
  /// `0x` only.
  case hexadecimal
  /// XDC: written as `xdc` and 40 digits; `xdc` stands for `0x`, the checksum is that of EIP-55.
  case xdc
  /// Harmony: also read as bech32 with prefix `one`; written as `0x`, as the original does.
  case harmony

  /// The text that `getaddress` prints.
  package func text(_ address: EVMAddress) -> String {
    switch self {
    case .hexadecimal, .harmony: address.hexText
    case .xdc: "xdc" + address.hexText.dropFirst(2)
    }
  }

  /// Reads an address in any form of this chain.
  ///
  /// - Throws: `malformed-transaction` naming `member` when it is none or its checksum is wrong.
  package func read(_ text: String, member: @autoclosure () -> String) throws(ChainError) -> EVMAddress {
    switch reading(text) {
    case .address(let address): return address
    case .wrongChecksum:
      throw .malformed(
        "\(member()) has a wrong EIP-55 checksum: check the address, or write it in lower case")
    case .notAnAddress: throw .malformed("\(member()) is not an address of this chain")
    }
  }

  /// Reads an address that is written with `0x`, as on all of these chains; nil for any other text.
  package func readPlain(_ text: Span<UInt8>) -> EVMAddress? {
    guard text.count == 42, text[0] == UInt8(ascii: "0"), text[1] == UInt8(ascii: "x"),
      case .address(let address) = EVMAddress.read(digits: text.extracting(droppingFirst: 2))
    else { return nil }
    return address
  }

  /// The text that `getaddress` prints, of an address in any form of this chain; other texts as they are.
  package func canonical(_ address: String) -> String {
    guard case .address(let read) = reading(address) else { return address }
    return text(read)
  }

  /// Whether the text has the form of an address of this chain; its checksum may be wrong.
  package func isAddress(_ text: String) -> Bool { reading(text) != .notAnAddress }

  private func reading(_ text: String) -> EVMAddress.Reading {
    switch self {
    case .xdc where text.utf8.count == 43 && text.prefix(3).lowercased() == "xdc":
      return EVMAddress.read(String(text.dropFirst(3)))
    case .harmony where text.prefix(4).lowercased() == "one1":
      guard let bytes = Bech32.decodeBytes(text, hrp: "one", maximumLength: 90),
        let address = EVMAddress(bytes: bytes)
      else { return .notAnAddress }
      return .address(address)
    default: return EVMAddress.read(text)
    }
  }
}
