import Foundation
import Testing

/// scripts/approver on a free port, with a key and a list of its own.
final class ApproverProcess {
  let publicKey: String
  let list: String
  var url = ""
  private let process: ProgramProcess

  init(_ vault: KeyedVault, name: String = "approver", _ options: [String] = []) throws {
    let script = SourceTree.root.appendingPathComponent("scripts/approver").path
    let key = vault.folder.appendingPathComponent("\(name).pem").path
    let made = try ProgramProcess.run(script, ["--make-key", key])
    publicKey = made.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    try #require(publicKey.count == 64, "\(made.errorText)")
    list = try vault.write("\(name).allowed", "")
    let portFile = vault.folder.appendingPathComponent("\(name).port").path
    process = try ProgramProcess(
      script,
      ["--allow", list, "--key", key, "--listen", "127.0.0.1:0", "--port-file", portFile] + options)
    let deadline = Date().addingTimeInterval(30)
    while FileManager.default.contents(atPath: portFile) == nil, Date() < deadline { usleep(10_000) }
    let port = try #require(
      FileManager.default.contents(atPath: portFile),
      "\(String(decoding: process.errorSoFar, as: UTF8.self))")
    url = "http://127.0.0.1:\(String(decoding: port, as: UTF8.self))/approve"
  }

  func allow(_ lines: String...) throws {
    try lines.map { $0 + "\n" }.joined().write(toFile: list, atomically: true, encoding: .utf8)
  }
}
