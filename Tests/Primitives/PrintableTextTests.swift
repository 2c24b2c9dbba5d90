import KMSPrimitives
import Testing

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("\u{1b}[2J", "\u{fffd}[2J"), ("a\u{7f}b", "a\u{fffd}b"), ("\u{9b}31m", "\u{fffd}31m"),
    ("\u{85}", "\u{fffd}"), ("x\u{202e}y", "x\u{fffd}y"), ("\u{2066}z\u{2069}", "\u{fffd}z\u{fffd}"),
    ("\u{200b}", "\u{fffd}"), ("\u{2028}", "\u{fffd}"), ("\r\n\t", "\u{fffd}\u{fffd}\u{fffd}"), ("", ""),
    ("žluť ☺ 漢字", "žluť ☺ 漢字"),
  ])
  func replacesWhatATerminalWouldActUpon(_ text: String, _ shown: String) {
    #expect(PrintableText.of(text) == shown)
  }

  @Test func keepsLinesWhereTheyAreOurs() {
    #expect(PrintableText.of("a\n\tb\u{1b}\r", keepingLines: true) == "a\n\tb\u{fffd}\u{fffd}")
  }
}
