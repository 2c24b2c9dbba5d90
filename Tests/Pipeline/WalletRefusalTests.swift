import Foundation
import Testing

/// What kms-wallet refuses, with which exit code, and that nothing is stored then.
@Suite(.serialized)
struct WalletRefusalTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test(arguments: [
    ["generatewallet", "FOO"], ["generatewallet", ""], ["generatemanagedwallet", "FOO"],
    ["generatemanagedwallet"],
    ["generatemanagedprivatekeybatch", "ETH", "0"], ["generatemanagedprivatekeybatch", "ETH", "-1"],
    ["generatemanagedprivatekeybatch", "ETH", "1e3"],
    ["generatemanagedprivatekeybatch", "ETH", "99999999999999999999"],
    ["getmanagedwallet", "e3015fc0"], ["getmanagedwallet", "e3015fc0-2112-4c8a-b8bf-353b86f63bag"],
    ["getaddress", "e3015fc0-2112-4c8a-b8bf-353b86f63ba5", "abc"],
    ["getaddress", "e3015fc0-2112-4c8a-b8bf-353b86f63ba5", "2147483648"],
    ["getprivatekey", "e3015fc0-2112-4c8a-b8bf-353b86f63ba5", "-1"],
    ["getprivatekey", "e3015fc0-2112-4c8a-b8bf-353b86f63ba5", "+1"],
    ["getprivatekey", "e3015fc0-2112-4c8a-b8bf-353b86f63ba5", ""], ["unlock", "--stage", "broadcast"],
    ["daemon"],
    ["list", "--chain", "FOO"], ["generatemanagedwallet", "ETH", "--memory-mib", "1"],
    ["generatemanagedwallet", "ETH", "--memory-mib", "9223372036854775807"],
    ["generatemanagedwallet", "ETH", "--passes", "1"],
  ])
  func refusesArguments(arguments: [String]) throws {
    let result = try ProgramProcess.run("kms-wallet", arguments, environment: ["HOME": folder.url.path])
    #expect(result.status == 64, "\(arguments): \(result.errorText)")
    #expect(result.outputText == "" && result.errorText != "")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(".tatumrc").path))
  }

  @Test func namesTheChainsThatThereAre() throws {
    let unknown = try ProgramProcess.run("kms-wallet", ["generatewallet", "FOO"])
    #expect(unknown.errorText.contains("BTC") && unknown.errorText.contains("ETH"))
  }

  @Test func refusesUnknownSignatureIDs() throws {
    // C2, C12: the original printed undefined or nothing, with exit code 0.
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let id = "e3015fc0-2112-4c8a-b8bf-353b86f63ba5"
    for command in [
      ["getmanagedwallet", id], ["getprivatekey", id, "0"], ["getaddress", id, "0"], ["removewallet", id],
    ] {
      let result = try ProgramProcess.run("kms-wallet", command + folder.options)
      #expect(result.status == 66, "\(command)")
      #expect(result.outputText == "")
      #expect(result.errorText.contains(id) && result.errorText.contains("hint: "))
    }
  }

  @Test func tellsWrongPasswordsFromDamage() throws {
    // C3: the original said "Malformed UTF-8 data".
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let other = folder.url.appendingPathComponent("other").path
    try folder.writeSecret("wrong", to: other)
    let result = try ProgramProcess.run(
      "kms-wallet", ["getmanagedwallet", id, "--path", folder.vault, "--password-file", other])
    #expect(result.status == 77)
    #expect(result.errorText == "kms-wallet: error: the password does not open the vault\n")

    let file = try #require(FileHandle(forWritingAtPath: folder.vault))
    try file.truncate(atOffset: 5000)
    try file.close()
    #expect(try folder.run("getmanagedwallet", id).status == 65)
  }

  @Test func refusesReadingWhereThereIsNoVault() throws {
    for command in ["export", "list", "check", "rekey"] {
      #expect(try folder.run(command).status == 66, "\(command)")
    }
    #expect(try folder.run("unlock", "--stage", "all").status == 66)
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  @Test func asksNobodyWhereThereIsNoTerminal() throws {
    // B6: the original asked in a daemon without a terminal.
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let result = try ProgramProcess.run(
      "/usr/bin/setsid", ["-w", SourceTree.program("kms-wallet"), "list", "--path", folder.vault])
    #expect(result.status == 78)
    #expect(result.errorText.contains("--password-file"))
  }

  @Test func refusesWhatOthersMayRead() throws {
    // A4: the original's file was world-readable.
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let files = FileManager.default
    let vaultFolder = URL(fileURLWithPath: folder.vault).deletingLastPathComponent().path
    #expect(try files.attributesOfItem(atPath: folder.vault)[.posixPermissions] as? Int == 0o600)
    #expect(try files.attributesOfItem(atPath: vaultFolder)[.posixPermissions] as? Int == 0o700)

    for (path, mode, sound) in [
      (folder.vault, 0o644, 0o600), (vaultFolder, 0o755, 0o700), (folder.passwordFile, 0o640, 0o600),
    ] {
      try files.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let result = try folder.run("list")
      #expect(result.status == 77, "\(path)")
      #expect(result.errorText.contains("chmod"))
      try files.setAttributes([.posixPermissions: sound], ofItemAtPath: path)
    }
    #expect(try folder.run("list").status == 0)
  }

  @Test func refusesTheOriginalsFile() throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: folder.vault).deletingLastPathComponent().path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let legacy =
      "U2FsdGVkX18AAQIDBAUGBwZfZR0e2NO2F8fAkbW1HpOvjTaq1Phr0zOfhsbd/hT+ag4qktu6O/EXOPrPNXZd1ptzKESz"
    try folder.writeSecret(legacy, to: folder.vault)
    for command in [["generatemanagedwallet", "ETH"], ["list"]] {
      #expect(try ProgramProcess.run("kms-wallet", command + folder.options).status == 78)
    }
    #expect(try String(contentsOfFile: folder.vault, encoding: .utf8) == legacy, "untouched")
  }

  @Test(arguments: [
    ("BTC", "quantum tobacco key", "words"),
    ("ETH", M1.mnemonic.replacingOccurrences(of: "kitten", with: "kitchen"), "checksum"),
    ("ETH", M1.mnemonic.replacingOccurrences(of: "kitten", with: "zzzzzz"), "unknown word"),
    ("ETH", "", "nothing"),
    ("ETH", "   \n\t ", "white space"), ("ETH", String(repeating: "a ", count: 3000), "too long"),
  ])
  func storesNoWrongMnemonic(chain: String, mnemonic: String, label: String) throws {
    let result = try folder.store("storemanagedwallet", chain, input: mnemonic)
    #expect(result.status == 65, "\(label): \(result.errorText)")
    #expect(result.outputText == "")
    for word in ["kitchen", "zzzzzz", "quantum"] {
      #expect(!result.errorText.contains(word), "a message never has a word of a mnemonic")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.vault), "no vault is made for nothing")
  }

  @Test(arguments: [
    ("ETH", "0x00", "too short"), ("ETH", String(repeating: "0", count: 64), "zero"),
    ("ETH", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "the order of the group"),
    ("BTC", "KwrYonf8pFfyQR87NTn124Ep9zoJsZMBCoVUi7mjMc1eTHDyLyBM", "WIF with a wrong checksum"),
    ("BTC", "cQ1YZMep3CiAnMTA9y62ha6BjGaaTFsTvtDuGmucGvpAVmS89khV", "WIF of a test network"),
    (
      "ETH", "0xabf82ff96b463e9d82b83cb9bb450fe87e6166d4db6d7021d0c71d7e960d5abe",
      "a key of the empty mnemonic"
    ),
  ])
  func storesNoWrongPrivateKey(chain: String, key: String, label: String) throws {
    let result = try folder.store("storemanagedprivatekey", chain, input: key + "\n")
    #expect(result.status == 65, "\(label): \(result.errorText)")
    #expect(!result.errorText.contains(key), "a message never has a key")
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  @Test func takesNoSecretFromTheCommandLine() throws {
    for command in [["storemanagedwallet", "ETH", M1.mnemonic], ["storemanagedprivatekey", "ETH", "0x48"]] {
      #expect(try ProgramProcess.run("kms-wallet", command + folder.options).status == 64)
    }
  }

  @Test func wantsAnIndexForMnemonicWallets() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    for command in ["getprivatekey", "getaddress"] { #expect(try folder.run(command, id).status == 64) }
  }

  @Test func refusesEmptyPasswords() throws {
    // A5: the original took one.
    try folder.writeSecret("", to: folder.passwordFile)
    #expect(try folder.store("generatemanagedwallet", "ETH").status == 77)
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }
}
