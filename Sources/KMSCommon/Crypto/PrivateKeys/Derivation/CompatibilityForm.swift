internal import KMSCrypto
internal import KMSPrimitives

/// Unicode's normal form NFKD (UAX #15), which BIP-39 asks for before a mnemonic is hashed, of the characters that are met
/// in mnemonics: those of the word lists (Latin, kana, Hangul, unified ideographs), Cyrillic, spaces and punctuation that
/// web pages and word processors put in, emoji. Other characters are not guessed at.
enum CompatibilityForm {
  /// Returns the text in NFKD, UTF-8; nil when it is not UTF-8 or has a character that is not among those above.
  static func of(_ text: SecretBytes) throws(CryptoError) -> SecretBytes? {
    // No character here becomes more scalars than it has bytes.
    var count = 0
    var isKnown = true
    let scalars = try SecretBytes(
      count: text.count * scalarSize,
      writing: { out in
        isKnown = text.withBytes { decompose($0) { scalar in put(scalar, &out, &count) } }
      })
    guard isKnown else { return nil }
    var length = 0
    let encoded = try SecretBytes(
      count: count * scalarSize,
      writing: { out in
        scalars.withBytes { bytes in
          for i in 0..<count {
            let value = bytes.bigEndian(UInt32.self, at: i * scalarSize)
            guard let scalar = Unicode.Scalar(value), let units = UTF8.encode(scalar) else { continue }
            for unit in units {
              out[length] = unit
              length += 1
            }
          }
        }
      })
    return try encoded.slice(0..<length)
  }

  private static let scalarSize = MemoryLayout<UInt32>.size

  /// Gives what each character decomposes to to `body`; false when one is not known.
  private static func decompose(_ text: Span<UInt8>, _ body: (UInt32) -> Void) -> Bool {
    do {
      var scalars = try UTF8Span(validating: text).makeUnicodeScalarIterator()
      while let scalar = scalars.next() {
        guard decompose(scalar.value, body) else { return false }
      }
      return true
    } catch { return false }
  }

  /// Appends a scalar: a combining mark goes before marks of a higher class (UAX #15, canonical ordering).
  private static func put(_ value: UInt32, _ out: inout MutableSpan<UInt8>, _ count: inout Int) {
    var at = count
    let own = combiningClass(value)
    while own > 0, at > 0 {
      let before = out.span.bigEndian(UInt32.self, at: (at - 1) * scalarSize)
      guard combiningClass(before) > own else { break }
      out.write(bigEndian: before, at: at * scalarSize)
      at -= 1
    }
    out.write(bigEndian: value, at: at * scalarSize)
    count += 1
  }

  private static func combiningClass(_ value: UInt32) -> UInt8 {
    Unicode.Scalar(value)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  private static func decompose(_ value: UInt32, _ body: (UInt32) -> Void) -> Bool {
    if value < 0x80 {
      body(value)
    } else if 0xAC00...0xD7A3 ~= value {
      decomposeHangul(value, body)
    } else if let (base, mark) = composed[value] {
      body(base)
      body(mark)
    } else if let text = compatible[value] {
      for scalar in text.unicodeScalars { body(scalar.value) }
    } else if 0xFF01...0xFF5E ~= value {  // full-width forms of ASCII
      body(value - 0xFF01 + 0x21)
    } else if unchanged.contains(where: { $0 ~= value }) {
      body(value)
    } else {
      return false
    }
    return true
  }

  /// The Unicode standard, section 3.12.2, "Hangul syllable decomposition".
  private static func decomposeHangul(_ value: UInt32, _ body: (UInt32) -> Void) {
    let index = value - 0xAC00
    body(0x1100 + index / 588)
    body(0x1161 + index % 588 / 28)
    if index % 28 > 0 { body(0x11A7 + index % 28) }
  }

  /// Letters that are a letter and a mark. Strings are equal when they are canonically equivalent, so the standard library
  /// tells which ones.
  private static let composed: [UInt32: (base: UInt32, mark: UInt32)] = {
    func text(_ values: UInt32...) -> String {
      var text = ""
      for scalar in values.compactMap(Unicode.Scalar.init) { text.unicodeScalars.append(scalar) }
      return text
    }
    let letters = [0xC0...0x17E, 0x400...0x45F, 0x3041...0x30FE] as [ClosedRange<UInt32>]
    var known: [String: UInt32] = [:]
    for value in letters.joined() { known[text(value)] = value }
    let bases = [0x41...0x5A, 0x61...0x7A, 0x400...0x45F, 0x3041...0x30FE] as [ClosedRange<UInt32>]
    let marks = [0x300...0x33F, 0x3099...0x309A] as [ClosedRange<UInt32>]
    var found: [UInt32: (base: UInt32, mark: UInt32)] = [:]
    for base in bases.joined() {
      for mark in marks.joined() {
        if let whole = known[text(base, mark)] { found[whole] = (base, mark) }
      }
    }
    return found
  }()

  /// Spaces, and what word processors make of letters.
  private static let compatible: [UInt32: String] = {
    var found: [UInt32: String] = [
      0xA0: " ", 0x202F: " ", 0x205F: " ", 0x3000: " ", 0x2011: "\u{2010}", 0x2026: "...", 0xFB00: "ff",
      0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
    ]
    for space in 0x2000...0x200A as ClosedRange<UInt32> { found[space] = " " }
    return found
  }()

  /// Characters that are their own normal form, unless they are among the above. Left out: what decomposes otherwise.
  private static let unchanged: [ClosedRange<UInt32>] = [
    // Latin letters, and the soft hyphen.
    0xAD...0xAD, 0xC0...0x131, 0x134...0x13E, 0x141...0x148, 0x14A...0x17E,
    // Combining marks.
    0x300...0x33F, 0x342...0x342, 0x345...0x36F,
    // Cyrillic.
    0x400...0x45F,
    // Jamo, the letters of Hangul.
    0x1100...0x11FF,
    // Punctuation, and characters without width.
    0x200B...0x2010, 0x2012...0x2016, 0x2018...0x2023, 0x2060...0x2064, 0xFEFF...0xFEFF,
    // Symbols and emoji.
    0x2600...0x27BF, 0xFE00...0xFE0F, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
    // Kana and their punctuation.
    0x3001...0x3003, 0x3041...0x3096, 0x3099...0x309A, 0x309D...0x309E, 0x30A1...0x30FE,
    // Unified ideographs.
    0x3400...0x4DBF, 0x4E00...0x9FFF,
  ]
}
