internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// Bech32 (BIP-173) of secrets, decoded in protected memory; in capitals, too.
enum Bech32Secret {
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
  /// What a checksum comes to in Bech32, and in Bech32m (BIP-350), which has no secrets.
  private static let (bech32, bech32m): (UInt32, UInt32) = (1, 0x2bc8_30a3)

  /// The prefix, in lower case, of a text whose checksum is right in Bech32 or in Bech32m; nil for any other text.
  static func prefix(_ text: SecretBytes) -> String? {
    text.withBytes { bytes in
      guard let one = bytes.lastIndex(where: { $0 == UInt8(ascii: "1") }), (1...24).contains(one),
        let checksum = checksum(bytes, head: one), [bech32, bech32m].contains(checksum)
      else { return nil }
      return String(decoding: bytes.extracting(..<one)).lowercased()
    }
  }

  /// The bytes under a public prefix in lower case; nil for any other text, and when the checksum is wrong.
  static func decode(_ text: SecretBytes, prefix: String) throws -> SecretBytes? {
    let head = prefix.utf8.count
    guard text.hasPrefix(prefix + "1"), text.withBytes({ checksum($0, head: head) }) == bech32 else {
      return nil
    }
    let values = head + 1..<text.count - 6
    var bits: UInt32 = 0
    var width = 0
    let decoded = try SecretBytes(
      count: values.count * 5 / 8,
      writing: { out in
        text.withBytes { bytes in
          var length = 0
          for i in values {
            bits = (bits << 5 | UInt32(value(bytes[i]) ?? 0)) & 0xfff
            width += 5
            guard width >= 8, length < out.count else { continue }
            width -= 8
            out[length] = UInt8(truncatingIfNeeded: bits >> UInt32(width))
            length += 1
          }
        }
      })
    let isPadded = width < 5 && bits & (1 << UInt32(width) - 1) == 0
    return isPadded ? decoded : nil
  }

  /// What the checksum over the first `head` characters, and those after the `1` that follows them, comes to; nil when one is
  /// of another alphabet, or when there are fewer than six.
  private static func checksum(_ text: Span<UInt8>, head: Int) -> UInt32? {
    guard text.count >= head + 7 else { return nil }
    var checksum: UInt32 = 1
    func take(_ value: UInt8) {
      let top = checksum >> 25
      checksum = (checksum & 0x1ff_ffff) << 5 ^ UInt32(value)
      for i in 0..<5 where top >> UInt32(i) & 1 == 1 { checksum ^= generators[i] }
    }
    for i in 0..<head { take(lowercase(text[i]) >> 5) }
    take(0)
    for i in 0..<head { take(lowercase(text[i]) & 31) }
    for i in head + 1..<text.count {
      guard let value = value(text[i]) else { return nil }
      take(value)
    }
    return checksum
  }

  private static func value(_ byte: UInt8) -> UInt8? {
    alphabet.firstIndex(of: lowercase(byte)).map(UInt8.init)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
}
