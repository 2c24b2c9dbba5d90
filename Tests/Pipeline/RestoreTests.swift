import Foundation
import Glibc
import KMSRecords
import Testing

/// `kms-wallet restore`, and what backup and recover say when something is in the way.
@Suite struct RestoreTests {
  private let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  private var copy: String { folder.url.appendingPathComponent("copy.dat").path }

  private func files(_ place: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent(place).path)
      .sorted()
  }

  @Test func putsABackupInThePlaceOfTheVaultAndKeepsThat() throws {
    let first = try folder.stored("generatemanagedwallet", "ETH")
    #expect(try folder.run("backup", copy).status == 0)
    let second = try folder.stored("generatemanagedwallet", "ETH")

    let refused = try folder.run("restore", copy)
    #expect(
      refused.status == 73 && refused.errorText.contains("with --replace it is put aside and kept"),
      "\(refused.errorText)")
    #expect(try folder.run("getaddress", second, "0").status == 0, "nothing was changed")

    let result = try folder.run("restore", copy, "--replace")
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.json["path"] == .string(folder.vault) && result.json["wallets"] == 1)
    #expect(try result.json["missing"] == [.string(second)])
    let aside = try #require(try result.json["aside"]?.string)
    #expect(result.errorText.contains("wallets that it has, and the backup has not: \(second)"))
    #expect(result.errorText.contains("can't be known from it"))
    #expect(
      result.errorText.contains("is that of this vault, with 0 signed; it was left as it is"),
      "\(result.errorText)")
    #expect(try folder.run("getaddress", first, "0").status == 0)
    #expect(try folder.run("getaddress", second, "0").status == 66)
    let old = try ProgramProcess.run(
      "kms-wallet", ["getaddress", second, "0", "--path", aside, "--password-file", folder.passwordFile])
    #expect(old.status == 0, "\(old.errorText)")
    #expect(try files("vault").filter { $0.hasPrefix(".") } == [])
  }

  /// The vault is put aside, and then the backup can't take its name.
  @Test func aVaultThatWasPutAsideForNothingComesBack() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    #expect(try folder.run("backup", copy).status == 0)
    let before = try files("vault")
    let result = try ProgramProcess.run(
      "/usr/bin/strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "inject=link,linkat:error=EIO",
        SourceTree.program("kms-wallet"),
      ]
        + ["restore", copy, "--replace"] + folder.options)
    #expect(result.status == 73, "\(result.errorText)")
    #expect(try files("vault") == before)
    #expect(try folder.run("getaddress", id, "0").status == 0)
  }

  @Test func aLostJournalAndAWrongPasswordAreSaid() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    #expect(try folder.run("backup", copy).status == 0)
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("vault"))
    let other = folder.url.appendingPathComponent("other").path
    try folder.writeSecret("another long password\n", to: other)
    let wrong = try ProgramProcess.run(
      "kms-wallet", ["restore", copy, "--path", folder.vault, "--password-file", other])
    #expect(wrong.status == 77 && wrong.errorText.contains("had when it was made"), "\(wrong.errorText)")
    let result = try folder.run("restore", copy)
    #expect(
      result.status == 0 && result.errorText.contains("nothing will be signed yet"), "\(result.errorText)")
    #expect(result.errorText.contains("kms-wallet journal new"))
    #expect(try result.json["aside"]?.string == nil && result.json["missing"] == [])
    #expect(try folder.run("check").status == 0)
    let none = try folder.run("restore", "/nonexistent/backup.dat", "--replace")
    #expect(none.status == 66 && none.errorText.contains("there is no backup at /nonexistent/backup.dat"))
  }

  /// Opening a database finishes what is half done in it, so the damaged one is not opened.
  @Test func recoverOpensTheDamagedVaultNowhere() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let log = folder.url.appendingPathComponent("trace").path
    let trace = ["-f", "-qq", "-y", "-o", log, "-e", "trace=openat,unlink,rename,pwrite64"]
    let result = try ProgramProcess.run(
      "/usr/bin/strace", trace + [SourceTree.program("kms-wallet"), "recover", copy] + folder.options)
    #expect(result.status == 0, "\(result.errorText)")
    let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").filter {
      $0.contains("vault/wallet.dat")
    }
    #expect(!calls.isEmpty)
    for call in calls {
      #expect(!call.contains("O_RDWR") && !call.contains("unlink") && !call.contains("pwrite"), "\(call)")
    }
  }

  @Test func aDaemonThatRunsIsPointedOut() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    #expect(try folder.run("backup", copy).status == 0)
    let status = folder.url.appendingPathComponent("vault/status.json").path
    func write(_ stopped: String) throws {
      let now = ISO8601DateFormatter().string(from: Date())
      try #"{"v":1,"began":"\#(now)","period":5,"poll":null,"stopped":\#(stopped),"open":[],"troubles":[]}"#
        .write(toFile: status, atomically: true, encoding: .utf8)
    }
    try write("null")
    #expect(
      try folder.run("restore", copy, "--replace").errorText.contains(
        "a daemon seems to work with this vault"))
    try write(#""2026-01-01T00:00:00Z""#)
    usleep(1_100_000)  // names of what is put aside have seconds
    #expect(try !folder.run("restore", copy, "--replace").errorText.contains("a daemon seems"))
  }

  /// A full disk is that of the copy, and nobody knows its temporary name.
  @Test(arguments: ["backup", "recover", "restore"])
  func aFullDiskIsThatOfTheCopy(_ command: String) throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let source = folder.url.appendingPathComponent("source.dat").path
    #expect(try folder.run("backup", source).status == 0)
    let target = folder.url.appendingPathComponent("there/new.dat").path
    try FileManager.default.createDirectory(
      atPath: folder.url.path + "/there", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let words =
      command == "restore"
      ? ["restore", source, "--path", target, "--password-file", folder.passwordFile]
      : [command, target] + folder.options
    let trace = [
      "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC",
    ]
    let result = try ProgramProcess.run("/usr/bin/strace", trace + [SourceTree.program("kms-wallet")] + words)
    #expect(result.status == 74, "\(result.errorText)")
    #expect(result.errorText.contains("/there"), "\(result.errorText)")
    #expect(!result.errorText.contains(".new.dat."), "\(result.errorText)")
    #expect(!result.errorText.contains("space left for the vault \(folder.vault)"), "\(result.errorText)")
    #expect(try files("there") == [])
    #expect(try folder.run("check").status == 0)
  }
}
