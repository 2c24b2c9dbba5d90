import Foundation
import Testing

/// What people read about commands: manual pages, help, and what is said to a typing error.
struct ManualTests {
  /// The pages are made of the programs' own definitions, and groff has nothing to say against them.
  @Test func manualPagesAreThoseOfThePrograms() throws {
    let folder = try WalletFolder()
    let output = folder.url.appendingPathComponent("man").path
    let programs = URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path
    let script = SourceTree.root.appendingPathComponent("scripts/manuals").path
    let made = try ProgramProcess.run(
      script, [programs, output], environment: ["SOURCE_DATE_EPOCH": "1700000000"])
    #expect(made.status == 0, "\(made.errorText)")
    let pages = try FileManager.default.contentsOfDirectory(atPath: output).sorted()
    #expect(
      pages == [
        "kms-broadcast.1", "kms-fetch.1", "kms-sign.1", "kms-verify.1", "kms-wallet.1", "tatum-kms.1",
      ])
    for page in pages {
      let text = try String(contentsOfFile: output + "/" + page, encoding: .utf8)
      #expect(text.contains(".Dd November 14, 2023") && text.contains(".Sh EXIT STATUS"))
      guard FileManager.default.fileExists(atPath: "/usr/bin/groff") else { continue }
      let check = try ProgramProcess.run(
        "/usr/bin/groff", ["-Kutf8", "-mdoc", "-Tutf8", "-ww", "-z", output + "/" + page])
      #expect(check.status == 0 && check.errorText == "", "\(page): \(check.errorText)")
    }
    let wallet = try String(contentsOfFile: output + "/tatum-kms.1", encoding: .utf8)
    for command in ["daemon", "storemanagedwallet", "approver set", "import"] {
      #expect(
        wallet.contains("\n.Ss " + command.split(separator: " ").map { "\\&" + $0 }.joined(separator: " ")))
    }
  }

  @Test(arguments: [
    ("lsit", "list"), ("genratemanagedwallet", "generatemanagedwallet"), ("getadress", "getaddress"),
    ("exprot", "export"), ("StoreManagedWalet", "storemanagedwallet"),
  ])
  func saysWhichCommandMayBeMeant(typed: String, meant: String) throws {
    let result = try ProgramProcess.run("kms-wallet", [typed])
    #expect(
      result.status == 64 && result.errorText.contains("Did you mean '\(meant)'?"), "\(result.errorText)")
  }

  /// What people type wrongly is answered with what is right.
  @Test(arguments: [
    ("getadress ETH 0", "there is no such command. Did you mean 'getaddress'?"),
    ("help restor", "Did you mean 'restore'?"),
    ("journal chek", "there is no such command. Did you mean 'check'?"),
    ("start", "there is no such command\nUsage:"),
    (
      "generatewallet BITCOIN",
      "Error: <chain>: there is no blockchain of that name; did you mean BTC? Supported are BTC,"
    ),
    ("generatewallet FOO", "there is no blockchain of that name; supported are BTC,"),
    ("getaddress e3015fc0-2112-4c8a-b8bf-353b86f63ba5 -1", "Error: a number can't be negative here"),
    ("generatemanagedprivatekeybatch ETH -1", "Error: a number can't be negative here"),
    (
      "storemanagedprivatekey ETH 0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb",
      "is in the history of your shell"
    ),
    ("list --tesnet", "Did you mean '--testnet'?"),
  ])
  func saysWhatIsRight(typed: String, answer: String) throws {
    let result = try ProgramProcess.run("kms-wallet", typed.split(separator: " ").map(String.init))
    #expect(result.status == 64 && result.errorText.contains(answer), "\(result.errorText)")
    #expect(!result.errorText.contains("0x4874"))
  }

  @Test(arguments: [
    ("--tesnet", "did you mean --testnet?"), ("-testnet", "did you mean --testnet?"),
    ("--externl-url=x", "did you mean --external-url?"),
    ("--period=0", "error: --period must be a whole number"), ("--qqqqqq", "tatum-kms daemon --help"),
  ])
  func saysWhichOptionOfTheDaemonMayBeMeant(typed: String, answer: String) throws {
    let result = try ProgramProcess.run(
      PipelineRun.supervisor, ["daemon", typed],
      environment: ["HOME": "/nonexistent", "KMS_BIN_DIR": PipelineRun.programs])
    #expect(result.status == 64 && result.errorText.contains(answer), "\(result.errorText)")
  }

  /// A secret in the place of a command is not repeated, and is near to none.
  @Test func saysNothingOfASecretInThePlaceOfACommand() throws {
    for secret in [KeyPathTests.words, "L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT"] {
      let result = try ProgramProcess.run("kms-wallet", [secret])
      #expect(result.status == 64 && !result.errorText.contains("Did you mean"), "\(result.errorText)")
      #expect(!result.errorText.contains(secret.prefix(10)))
    }
  }

  @Test func helpTakesACommand() throws {
    for arguments in [["help", "list"], ["list", "--help"]] {
      let result = try ProgramProcess.run("kms-wallet", arguments)
      #expect(result.status == 0 && result.outputText.contains("Show the managed wallets"))
    }
  }
}
