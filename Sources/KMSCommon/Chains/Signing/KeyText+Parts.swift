internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// Looking at the text of a secret without copying it into ordinary memory.
extension SecretBytes {
  /// Whether the ASCII text begins with `prefix`, capitals or not; not in constant time: prefixes are public.
  func hasPrefix(_ prefix: String) -> Bool {
    withBytes { bytes in
      bytes.count >= prefix.utf8.count
        && zip(bytes.indices, prefix.utf8).allSatisfy { Self.lowercase(bytes[$0]) == Self.lowercase($1) }
    }
  }

  /// Whether `word` stands anywhere in the text.
  func contains(_ word: String) -> Bool {
    withBytes { $0.firstIndex(of: word.utf8) != nil }
  }

  /// How many bytes satisfy `condition`.
  func count(where condition: (UInt8) -> Bool) -> Int { withBytes { $0.count(where: condition) } }

  /// The text without a prefix, if it has it, and without a suffix.
  func without(prefix: String, suffix: String = "") throws -> SecretBytes? {
    guard hasPrefix(prefix), count >= prefix.utf8.count + suffix.utf8.count else { return nil }
    let isSuffixed = withBytes { $0.ends(with: suffix.utf8) }
    return isSuffixed ? try slice(prefix.utf8.count..<count - suffix.utf8.count) : nil
  }

  /// The hexadecimal digits after `0x`, where it stands before a number of `digits` of them.
  func withoutHexPrefix(digits: [Int]) throws -> SecretBytes {
    guard digits.contains(count - 2), let rest = try without(prefix: "0x") else { return self }
    return rest
  }

  /// The value of the first `"name": "…"` in a JSON text, whatever the object's depth; nil when there is none, or when it has
  /// an escape.
  func jsonString(_ name: String) throws -> SecretBytes? {
    let key = Array("\"\(name)\"".utf8)
    let range: Range<Int>? = withBytes { bytes in
      guard let start = bytes.firstIndex(of: key) else { return nil }
      var at = start + key.count
      while at < bytes.count, [9, 10, 13, 32, UInt8(ascii: ":")].contains(bytes[at]) { at += 1 }
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
      at += 1
      let length = bytes.extracting(at...).prefixCount {
        $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
      guard at + length < bytes.count, bytes[at + length] == UInt8(ascii: "\"") else { return nil }
      return at..<at + length
    }
    return try range.map { try slice($0) }
  }

  /// The text without white space.
  func withoutSpaces() throws -> SecretBytes {
    var length = 0
    let padded = try SecretBytes(
      count: count,
      writing: { out in
        withBytes { bytes in
          for i in bytes.indices where bytes[i] != 32 && !(9...13).contains(bytes[i]) {
            out[length] = bytes[i]
            length += 1
          }
        }
      })
    return try padded.slice(0..<length)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
}
