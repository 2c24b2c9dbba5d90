/// Addresses of Bitcoin Cash (the CashAddr specification, bitcoincash.org/spec/cashaddr.md).
public enum CashAddr {
  private static let sizes = [20, 24, 28, 32, 40, 48, 56, 64]

  /// Returns the address with its prefix, in lower case.
  ///
  /// - Parameter kind: 0 for P2PKH, 1 for P2SH; at most 15.
  /// - Returns: nil when the hash has a length that the format lacks (20, 24, 28, 32, 40, 48, 56 or 64 bytes) or the
  ///   kind is above 15.
  public static func encode(prefix: String, kind: UInt8, hash: [UInt8]) -> String? {
    guard kind <= 15, let size = sizes.firstIndex(of: hash.count),
      let data = Bech32.convertBits([kind << 3 | UInt8(size)] + hash, from: 8, to: 5, pad: true)
    else { return nil }
    let lowered = prefix.lowercased()
    let checksum = polymod(expanded(lowered) + data + [UInt8](repeating: 0, count: 8))
    var text = Array(lowered.utf8) + [UInt8(ascii: ":")]
    text += data.map { Bech32.digits[Int($0)] }
    for i in (0..<8).reversed() {
      text.append(Bech32.digits[Int(checksum >> (5 * UInt64(i)) & 31)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Returns prefix, kind and hash of an address; one without a prefix is read as having `defaultPrefix`.
  ///
  /// The caller compares the prefix with that of its network. Nil when the text mixes cases, has a character outside
  /// the alphabet, another checksum, a reserved bit, a wrong length or bits left over.
  public static func decode(
    _ text: String, defaultPrefix: String
  ) -> (prefix: String, kind: UInt8, hash: [UInt8])? {
    let characters = Array(text.utf8)
    // 64 bytes of hash make 112 characters; prefixes are short.
    guard characters.count <= 200, let lowered = Bech32.lowercased(characters) else { return nil }
    let parts = lowered.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let digits = parts.last, let values = Bech32.values(of: digits),
      values.count > 8
    else { return nil }
    let prefix = parts.count == 2 ? String(decoding: parts[0], as: UTF8.self) : defaultPrefix.lowercased()
    guard !prefix.isEmpty, polymod(expanded(prefix) + values) == 0,
      let payload = Bech32.convertBits(Array(values.dropLast(8)), from: 5, to: 8, pad: false),
      let version = payload.first, version & 0x80 == 0, payload.count - 1 == sizes[Int(version & 7)]
    else { return nil }
    return (prefix, version >> 3, Array(payload.dropFirst()))
  }

  private static func expanded(_ prefix: String) -> [UInt8] { prefix.utf8.map { $0 & 31 } + [0] }

  /// The checksum of the specification, 40 bits.
  private static func polymod(_ values: [UInt8]) -> UInt64 {
    var checksum: UInt64 = 1
    for value in values {
      let top = checksum >> 35
      checksum = (checksum & 0x07_ffff_ffff) << 5 ^ UInt64(value)
      if top & 1 != 0 { checksum ^= 0x98_f2bc_8e61 }
      if top & 2 != 0 { checksum ^= 0x79_b76d_99e2 }
      if top & 4 != 0 { checksum ^= 0xf3_3e5f_b3c4 }
      if top & 8 != 0 { checksum ^= 0xae_2eab_e2a8 }
      if top & 16 != 0 { checksum ^= 0x1e_4f43_e470 }
    }
    return checksum ^ 1
  }
}
