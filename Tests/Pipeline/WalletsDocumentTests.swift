import Foundation
import KMSChains
import KMSRecords
import Testing

/// docs/wallets.md says what to type, and what comes of it.
struct WalletsDocumentTests {
  /// A row of its table: the chains, the paths on both networks, and what is said about other wallets.
  private struct Row {
    let chains: [String]
    let paths: [String]
    let remarks: String
  }

  private func document() throws -> String {
    try String(contentsOf: SourceTree.root.appendingPathComponent("docs/wallets.md"), encoding: .utf8)
  }

  private func rows() throws -> [Row] {
    try document().split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.drop { $0 == " " } }.map(String.init)
      guard cells.count == 5, cells[0] != "chain ", !cells[0].hasPrefix("-") else { return nil }
      let chains = cells[0].split(separator: " ").map(String.init)
      return Row(chains: chains, paths: [cells[1], cells[2]], remarks: cells[4])
    }
  }

  /// With 24 words, which one of the wallet programs asks for.
  private func dryRun(_ arguments: [String]) throws -> ProgramProcess.Result {
    try ProgramProcess.run("kms-wallet", arguments + ["--dry-run"], input: Array(M1.mnemonic.utf8))
  }

  /// Words of a command line, quotes taken away.
  private func words(_ command: String) -> [String] {
    command.matches(of: #/"([^"]*)"|(\S+)/#).map { String($0.output.1 ?? $0.output.2 ?? "") }
  }

  @Test func pathsAreThoseOfTheTable() throws {
    let rows = try rows()
    #expect(Set(rows.flatMap(\.chains)) == Set(ChainRegistry.names.all))
    for row in rows where row.paths[0].contains("m/") {
      for chain in row.chains {
        for (testnet, cell) in zip([false, true], row.paths) {
          let shown = cell.contains("the same") ? row.paths[0] : cell
          let path = try #require(shown.firstMatch(of: #/`(m[^`]*)`/#)).output.1
          let result = try dryRun(["storemanagedwallet", chain] + (testnet ? ["--testnet"] : []))
          #expect(
            try result.json["path"]?.string == String(path).replacing("i", with: "0"),
            "\(chain) \(result.errorText)")
        }
      }
    }
  }

  /// Each command and each option of the table's last column, with the words of another wallet.
  @Test func commandsOfTheTableWork() throws {
    var count = 0
    for row in try rows() {
      for remark in row.remarks.split(separator: ";") {
        for code in remark.matches(of: #/`([^`]+)`/#).map({ String($0.output.1) }) {
          let isOption = ["--preset", "--account"].contains { code.hasPrefix($0) }
          guard isOption || code.contains(" ") else { continue }
          for chain in row.chains {
            // Tatum's SDK has what is said here on two of three chains, and what they have on the third.
            let command = isOption ? ["storemanagedwallet", chain] + words(code) : words(code)
            let result = try dryRun(command + (remark.contains("testnet") ? ["--testnet"] : []))
            #expect(result.status == 0, "\(command): \(result.errorText)")
            count += 1
          }
        }
      }
    }
    #expect(count > 30)
  }

  /// The commands of the blocks, with those words.
  @Test func commandsOfTheBlocksWork() throws {
    let blocks = try document().matches(of: #/```sh wallets\n([^`]*)```/#).map { String($0.output.1) }
    let commands = blocks.flatMap { $0.split(separator: "\n").map(String.init) }
    #expect(commands.count >= 5)
    for command in commands {
      let folder = try WalletFolder()
      let result = try ProgramProcess.run(
        "kms-wallet", Array(words(command).dropFirst()) + folder.options + WalletFolder.cheap,
        input: Array(KeyPathTests.words.utf8))
      #expect(result.status == 0, "\(command): \(result.errorText)")
    }
  }
}
