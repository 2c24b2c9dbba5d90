/// Text that may be shown: nothing in it forges lines, moves a terminal's cursor or turns its text around.
public enum PrintableText {
  /// Replaces controls (C0, C1, DEL), format characters (bidirectional ones among them) and the separators of lines and
  /// paragraphs by U+FFFD.
  ///
  /// - Parameter keepingLines: whether line feeds and tabs stay.
  public static func of(_ text: String, keepingLines: Bool = false) -> String {
    func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
      if keepingLines, scalar == "\n" || scalar == "\t" { return false }
      if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: return true
      default: return false
      }
    }
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmful($0) ? "\u{fffd}" : $0 }))
  }
}
