internal import CSodium
internal import KMSPrimitives

/// Text forms of secrets. The conversions run in time that depends on lengths only.
extension SecretBytes {
  /// Returns the hexadecimal text of the secret (lower case ASCII), itself protected; 2 × `count` bytes.
  public func hexEncoded() throws(CryptoError) -> SecretBytes {
    try SecretBytes(
      count: count * 2,
      writing: { out in
        withBytes { bytes in
          for i in bytes.indices {
            out[2 * i] = Hex.digit(bytes[i] >> 4)
            out[2 * i + 1] = Hex.digit(bytes[i] & 15)
          }
        }
      })
  }

  /// Reads the secret as hexadecimal text, an optional `0x` first; nil when it is not.
  public func hexDecoded() throws(CryptoError) -> SecretBytes? {
    try unsafe withUnsafeBytes { (text) throws(CryptoError) -> SecretBytes? in
      let isPrefixed = unsafe text.count >= 2 && text[0] == 48 && (text[1] | 32) == 120
      let digits = unsafe UnsafeRawBufferPointer(rebasing: text[(isPrefixed ? 2 : 0)...])
      guard digits.count % 2 == 0 else { return nil }
      var isHex = true
      let decoded = try unsafe SecretBytes(
        count: digits.count / 2,
        filling: { out in
          var written = 0
          isHex =
            unsafe sodium_hex2bin(out.start, out.count, digits.start, digits.count, nil, &written, nil) == 0
            && written == out.count
        })
      return isHex ? decoded : nil
    }
  }

  /// Returns the Base64 text of the secret (RFC 4648 section 4, padded ASCII), itself protected.
  public func base64Encoded() throws(CryptoError) -> SecretBytes {
    let length = (count + 2) / 3 * 4
    // libsodium ends the text with a zero byte, for which a second buffer has room.
    let terminated = try unsafe SecretBytes(
      count: length + 1,
      filling: { out in
        unsafe withUnsafeBytes { bytes in
          _ = unsafe sodium_bin2base64(out.start, out.count, bytes.start, bytes.count, Base64.variant)
        }
      })
    return try terminated.slice(0..<length)
  }

  /// Reads the secret as Base64 text, strict as `Base64.decode`; nil when it is not.
  public func base64Decoded() throws(CryptoError) -> SecretBytes? {
    var length: Int?
    let decoded = try unsafe SecretBytes(
      count: count / 4 * 3,
      filling: { out in length = unsafe withUnsafeBytes { unsafe Base64.decode($0, into: out) } })
    guard let length else { return nil }
    return try decoded.slice(0..<length)
  }
}
