import Foundation
import Glibc
import KMSRecords
import Testing

/// Variants of what the machine and its users can do (trust.md, findings 15 to 18): another file, another mode, another owner,
/// another spelling, each against a program as it is run.
@Suite(.serialized) struct MachineVariantTests {
  private let folder: WalletFolder
  private let vault: KeyedVault

  init() throws { (folder, vault) = (try WalletFolder(), try KeyedVault()) }

  private func file(_ name: String, _ text: String, mode: mode_t, owner: uid_t? = nil) throws -> String {
    let path = folder.url.appendingPathComponent(name).path
    try folder.writeSecret(text, to: path)
    #expect(chmod(path, mode) == 0)
    if let owner { #expect(chown(path, owner, gid_t(owner)) == 0) }
    return path
  }

  private func list(_ passwordFile: String) throws -> Int32 {
    try ProgramProcess.run(
      "kms-wallet", ["list", "--quiet", "--path", vault.path, "--password-file", passwordFile]
    ).status
  }

  @Test(arguments: [0o640, 0o604, 0o644, 0o620, 0o602, 0o666] as [mode_t])
  func filesOfSecretsThatOthersMayUse(_ mode: mode_t) throws {
    let password = try file("password-\(mode)", KeyedVault.password, mode: mode)
    #expect(try list(password) == 77)
    // By another name of it, and by a descriptor.
    let link = folder.url.appendingPathComponent("link-\(mode)").path
    #expect(symlink(password, link) == 0)
    #expect(try list(link) == 77)
    let handle = try #require(FileHandle(forReadingAtPath: password))
    #expect(
      try ProgramProcess(
        "kms-wallet", ["list", "--quiet", "--path", vault.path, "--password-file", "/dev/fd/5"],
        descriptors: [5: handle.fileDescriptor]
      ).wait().status == 77)
    let header = try file("header-\(mode)", "Authorization: Bearer x\n", mode: mode)
    let verify = try vault.run(
      "kms-verify", key: .approve,
      ["--quiet", "--external-url", "http://127.0.0.1:9", "--header-file", header],
      input: "")
    #expect(verify.status == 77, "\(verify.errorText)")
    // A group may read the API key, which signs nothing.
    let key = try file("api-\(mode)", "0123456789\n", mode: mode)
    let fetch = try vault.run(
      "kms-fetch", key: .view,
      [
        "--quiet", "--testnet", "--path", vault.path, "--api-key-file", key, "--api-url",
        "http://127.0.0.1:9",
      ],
      input: "")
    #expect((fetch.status == 77) == (mode != 0o640), "\(fetch.errorText)")
  }

