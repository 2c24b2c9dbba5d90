internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// Bech32 (BIP-173) of secrets, decoded in protected memory.
enum Bech32Secret {
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]

  /// The prefix, in lower case, of a text whose checksum is right; nil for any other text.
  static func prefix(_ text: SecretBytes) throws -> String? {
    let head: String? = text.withUnsafeBytes { bytes in
      guard let one = bytes.lastIndex(of: UInt8(ascii: "1")), (1...24).contains(one) else { return nil }
      return String(decoding: bytes[..<one], as: UTF8.self).lowercased()
    }
    guard let head, head.utf8.allSatisfy({ (33...126).contains($0) }) else { return nil }
    return try decode(text, prefix: head) == nil ? nil : head
  }

  /// The bytes under a public prefix in lower case; nil for any other text, and when the checksum is wrong.
  static func decode(_ text: SecretBytes, prefix: String) throws -> SecretBytes? {
    let head = Array(prefix.utf8) + [UInt8(ascii: "1")]
    guard text.count >= head.count + 6, text.hasPrefix(prefix + "1") else { return nil }
    var checksum: UInt32 = 1
    func take(_ value: UInt8) {
      let top = checksum >> 25
      checksum = (checksum & 0x1ff_ffff) << 5 ^ UInt32(value)
      for i in 0..<5 where top >> UInt32(i) & 1 == 1 { checksum ^= generators[i] }
    }
    for byte in prefix.utf8 { take(byte >> 5) }
    take(0)
    for byte in prefix.utf8 { take(byte & 31) }
    var isText = true
    let count = text.count - head.count - 6
    var bits: UInt32 = 0
    var width = 0
    let decoded = try SecretBytes(count: count * 5 / 8) {
      (out: UnsafeMutableRawBufferPointer) throws(Never) in
      text.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
        var length = 0
        for (position, byte) in bytes.dropFirst(head.count).enumerated() {
          guard let value = alphabet.firstIndex(of: byte) else {
            isText = false
            return
          }
          take(UInt8(value))
          if position >= count { continue }
          bits = (bits << 5 | UInt32(value)) & 0xfff
          width += 5
          guard width >= 8, length < out.count else { continue }
          width -= 8
          out[length] = UInt8(truncatingIfNeeded: bits >> UInt32(width))
          length += 1
        }
      }
    }
    let isPadded = width < 5 && bits & (1 << UInt32(width) - 1) == 0
    return isText && checksum == 1 && isPadded ? decoded : nil
  }
}
