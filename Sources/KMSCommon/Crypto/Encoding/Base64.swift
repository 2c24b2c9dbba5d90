internal import CSodium

/// Base64 (RFC 4648 section 4, the alphabet with `+` and `/`) with padding.
public enum Base64 {
  static let variant = Int32(sodium_base64_VARIANT_ORIGINAL)

  /// Returns the padded text of `bytes`.
  public static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    return unsafe String(unsafeUninitializedCapacity: length + 1) { out in  // libsodium adds a zero byte
      _ = unsafe sodium_bin2base64(
        UnsafeMutableRawBufferPointer(out).start.assumingMemoryBound(to: CChar.self), length + 1, bytes,
        bytes.count,
        variant)
      return length
    }
  }

  /// Returns the bytes of `text`; nil when a character is no digit, padding is missing or misplaced, or bits that are
  /// left over are not zero.
  public static func decode(_ text: String) -> [UInt8]? { decode(ascii: text.utf8) }

  /// The same for the bytes of a text.
  public static func decode(ascii text: some Collection<UInt8>) -> [UInt8]? {
    let characters = ContiguousArray(text)
    var length: Int?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: characters.count / 4 * 3) { out, written in
      length = unsafe characters.withUnsafeBytes {
        unsafe decode($0, into: UnsafeMutableRawBufferPointer(out))
      }
      written = length ?? 0
    }
    return length == nil ? nil : bytes
  }

  /// Writes bytes into `out` (three for each four characters) and returns how many; nil when it is not Base64.
  static func decode(_ text: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) -> Int? {
    // libsodium 1.0.18 takes some bytes that are not ASCII for digits.
    guard text.count % 4 == 0, unsafe text.allSatisfy({ $0 < 0x80 }) else { return nil }
    guard unsafe !text.isEmpty else { return 0 }
    var written = 0
    // Without an end pointer libsodium refuses text that goes on after the end.
    let status = unsafe sodium_base642bin(
      out.start, out.count, text.start, text.count, nil, &written, nil, variant)
    return status == 0 ? written : nil
  }
}
