internal import KMSPrimitives

/// Stellar's text form of keys (SEP-23): Base32 of a version byte, the key, and CRC-16/XMODEM in little-endian.
package enum StrKey {
  /// Version of accounts, `G…`: an Ed25519 public key.
  private static let account: UInt8 = 6 << 3
  /// Version of accounts with an id, `M…`.
  private static let muxed: UInt8 = 12 << 3
  /// Version, 32 bytes, checksum; 56 characters.
  package static let count = 35

  /// The address of an Ed25519 public key (32 bytes).
  package static func address(of publicKey: [UInt8]) -> String {
    let payload = [account] + publicKey
    let checksum = crc16(payload.span)
    return Base32.encode(payload + checksum.littleEndianBytes)
  }

  /// The public key of a `G…` address; nil when it is none.
  package static func publicKey(ofAddress text: String) -> [UInt8]? {
    guard let bytes = Base32.decode(text), bytes.count == count, isValid(bytes.span, version: account) else {
      return nil
    }
    return Array(bytes[1..<33])
  }

  /// Whether what was decoded from a text of any kind has a right checksum.
  package static func hasChecksum(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= count else { return false }
    return bytes.ends(with: crc16(bytes.extracting(droppingLast: 2)).littleEndianBytes)
  }

  /// The account of an address `M…`, which has an id of 8 bytes besides (SEP-23); nil when it is none.
  package static func account(ofMuxed text: String) -> String? {
    guard text.hasPrefix("M"), let bytes = Base32.decode(text), bytes.count == 43, bytes.first == muxed,
      hasChecksum(bytes.span)
    else { return nil }
    return address(of: Array(bytes[1..<33]))
  }

  /// Whether what was decoded, of `count` bytes, has this version and a right checksum.
  package static func isValid(_ bytes: Span<UInt8>, version: UInt8) -> Bool {
    guard bytes.first == version else { return false }
    let checksum = crc16(bytes.extracting(first: 33))
    return bytes.extracting(droppingFirst: 33).elementsEqual(checksum.littleEndianBytes)
  }

  /// CRC-16/XMODEM: polynomial 0x1021, start 0, highest bit first.
  package static func crc16(_ bytes: Span<UInt8>) -> UInt16 {
    var crc: UInt16 = 0
    for i in bytes.indices {
      crc ^= UInt16(bytes[i]) << 8
      for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
    }
    return crc
  }
}
