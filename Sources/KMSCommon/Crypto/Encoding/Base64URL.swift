internal import CSodium

/// Base64 with the alphabet for URLs and file names (RFC 4648 section 5), without padding: the form of JOSE (RFC 7515).
public enum Base64URL {
  private static let variant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)

  /// Returns the bytes of `text`; nil when a character is no digit, there is padding, or bits that are left over are not
  /// zero.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 4 != 1, characters.allSatisfy({ $0 < 0x80 }) else { return nil }
    guard !characters.isEmpty else { return [] }
    let length = characters.count / 4 * 3 + max(0, characters.count % 4 - 1)
    var isDone = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { out, written in
      // Without an end pointer libsodium refuses text that goes on after the end.
      isDone = unsafe characters.withUnsafeBytes {
        unsafe sodium_base642bin(
          UnsafeMutableRawBufferPointer(out).start, length,
          $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, nil, &written, nil,
          variant) == 0
      }
      if !isDone { written = 0 }
    }
    return isDone && bytes.count == length ? bytes : nil
  }

  /// Returns the text of `bytes`.
  public static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count * 8 + 5) / 6
    return unsafe String(unsafeUninitializedCapacity: length + 1) { out in  // libsodium adds a zero byte
      _ = unsafe sodium_bin2base64(
        UnsafeMutableRawBufferPointer(out).start.assumingMemoryBound(to: CChar.self), length + 1, bytes,
        bytes.count, variant)
      return length
    }
  }
}
