import Foundation
import Glibc
import Testing

/// kms-wallet and a person at a terminal.
@Suite(.serialized)
struct WalletTerminalTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test func asksNewPasswordTwiceWithoutEcho() throws {
    let terminal = try TerminalProcess(
      "kms-wallet", ["generatemanagedwallet", "ETH", "--path", folder.vault] + WalletFolder.cheap)
    #expect(terminal.expect("choose the password of a new one"))
    #expect(terminal.expect("Enter password to decrypt wallet store: "))
    #expect(!terminal.isEchoing)
    terminal.type(WalletFolder.password + "\n")
    #expect(terminal.expect("again: "))
    #expect(!terminal.isEchoing)
    terminal.type(WalletFolder.password + "\n")
    #expect(terminal.expect("\"signatureId\""))
    #expect(terminal.wait() == 0)
    #expect(!terminal.screen.contains("horse") && !terminal.screen.contains("*"))
    #expect(terminal.isEchoing)
    #expect(try folder.run("check").status == 0)
  }

  @Test func twoProgramsAskOneAfterTheOther() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let command = "'\(SourceTree.program("kms-wallet"))' list --path '\(folder.vault)'"
    let terminal = try TerminalProcess("/bin/bash", ["-c", "\(command) & \(command) & \(command); wait"])
    let question = "Enter password to decrypt wallet store: "
    for asked in 1...3 {
      #expect(terminal.expect(question), "\(terminal.screen)")
      #expect(eventually { !terminal.isEchoing })
      #expect(terminal.screen.components(separatedBy: question).count == asked + 1, "\(terminal.screen)")
      terminal.type(WalletFolder.password + "\n")
    }
    #expect(terminal.wait() == 0, "\(terminal.screen)")
    #expect(terminal.screen.components(separatedBy: "1 of 25000").count == 4, "\(terminal.screen)")
    #expect(!terminal.screen.contains("horse"))
    #expect(terminal.isEchoing)
  }

  @Test func makesNoVaultWhenThePasswordsDiffer() throws {
    let terminal = try TerminalProcess(
      "kms-wallet", ["generatemanagedwallet", "ETH", "--path", folder.vault])
    for attempt in 1...3 {
      #expect(terminal.expect("store: "))
      terminal.type("one\n")
      #expect(terminal.expect("again: "))
      terminal.type("two \(attempt)\n")
    }
    #expect(terminal.wait() != 0)
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  @Test func readsMnemonicWithoutEchoAfterThePassword() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let terminal = try TerminalProcess("kms-wallet", ["storemanagedwallet", "ETH", "--path", folder.vault])
    #expect(terminal.expect("store: "))
    terminal.type(WalletFolder.password + "\n")
    #expect(terminal.expect("Enter mnemonic to store: "))
    #expect(!terminal.isEchoing)
    terminal.type(M1.mnemonic + "\n")
    #expect(terminal.expect("Type yes to go on: "))
    terminal.type("yes\n")
    #expect(
      terminal.expect(
        "xpub6DtR524VQx3ENj2E9pNZnjqkVp47YN5sRCP5y4Gs6KZTwDhH9HTVX8shJPt74WaPZRftRXFfnsyPbMPh6DMEmrQ2WBxDJzGxriStAB36bQM"
      ))
    #expect(terminal.wait() == 0)
    #expect(!terminal.screen.contains("quantum"))
  }

  @Test(arguments: ["password", "private key"])
  func restoresEchoOnControlC(question: String) throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let terminal = try TerminalProcess(
      "kms-wallet", ["storemanagedprivatekey", "ETH", "--path", folder.vault])
    #expect(terminal.expect("store: "))
    if question == "private key" {
      terminal.type(WalletFolder.password + "\n")
      #expect(terminal.expect("Enter private key to store: "))
    }
    #expect(!terminal.isEchoing)
    terminal.type("0x48\u{3}")
    #expect(terminal.wait() == 128 + SIGINT)
    #expect(terminal.isEchoing)
    #expect(!terminal.screen.contains("0x48"))
  }

  /// Of Ctrl-\ the Swift runtime would make a crash report, with registers and memory.
  @Test func endsWithoutACrashReportOnControlBackslash() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let terminal = try TerminalProcess("kms-wallet", ["list", "--path", folder.vault])
    #expect(terminal.expect("store: "))
    terminal.type("0x48\u{1c}")
    #expect(terminal.wait() == 128 + SIGQUIT)
    #expect(terminal.isEchoing)
    #expect(!terminal.screen.contains("rash"))
  }

  /// The shell sets the terminal for its own line until the program is in the foreground.
  @Test func waitsInTheBackgroundUntilItIsCalled() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let script = """
      set -m
      stty -icrnl -icanon -echo
      '\(SourceTree.program("kms-wallet"))' list --count --path '\(folder.vault)' &
      sleep 1
      jobs
      stty icrnl icanon echo
      fg
      stty -a
      """
    let terminal = try TerminalProcess("/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    #expect(terminal.expect("Stopped"))
    #expect(terminal.expect("store: "))
    terminal.type(WalletFolder.password + "\r")
    #expect(terminal.expect("1 of 25000"))
    #expect(terminal.expect(" icanon"))
    #expect(terminal.wait() == 0)
    #expect(terminal.isEchoing)
  }

  @Test func asksForNothingWhenTheFolderIsNoPlaceForAVault() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
    let terminal = try TerminalProcess(
      "kms-wallet",
      ["generatemanagedwallet", "ETH", "--path", folder.url.appendingPathComponent("new.dat").path])
    #expect(terminal.wait() == 77)
    #expect(!terminal.screen.contains("Enter"))
  }

  @Test func removesOnlyAfterAYes() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let refused = try TerminalProcess("kms-wallet", ["removewallet", id] + folder.options)
    #expect(refused.expect("Remove the ETH mainnet wallet \(id)"))
    #expect(refused.expect("yes to go on: "))
    refused.type("y\n")
    #expect(refused.wait() == 64)
    #expect(try folder.run("getaddress", id, "0").status == 0)

    let confirmed = try TerminalProcess("kms-wallet", ["removewallet", id] + folder.options)
    #expect(confirmed.expect("yes to go on: "))
    confirmed.type("yes\n")
    #expect(confirmed.wait() == 0)
    #expect(try folder.run("getaddress", id, "0").status == 66)

    let other = try folder.stored("generatemanagedwallet", "ETH")
    let unasked = try TerminalProcess("kms-wallet", ["removewallet", "--yes", other] + folder.options)
    #expect(unasked.wait() == 0)
  }

  @Test func exportsToAScreenOnlyAfterAYes() throws {
    _ = try folder.stored("storemanagedwallet", "ETH", input: M1.mnemonic)
    let refused = try TerminalProcess("kms-wallet", ["export"] + folder.options)
    #expect(refused.expect("secrets of 1 wallets"))
    refused.type("no\n")
    #expect(refused.wait() == 64)
    #expect(!refused.screen.contains("quantum"))

    let confirmed = try TerminalProcess("kms-wallet", ["export"] + folder.options)
    #expect(confirmed.expect("yes to go on: "))
    confirmed.type("yes\n")
    #expect(confirmed.wait() == 0)
    #expect(confirmed.screen.contains("quantum"))
  }

  @Test func warnsBeforeASecretAppearsOnTheScreen() throws {
    // A6: the original said nothing.
    let id = try folder.stored("storemanagedwallet", "ETH", input: M1.mnemonic)
    let commands = [
      ["generatewallet", "ETH"], ["getmanagedwallet", id] + folder.options,
      ["getprivatekey", id, "0"] + folder.options,
    ]
    for command in commands {
      let terminal = try TerminalProcess("kms-wallet", command)
      #expect(terminal.expect("kms-wallet: warning: "), "\(command)")
      #expect(terminal.expect("{"))
      #expect(terminal.wait() == 0)
    }
  }

  @Test func keepsKeysOffTheScreen() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let refused = try TerminalProcess("kms-wallet", ["unlock", "--stage", "all"] + folder.options)
    #expect(refused.wait() == 64)
    #expect(!refused.screen.contains("vault:"))
    let forced = try TerminalProcess("kms-wallet", ["unlock", "--stage", "all", "--force"] + folder.options)
    #expect(forced.wait() == 0)
    #expect(forced.screen.contains("vault:"))
  }

  @Test func changesThePasswordAtTheTerminal() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let terminal = try TerminalProcess("kms-wallet", ["passwd", "--path", folder.vault])
    #expect(terminal.expect("store: "))
    terminal.type(WalletFolder.password + "\n")
    #expect(terminal.expect("Enter the new password: "))
    terminal.type("short one\n")
    #expect(terminal.expect("again: "))
    terminal.type("short one\n")
    #expect(terminal.expect("fewer than 12 characters"))
    #expect(terminal.wait() == 0)
    #expect(!terminal.screen.contains("short one"))
    #expect(try folder.run("check").status == 77)
  }

  @Test func drawsAProgressBarForPeopleOnly() throws {
    let output = folder.url.appendingPathComponent("keys.jsonl").path
    #expect(FileManager.default.createFile(atPath: output, contents: nil))
    let file = try #require(FileHandle(forWritingAtPath: output))
    let terminal = try TerminalProcess(
      "kms-wallet", ["generatemanagedprivatekeybatch", "ETH", "2500"] + folder.options + WalletFolder.cheap,
      output: file.fileDescriptor)
    #expect(terminal.expect("2500/2500"))
    #expect(terminal.wait() == 0)
    #expect(terminal.screen.contains("[####"))
    #expect(try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").count == 2500)
    #expect(try folder.run("generatemanagedprivatekeybatch", "ETH", "10").errorText == "")
  }
}