  /// Who owns a file can open it at any time, whatever its mode is now.
  @Test(.enabled(if: geteuid() == 0)) func filesOfSecretsOfOtherUsers() throws {
    #expect(try list(file("password-of", KeyedVault.password, mode: 0o600, owner: 1234)) == 77)
    let header = try file("header-of", "Authorization: Bearer x\n", mode: 0o600, owner: 1234)
    #expect(
      try vault.run(
        "kms-verify", key: .approve, ["--external-url", "http://127.0.0.1:9", "--header-file", header],
        input: ""
      ).status == 77)
    let key = try file("api-of", "0123456789\n", mode: 0o600, owner: 1234)
    #expect(
      try vault.run(
        "kms-fetch", key: .view,
        ["--testnet", "--path", vault.path, "--api-key-file", key, "--api-url", "http://127.0.0.1:9"],
        input: ""
      ).status == 77)
  }

  /// Folders by another way: a link, a group, the journal's own, further up.
  @Test func foldersThatOthersMayChange() throws {
    let open = folder.url.appendingPathComponent("open/deeper/vault")
    try FileManager.default.createDirectory(
      at: open, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in ["wallet.dat", "journal.db"] {
      try FileManager.default.copyItem(
        at: vault.folder.appendingPathComponent(name), to: open.appendingPathComponent(name))
    }
    let wide = folder.url.appendingPathComponent("open").path
    let link = folder.url.appendingPathComponent("way").path
    #expect(symlink(open.path, link) == 0)
    func status(_ path: String) throws -> Int32 {
      try ProgramProcess.run(
        "kms-wallet", ["list", "--path", path, "--password-file", vault.passwordFile]
      ).status
    }
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let line = try SampleRecord.eth("a1", wallet: wallet).line
    for (mode, refused) in [(0o700, false), (0o755, false), (0o777, true), (0o703, true)] as [(mode_t, Bool)]
    {
      #expect(chmod(wide, mode) == 0)
      for path in [open.path + "/wallet.dat", link + "/wallet.dat"] {
        #expect(try status(path) == (refused ? 77 : 0), "\(String(mode, radix: 8)) \(path)")
      }
      guard refused else { continue }
      #expect(try vault.sign([line], ["--journal", open.path + "/journal.db"]).status == 77)
    }
    // Who may write but remove nothing of others.
    #expect(chmod(wide, 0o1777) == 0)
    #expect(try status(open.path + "/wallet.dat") == 0)
  }

  /// What stands in an argument stands in the list of processes.
  @Test func addressesWithSecretsAndWaysThatAreNotSafe() throws {
    for url in [
      "https://user:pass@h.example/", "https://user@h.example/", "https://h.example/?token=abc",
      "https://h.example/x?k", "http://10.0.0.1/", "http://127.0.0.1.evil.example/",
      "http://localhost.evil.example/", "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/",
      "http://169.254.169.254/",
      "http://[::]/", "ftp://127.0.0.1/", "https://h.example/#a", "file:///etc/passwd",
    ] {
      let result = try vault.run("kms-verify", key: .approve, ["--external-url", url], input: "")
      #expect(result.status == 78 || result.status == 64, "\(url): \(result.status)")
      #expect(
        !result.errorText.contains("pass@") && !result.errorText.contains("token=abc"), "\(result.errorText)")
    }
    for url in ["http://127.0.0.1:9/", "http://LOCALHOST:9/", "http://[::1]:9/"] {
      let result = try vault.run("kms-verify", key: .approve, ["--external-url", url], input: "")
      #expect(result.status == 0, "\(url): \(result.errorText)")
    }
  }

  /// Names that Swift takes for others, or that only look like them.
  @Test func namesOfChainsInOtherLetters() throws {
    for name in ["\u{212A}CS", "KC\u{17F}", "\u{FF25}TH", "ET\u{200B}H", "E\u{422}H"] {
      #expect(try folder.store("generatewallet", name, "--testnet").status == 64, "\(name)")
      #expect(try folder.store("generatemanagedwallet", name, "--testnet").status == 64, "\(name)")
      let fetch = try vault.run(
        "kms-fetch", key: .view, ["--testnet", "--chain", name, "--path", vault.path],
        input: "", environment: ["TATUM_API_KEY": "x"])
      #expect(fetch.status == 64, "\(name): \(fetch.errorText)")
      let line =
        #"{"v":1,"id":"a1","chain":"\#(name)","testnet":true,"pending":{"id":"a1","chain":"\#(name)"}}"#
      #expect(try vault.sign([line]).status == 65, "\(name)")
    }
  }

  /// Raw controls and what turns text around, by whichever way they come in and in whichever form logs are.
  @Test(arguments: ["text", "json"]) func controlsReachNoTerminal(_ format: String) throws {
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let tricks = [
      "\u{1b}[2J", "\u{9b}31m", "\u{202e}", "\u{2066}", "\u{200f}", "\u{61c}", "\u{feff}", "\u{7f}", "\r",
    ]
    var lines: [String] = []
    for (i, trick) in tricks.enumerated() {
      var record = try SampleRecord.eth("a\(i)", wallet: wallet)
      record["pending"] = record["pending"]?.changed([
        ("serializedTransaction", .string(#"{"to":"0x\#(trick)","\#(trick)":1}"#)),
        ("withdrawalId", .string(trick)),
      ])
      lines.append(record.line)
      lines.append(#"{"v":1,"id":"\#(trick)","chain":"\#(trick)"}"#)
      lines.append(trick + "not a record")
    }
    let results = [
      try vault.sign(lines, ["--log-format", format]),
      try vault.run(
        "kms-broadcast", key: nil, ["--testnet", "--dry-run", "--log-format", format],
        input: lines.map { $0 + "\n" }.joined()),
      try folder.run("getaddress", "\u{1b}[2J\u{202e}", "0"),
      try folder.run("list", "--chain", "\u{1b}[2J\u{202e}"),
      try folder.run("export", "--output", "/nowhere/\u{1b}[2J\u{202e}"),
    ]
    for result in results {
      let shown = result.errorText.unicodeScalars.filter { $0 != "\n" && $0 != "\t" }
      #expect(!result.errorText.isEmpty)
      #expect(
        !shown.contains {
          $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.properties.generalCategory == .format
        }, "\(result.errorText.debugDescription)")
    }
  }
}
