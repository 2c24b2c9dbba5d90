import Foundation
import Glibc
import KMSRecords
import Testing

/// Keys for stages, passwords, backups, checks and the configuration.
@Suite(.serialized)
struct WalletVaultTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test func handsEachStageItsKeyOnly() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let all = try folder.run("unlock", "--stage", "all")
    #expect(all.outputLines.map { $0.prefix { $0 != ":" } } == ["vault", "view", "approve"])
    #expect(all.errorText.contains("argon2id=\"19 MiB, 2 passes\" milliseconds="))
    for (stage, line) in [("sign", 0), ("fetch", 1), ("verify", 2)] {
      #expect(try folder.run("unlock", "--stage", stage).outputLines == [all.outputLines[line]])
    }

    let key = try folder.writeVaultKey()
    let withKey = try folder.start(keyFile: key, "getaddress", id, "0").wait()
    #expect(withKey.status == 0, "\(withKey.errorText)")
  }

  @Test(arguments: [
    "generatewallet ETH", "generatemanagedwallet ETH", "list", "export", "check", "checkconfig",
    "unlock --stage fetch",
  ])
  func takesTheOptionsThatEveryCommandTakes(command: String) throws {
    // The supervisor passes on what it was given, whatever the command.
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let result = try ProgramProcess.run(
      "kms-wallet",
      command.split(separator: " ").map(String.init) + folder.options + [
        "--testnet", "--quiet", "--log-format", "json",
      ])
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText == "")
  }

  @Test func changesThePassword() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let new = folder.url.appendingPathComponent("new").path
    try folder.writeSecret("another long password", to: new)
    let change = try folder.run("passwd", "--new-password-file", new, "--passes", "3")
    #expect(change.status == 0)
    #expect(change.errorText.contains("19 MiB, 3 passes"))
    #expect(try folder.run("getaddress", id, "0").status == 77)
    let opened = try ProgramProcess.run(
      "kms-wallet", ["getaddress", id, "0", "--path", folder.vault, "--password-file", new])
    #expect(opened.status == 0)
  }

  @Test func refusesToWeakenThePasswordHash() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    #expect(
      try folder.run("passwd", "--new-password-file", folder.passwordFile, "--memory-mib", "8").status == 64)
  }

  @Test func makesHandedOutKeysInvalid() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let key = try folder.writeVaultKey()
    #expect(try folder.run("rekey").status == 0)
    let stale = try folder.start(keyFile: key, "getaddress", id, "0").wait()
    #expect(stale.status == 77)
    #expect(try folder.run("getaddress", id, "0").status == 0)
  }

  @Test func copiesTheVault() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let copy = folder.url.appendingPathComponent("copy.dat").path
    let backup = try folder.run("backup", copy)
    #expect(try backup.json == ["path": .string(copy), "wallets": 1])
    #expect(try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int == 0o600)
    #expect(try folder.run("backup", copy).status == 73, "an older backup is not overwritten")
    let opened = try ProgramProcess.run(
      "kms-wallet", ["getmanagedwallet", id, "--path", copy, "--password-file", folder.passwordFile])
    #expect(opened.outputText == (try folder.run("getmanagedwallet", id)).outputText)
  }

  /// As on the file systems of USB sticks.
  @Test(arguments: ["backup", "recover"])
  func copiesToAFileSystemWithoutLinks(command: String) throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let copy = folder.url.appendingPathComponent("copy.dat").path
    let log = folder.url.appendingPathComponent("trace").path
    let trace = ["-f", "-qq", "-o", log, "-e", "trace=link,linkat", "-e", "inject=link,linkat:error=EPERM"]
    let program = [SourceTree.program("kms-wallet"), command, copy] + folder.options
    let result = try ProgramProcess.run("/usr/bin/strace", trace + program)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains("EPERM"), "links were refused")
    let opened = try ProgramProcess.run(
      "kms-wallet", ["getaddress", id, "0", "--path", copy, "--password-file", folder.passwordFile])
    #expect(opened.status == 0, "\(opened.errorText)")
    #expect(
      try ProgramProcess.run("/usr/bin/strace", trace + program).status == 73, "nothing is overwritten")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix(".") } == [])
  }

  @Test func recoversWhatStillOpens() throws {
    let ids = try (0..<3).map { _ in try folder.stored("generatemanagedwallet", "ETH") }
    let sqlite = try ProgramProcess.run(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as vault:
            vault.execute("DELETE FROM census")
            vault.execute("UPDATE wallet SET secret = zeroblob(200) WHERE signature_id = ?", [sys.argv[2]])
        """, folder.vault, ids[1],
      ])
    #expect(sqlite.status == 0, "\(sqlite.errorText)")
    let check = try folder.run("check")
    #expect(check.status == 65 && check.errorText.contains("kms-wallet recover"))
    #expect(try folder.run("list").status == 65)
    let copy = folder.url.appendingPathComponent("new.dat").path
    let result = try folder.run("recover", copy)
    #expect(result.status == 65, "one is lost")
    #expect(try result.json["wallets"] == 2 && result.json["lost"] == [.string(ids[1])])
    let list = try ProgramProcess.run(
      "kms-wallet", ["list", "--json", "--path", copy, "--password-file", folder.passwordFile])
    #expect(list.status == 0 && list.outputLines.count == 2)
    #expect(list.outputText.contains(ids[0]) && list.outputText.contains(ids[2]))
  }

  @Test func findsEveryDamagedWallet() throws {
    let ids = try (0..<3).map { _ in try folder.stored("generatemanagedwallet", "ETH") }
    #expect(try folder.run("check").json == ["wallets": 3, "damaged": [], "problems": [], "warnings": []])
    let sqlite = try ProgramProcess.run(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as vault:
            vault.execute("UPDATE wallet SET secret = zeroblob(200) WHERE signature_id = ?", [sys.argv[2]])
        """, folder.vault, ids[1],
      ])
    #expect(sqlite.status == 0, "\(sqlite.errorText)")

    let check = try folder.run("check")
    #expect(check.status == 65)
    #expect(try check.json["damaged"] == [.string(ids[1])])
    #expect(try folder.run("getmanagedwallet", ids[1]).status == 65)
    // One damaged wallet does not hide the others.
    let export = try folder.run("export")
    #expect(export.status == 65)
    #expect(Set(try export.memberNames) == [ids[0], ids[2]])
    #expect(export.errorText.contains(ids[1]))
  }

  @Test func showsOfSecretsOnlyWhetherTheyAreSet() throws {
    // A9: the original showed six characters and the length.
    let environment = [
      "TATUM_API_KEY": "Qx7-0123456789abcdef", "TATUM_KMS_PASSWORD": "hunter2hunter2",
      "HOME": folder.url.path,
      "TATUM_KMS_AWS_SECRET_ACCESS_KEY": "AWSSECRETACCESSKEY",
    ]
    for arguments in [["checkconfig"], ["checkconfig", "--json"]] {
      let result = try ProgramProcess.run("kms-wallet", arguments, environment: environment)
      #expect(result.status == 0)
      for secret in environment.values where !secret.hasPrefix("/") {
        #expect(!result.outputText.contains(secret.prefix(4)) && !result.errorText.contains(secret.prefix(4)))
      }
      #expect(!result.outputText.contains("*"))
    }
    let text = try ProgramProcess.run("kms-wallet", ["checkconfig"], environment: environment).outputText
    #expect(text.contains("TATUM_API_KEY                    : set\n"))
    #expect(text.contains("TATUM_KMS_VGS_ALIAS              : not set\n"))
    #expect(text.contains("Wallet exists                    : false\n"))
  }

  @Test func saysWithoutPasswordWhatIsWrongWithTheVault() throws {
    func problem() throws -> JSONValue? {
      try ProgramProcess.run("kms-wallet", ["checkconfig", "--json", "--path", folder.vault]).json["vault"]?[
        "problem"]
    }
    #expect(try problem()?.string?.contains("there is no vault") == true)
    _ = try folder.stored("generatemanagedwallet", "ETH")
    #expect(try problem() == nil)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.vault)
    #expect(try problem()?.string?.contains("chmod 600") == true)
  }

  @Test func takesThePasswordFromTheEnvironment() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let result = try ProgramProcess.run(
      "kms-wallet", ["check", "--path", folder.vault],
      environment: ["TATUM_KMS_PASSWORD": WalletFolder.password])
    #expect(result.status == 0, "\(result.errorText)")
  }

  @Test func pointsOutAnAddressThatIsThereAlready() throws {
    let first = try folder.stored("storemanagedprivatekey", "ETH", "--testnet", input: KeyedVault.TestKey.eth)
    let again = try folder.store("storemanagedprivatekey", "ETH", "--testnet", input: KeyedVault.TestKey.eth)
    #expect(again.status == 0)
    #expect(again.errorText.contains("the vault had this wallet already, as \(first)"))
    // Another network is another wallet.
    #expect(try folder.store("storemanagedprivatekey", "ETH", input: KeyedVault.TestKey.eth).errorText == "")
  }

  @Test func warnsWhenMemoryCanNotBeLocked() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let limited = ["prlimit", "--memlock=0:0", SourceTree.program("kms-wallet"), "check"] + folder.options
    // Root may lock memory whatever the limit.
    let dropped = geteuid() == 0 ? ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] : []
    let result = try ProgramProcess.run("/usr/bin/env", dropped + limited)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText.contains("warning: memory for secrets can't be locked"))
    #expect(result.errorText.contains("ulimit -l"))
  }
}
