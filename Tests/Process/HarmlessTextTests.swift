import KMSProcess
import KMSRecords
import Testing

/// Texts from outside, whichever way they come in (trust.md, finding 16).
@Suite struct HarmlessTextTests {
  private static let tricks = "a\u{1b}[2J\u{9b}1m\u{202e}b\u{2028}"

  private func isHarmless(_ text: String) -> Bool {
    !text.unicodeScalars.contains {
      $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.properties.generalCategory == .format
        || $0.value == 0x2028 || $0.value == 0x2029
    }
  }

  @Test func logsOfBothFormsAreHarmless() {
    #expect(isHarmless(LineLogHandler.printable(Self.tricks)))
    let line = LineLogHandler.json(
      level: "info", program: "x", message: Self.tricks, fields: [("id\u{202e}", Self.tricks)])
    #expect(isHarmless(line))
    #expect(!line.contains("\\u001b"))
  }

  @Test func errorsOfRecordsAreHarmless() {
    let error = RecordError(.sign, .failed, .malformedTransaction, Self.tricks)
    #expect(isHarmless(error.message))
  }
}
