import Foundation
import KMSRecords
import Testing

/// What comes of each line of `KeyTable`: nobody ends with another wallet than the one that they meant, no public text becomes
/// a key, no secret is shown.
struct KeyTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let command: String
    let arguments: [String]
    let isTaken: Bool
    let address: String
    let text: String

    /// Without the text.
    var testDescription: String { "\(command) \(arguments.joined(separator: " ")) \(address)" }

    init?(_ line: Substring) {
      let cells = line.components(separatedBy: " | ")
      guard cells.count >= 5 else { return nil }
      command = "storemanaged" + cells[0]
      arguments = cells[1].split(separator: " ").map(String.init)
      isTaken = cells[2] == "taken"
      address = cells[3]
      let escapes = [(#"\\"#, "\u{0}"), (#"\n"#, "\n"), (#"\t"#, "\t"), (#"\r"#, "\r"), ("\u{0}", #"\"#)]
      text = escapes.reduce(cells[4...].joined(separator: " | ")) { $0.replacing($1.0, with: $1.1) }
    }
  }

  static let rows = KeyTable.text.split(separator: "\n").compactMap { Row($0) }

  @Test func hasAllItsRows() {
    #expect(Self.rows.count == KeyTable.text.split(separator: "\n").count)
    #expect(Self.rows.count > 150 && Self.rows.count { $0.isTaken } > 50)
  }

  @Test(arguments: rows)
  func nobodyEndsWithAWalletThatWasNotMeant(row: Row) throws {
    let folder = try WalletFolder()
    let expected = row.address.isEmpty ? [] : ["--expect-address", row.address]
    let rest = row.isTaken ? ["--dry-run"] : folder.options + WalletFolder.cheap
    let result = try ProgramProcess.run(
      "kms-wallet", [row.command] + row.arguments + expected + rest, input: Array(row.text.utf8))
    #expect(row.isTaken ? result.status == 0 : [64, 65].contains(result.status), "\(result.errorText)")
    #expect(row.isTaken || result.outputText == "")
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
    let shown = (result.outputText + result.errorText).replacing(folder.vault, with: "")
    #expect(row.text == row.address || row.text.utf8.count < 8 || !shown.contains(row.text))
  }
}
