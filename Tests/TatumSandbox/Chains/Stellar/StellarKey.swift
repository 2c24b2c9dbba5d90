import KMSCrypto
import KMSPrimitives

/// Stellar's text form of keys (SEP-23), and what hints and signatures have to do with them.
enum StellarKey {
  /// `G…`: an account.
  static func address(_ key: some Collection<UInt8>) -> String { text([6 << 3] + key) }

  /// `M…`: an account and the number of a customer, 8 bytes.
  static func muxed(_ key: some Collection<UInt8>, id: [UInt8]) -> String { text([12 << 3] + key + id) }

  /// The 32 bytes of the account in `G…` or `M…`; nil when it is neither.
  static func key(_ address: String) -> [UInt8]? {
    guard let bytes = Base32.decode(address), bytes.count == 35 || bytes.count == 43 else { return nil }
    let key = Array(bytes[1..<33])
    let again = bytes.count == 35 ? self.address(key) : muxed(key, id: Array(bytes[33..<41]))
    return again == address ? key : nil
  }

  /// Base32 of the payload and its CRC-16/XMODEM, low byte first.
  private static func text(_ payload: [UInt8]) -> String {
    var crc: UInt16 = 0
    for byte in payload {
      for bit in 0..<8 {
        let isSet = (crc >> 15 == 1) != (byte >> (7 - bit) & 1 == 1)
        crc = crc << 1 ^ (isSet ? 0x1021 : 0)
      }
    }
    return Base32.encode(payload + [UInt8(crc & 255), UInt8(crc >> 8)])
  }
}
