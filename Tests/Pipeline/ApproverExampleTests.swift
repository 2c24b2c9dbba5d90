import Foundation
import KMSRecords
import Testing

/// The servers of docs/approvers, as somebody starts them, asked by kms-verify and believed by kms-sign.
@Suite struct ApproverExampleTests {
  /// How each is started; the key and the port follow.
  enum Language: String, CaseIterable, CustomTestStringConvertible {
    case node, go

    /// What runs the server. That of Go is built first: `go run` leaves it behind when it is ended.
    func command(in home: String) throws -> [String] {
      let folder = SourceTree.root.appendingPathComponent("docs/approvers").path
      switch self {
      case .node: return ["node", "\(folder)/approver.mjs"]
      case .go:
        let built = try ProgramProcess.run(
          "/usr/bin/env", ["go", "build", "-o", "\(home)/approver", "\(folder)/approver.go"],
          environment: ["HOME": home])
        try #require(built.status == 0, "\(built.errorText)")
        return ["\(home)/approver"]
      }
    }

    var testDescription: String { rawValue }

    static var installed: [Language] {
      allCases.filter { language in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
          access("\($0)/\(language.rawValue)", X_OK) == 0
        }
      }
    }
  }

  /// scripts/setup --test installs it; Go is large, and tested where it is.
  @Test func nodeIsThere() { #expect(Language.installed.contains(.node)) }

  @Test(arguments: Language.installed) func signsWhatItsRuleAllowsAndNothingElse(language: Language) throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let key = vault.folder.appendingPathComponent("approver.pem").path
    func openssl(_ arguments: String...) throws -> String {
      let result = try ProgramProcess.run("/usr/bin/env", ["openssl"] + arguments)
      try #require(result.status == 0, "\(result.errorText)")
      return result.outputText
    }
    _ = try openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    let publicKey = try openssl("pkey", "-in", key, "-pubout").split(separator: "\n")[1]
    let set = try ProgramProcess.run(
      "kms-wallet",
      ["approver", "set", String(publicKey), "--path", vault.path, "--password-file", vault.passwordFile])
    try #require(set.status == 0, "\(set.errorText)")

    let server = try ProgramProcess(
      "/usr/bin/env", try language.command(in: vault.folder.path) + [key, "0"])
    defer { server.send(SIGTERM) }
    let isThere = eventually(seconds: 120) { server.outputSoFar.contains(UInt8(ascii: "\n")) }
    try #require(isThere, "\(String(decoding: server.errorSoFar, as: UTF8.self))")
    let url = String(decoding: server.outputSoFar, as: UTF8.self).trimmingCharacters(in: .newlines)

    func sign(_ record: Record) throws -> Record? {
      let verified = try vault.run(
        "kms-verify", key: .approve, ["--external-url", url, "--method", "POST"], input: record.line + "\n")
      let line = try #require(verified.records.first?.line, "\(verified.errorText)")
      return try vault.sign([line], ["--testnet-approvals"]).records.first
    }
    let small = try SampleRecord.eth("a1", wallet: wallet, value: "1000000000000000")
    #expect(try sign(small)?["signed"]?["txId"] != nil)
    // Digits and spelling stand in the digest as they stand in the record.
    let spelled = try Record(
      parsing: Array(
        (try SampleRecord.eth("a2", wallet: wallet, value: "1000")).line.replacing(
          "\"pending\":{", with: #""pending":{ "a\u0062\"}{":[1.50,{"x":"]"}],"é":-0e-7, "#
        ).utf8)[...])
    #expect(try sign(spelled)?["signed"]?["txId"] != nil)
    let large = try SampleRecord.eth("a3", wallet: wallet, value: "1000000000000001")
    #expect(try sign(large)?.error?.code == .denied)
  }
}
