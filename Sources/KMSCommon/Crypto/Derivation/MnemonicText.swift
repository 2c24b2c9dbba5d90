/// Mnemonics as they stand on paper, in files and on web pages.
public enum MnemonicText {
  /// The words alone, in NFKD and lower case (ASCII), one space between: white space of any kind, commas, and numbers before
  /// words are taken away.
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for characters whose normal form is not known here.
  public static func words(of text: SecretBytes) throws(CryptoError) -> SecretBytes {
    guard let normal = try CompatibilityForm.of(text) else {
      throw .mnemonic("the mnemonic has characters that are in no word of BIP-39")
    }
    var length = 0
    let padded = try SecretBytes(
      count: normal.count + 1,
      filling: { out in
        normal.withUnsafeBytes { text in
          for token in text.split(whereSeparator: isSeparator) {
            let word = withoutNumber(token)
            if word.isEmpty { continue }
            if length > 0 {
              out[length] = 32
              length += 1
            }
            for byte in word {
              out[length] = (65...90).contains(byte) ? byte | 32 : byte
              length += 1
            }
          }
        }
      })
    return try padded.slice(0..<length)
  }

  /// Whether the seeds of both are the same: BIP-39 hashes the normal form NFKD.
  public static func isNormalForm(_ normal: SecretBytes, of text: SecretBytes) throws(CryptoError) -> Bool {
    try CompatibilityForm.of(text).map { $0 == normal } ?? false
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    Mnemonic.isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
  }

  /// `word` of `12.word`, `12)word` and `12:word`; nothing of `12`, `12.` and `#12`.
  private static func withoutNumber(_ token: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    let digits = token.drop { $0 == UInt8(ascii: "#") }.drop { (48...57).contains($0) }
    guard digits.startIndex > token.startIndex else { return token }
    guard let mark = digits.first else { return digits }
    return [UInt8(ascii: "."), UInt8(ascii: ")"), UInt8(ascii: ":")].contains(mark)
      ? digits.dropFirst() : token
  }
}
