import Foundation
import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import KMSVault
import Testing

/// kms-wallet import.
@Suite(.serialized)
struct ImportTests: ImportSuite {
  let folder: WalletFolder

  init() throws { folder = try Self.newFolder() }

  private func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  @Test func importsTheFileOfTheReference() throws {
    let reference =
      "U2FsdGVkX18AAQIDBAUGBwZfZR0e2NO2F8fAkbW1HpOvjTaq1Phr0zOfhsbd/hT+ag4qktu6O/EXOPrPNXZd1ptzKESz3iasw6e6lf7NienS9YGK"
      + "LbI9irNvql2x8JtObDyvvS0QLt2JaVZNbDxjnDbC8fUEYAH/aXe1SD7je1haZpysiNkXneMppnWMLwVovwZdanMgeC0XA8qVnFS0aEPLijBvXboj"
      + "biHrTKeFaxs="
    try reference.write(toFile: file, atomically: true, encoding: .utf8)
    try folder.writeSecret("password", to: oldPassword)
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.json["imported"] == 1)
    let id = "b5ac2e6b-43cb-4a6c-9a3d-1e6a4b0d0a10"
    #expect(try folder.run("getaddress", id, "0").json == ["address": .string(KeyedVault.TestKey.ethAddress)])
    #expect(try folder.run("getprivatekey", id, "0").json == ["privateKey": .string(KeyedVault.TestKey.eth)])
    #expect(
      try String(contentsOfFile: file, encoding: .utf8) == reference, "the original's file is only read")
  }

  /// Every published wallet of every chain, in the shape in which the original stores it.
  @Test func agreesWithTheOriginalOnEveryChain() throws {
    let vectors = try WalletVector.all()
    #expect(Set(vectors.map(\.chain)) == Set(ChainName.all))
    var wallets = JSONObject()
    for (number, vector) in vectors.enumerated() { wallets[OriginalWalletFile.id(number)] = vector.entry }
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file, "--both-networks")
    let supported = vectors.allSatisfy { SigningRegistry.chains[$0.chain] != nil }
    #expect(result.status == 0, "\(result.errorText)")
    // Vectors are of words that everybody has.
    let other = result.errorText.split(separator: "\n").filter {
      !$0.contains("everybody has its secret") && !$0.contains("private keys of EGLD have the form")
    }
    if supported { #expect(other == [], "every one of them is a sound wallet") }

    let vault = try openVault()
    #expect(try vault.views().count == vectors.count)
    var compared = 0
    for (number, vector) in vectors.enumerated() {
      let (view, secret) = try #require(try vault.secret(of: OriginalWalletFile.id(number)))
      #expect(view.chain == vector.chain && view.testnet == vector.testnet)
      let member =
        vector.entry["mnemonic"] != nil ? "mnemonic" : vector.entry["secret"] != nil ? "secret" : "privateKey"
      #expect(view.kind.rawValue == member, "\(vector.name)")
      guard let scheme = SigningRegistry.chains[vector.chain]?.wallets else { continue }
      for key in vector.keys {
        let text = try scheme.privateKeyText(
          kind: view.kind, secret: secret, index: key.index, testnet: view.testnet)
        #expect(text == (try SecretBytes(copying: Array(key.privateKey.utf8))), "\(vector.name)")
        if let address = key.address {
          let derived =
            try scheme.address(of: view, index: key.index)
            ?? scheme.key(kind: view.kind, secret: secret, index: key.index, testnet: view.testnet).address
          #expect(derived == address, "\(vector.name)")
        }
        compared += 1
      }
    }
    #expect(compared > 100)
  }

  @Test func importsNothingTwice() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    wallets[OriginalWalletFile.id(2)] = OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic)
    wallets[OriginalWalletFile.id(3)] = OriginalWalletFile.entry("FOO", secret: "odd")
    wallets["hot wallet"] = OriginalWalletFile.entry("ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try OriginalWalletFile.write(wallets, to: file)
    #expect(try run(file).json["imported"] == 4)
    let again = try run(file)
    #expect(again.status == 0, "\(again.errorText)")
    #expect(try again.json["imported"] == 0 && again.json["alreadyThere"] == 4)
    #expect(try openVault().views().count == 4)
    // A wallet that came later.
    wallets[OriginalWalletFile.id(5)] = OriginalWalletFile.entry(
      "BSC", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try OriginalWalletFile.write(wallets, to: file)
    #expect(try run(file).json["imported"] == 1)
  }

  @Test func leavesAnotherWalletOfTheSameIDAlone() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic)
    try OriginalWalletFile.write(wallets, to: file)
    #expect(try run(file).status == 0)
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 65)
    #expect(try result.json["leftOut"] == [.string(OriginalWalletFile.id(1))])
    #expect(try openVault().view(of: OriginalWalletFile.id(1))?.kind == .mnemonic)
  }

  /// The original writes no white space, and reads it: some people have edited the file.
  @Test(arguments: ["{\n    \"", "{ \"", " {\"", "\n{\r\n\t\""])
  func readsAFileThatWasEdited(start: String) throws {
    let key =
      "\": { \"privateKey\" : \"\(KeyedVault.TestKey.eth)\", \"chain\": \"ETH\", \"testnet\": true }\n}\n"
    try OriginalWalletFile.write(start + OriginalWalletFile.id(1) + key, to: file)
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.json["imported"] == 1)
  }

  @Test func tellsAWrongPasswordFromDamage() throws {
    var wallets = JSONObject()
    for i in 0..<20 {
      wallets[OriginalWalletFile.id(i)] = OriginalWalletFile.entry(
        "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    }
    try OriginalWalletFile.write(wallets, to: file)
    let good = try #require(bytes(file))
    try folder.writeSecret("another", to: oldPassword)
    let wrong = try run(file)
    #expect(wrong.status == 77)
    #expect(wrong.errorText.contains("the password does not open"))
    try folder.writeSecret(OriginalWalletFile.password, to: oldPassword)

    var damaged: [(String, Data)] = [
      ("cut off", good.prefix(good.count / 2)),
      ("cut off at a block", good.prefix(good.count / 64 * 64 - 64)),
      ("only its beginning", good.prefix(12)), ("a character of no alphabet", good + Data("!".utf8)),
    ]
    for position in stride(from: 100, to: good.count - 4, by: 499) {
      var changed = good
      changed[position] = changed[position] == 65 ? 66 : 65
      damaged.append(("character \(position) changed", changed))
    }
    for (label, data) in damaged {
      try data.write(to: URL(fileURLWithPath: file))
      let result = try run(file)
      #expect(result.status == 65, "\(label): \(result.errorText)")
      #expect(!FileManager.default.fileExists(atPath: folder.vault), "\(label): no vault for nothing")
    }
    try Data("SQLite format 3".utf8).write(to: URL(fileURLWithPath: file))
    #expect(try run(file).errorText.contains("is not a wallet file of the original"))
    #expect(try run("/nowhere/wallet.dat").status == 66)
  }

  @Test(arguments: [
    "{\"a\":{}", "{\"a\":{}}x", "{\"a\":{},\"a\":{}}", "{\"a\":{\"privateKey\":\"\\ud800\"}}",
    "{\"a\":{\"privateKey\":\"\\x\"}}", "{\"a\":{\"privateKey\":\"\u{1}\"}}", "{\"a\":{\"privateKey\":\"x}}",
    "{\"a\":{\"testnet\":tru}}", "{\"a\":{\"n\":--}", "{\"a\":[1,2}}", "{\"a\"}",
  ])
  func refusesWhatTheOriginalNeverWrites(plaintext: String) throws {
    try OriginalWalletFile.write(plaintext, to: file)
    let result = try run(file)
    #expect(result.status == 65, "\(result.errorText)")
    #expect(result.errorText.contains("damaged"))
  }

  @Test func takesAFileWithoutWallets() throws {
    try OriginalWalletFile.write("{}", to: file)
    #expect(try run(file).json["imported"] == 0)
  }

  /// The original let people choose none.
  @Test func takesAnEmptyOldPassword() throws {
    try folder.writeSecret("", to: oldPassword)
    try OriginalWalletFile.write("{}", to: file, password: "")
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
  }

  @Test func importsThousandsOfWallets() throws {
    let count = 5000  // scripts/test-install imports 100,000 with the release build
    var json = "{"
    for i in 1...count {
      let digits = String(i, radix: 16)
      let key = String(repeating: "0", count: 64 - digits.count) + digits
      json += i == 1 ? "" : ","
      json +=
        "\"\(OriginalWalletFile.id(i))\":{\"privateKey\":\"0x\(key)\",\"chain\":\"ETH\",\"testnet\":true}"
    }
    try OriginalWalletFile.write(json + "}", to: file)
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.json["imported"] == .number(JSONNumber(count)))
    // The address of the key 2.
    #expect(
      try folder.run("getaddress", OriginalWalletFile.id(2)).json["address"]
        == "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf")
  }

  // MARK: In place

  private func makeOriginalInPlace(_ wallets: JSONObject) throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: folder.vault).deletingLastPathComponent().path,
      withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try OriginalWalletFile.write(wallets, to: folder.vault)
  }

  @Test func replacesTheOriginalsFileAndKeepsIt() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try makeOriginalInPlace(wallets)
    let old = try #require(bytes(folder.vault))
    let inTheWay = try run()
    #expect(inTheWay.status != 0)

    let result = try run("--in-place")
    #expect(result.status == 0, "\(result.errorText)")
    let kept = folder.vault + ".original"
    #expect(try result.json["original"] == .string(kept))
    #expect(bytes(kept) == old)
    #expect(try FileManager.default.attributesOfItem(atPath: kept)[.posixPermissions] as? Int == 0o600)
    #expect(try folder.run("getaddress", OriginalWalletFile.id(1), "0").status == 0)
    #expect(try folder.run("check").status == 0)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: URL(fileURLWithPath: folder.vault).deletingLastPathComponent().path)
    #expect(Set(names) == ["wallet.dat", "wallet.dat.original", "journal.db"])
    let again = try run("--in-place")
    #expect(again.status == 65 && again.errorText.contains("is not a wallet file of the original"))
  }

  @Test func everyProgramSaysHowToMoveTheOriginalsFile() throws {
    try makeOriginalInPlace(JSONObject())
    let command = "kms-wallet import --in-place --path '\(folder.vault)'"
    for (program, arguments) in [
      ("kms-wallet", ["list"]), ("kms-wallet", ["generatemanagedwallet", "ETH"]),
      ("kms-wallet", ["unlock", "--stage", "all"]), ("kms-fetch", ["--testnet"]),
    ] {
      let result = try ProgramProcess.run(
        program, arguments + folder.options, environment: ["TATUM_API_KEY": "k", "HOME": folder.url.path])
      #expect(result.status == 78, "\(program): \(result.errorText)")
      #expect(result.errorText.contains(command), "\(program): \(result.errorText)")
    }
    let record = try SampleRecord.eth("61dc00000000000000000001", wallet: OriginalWalletFile.id(1)).line
    let sign = try ProgramProcess.run(
      "kms-sign", ["--testnet"] + folder.options, input: Array("\(record)\n".utf8))
    #expect(sign.status == 78 && sign.errorText.contains(command), "\(sign.errorText)")
    let checked = try ProgramProcess.run("kms-wallet", ["checkconfig", "--path", folder.vault])
    #expect(checked.outputText.contains(command))
  }

  /// Whenever the process dies, the name leads to the whole old file or to the whole vault.
  @Test func isEitherTheOldFileOrTheVaultWheneverItIsKilled() throws {
    var wallets = JSONObject()
    for i in 0..<3000 {
      wallets[OriginalWalletFile.id(i)] = OriginalWalletFile.entry(
        "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    }
    try makeOriginalInPlace(wallets)
    let old = try #require(bytes(folder.vault))
    var wasOld = 0
    for attempt in 0..<12 {
      let process = try ProgramProcess(
        "kms-wallet",
        ["import", "--in-place", "--old-password-file", oldPassword] + folder.options + WalletFolder.cheap)
      usleep(UInt32.random(in: 0..<(100_000 + 150_000 * UInt32(attempt))))
      process.send(SIGKILL)
      _ = process.wait()
      if bytes(folder.vault) != old { break }
      wasOld += 1
    }
    #expect(wasOld > 0)
    if bytes(folder.vault) == old { #expect(try run("--in-place").status == 0) }
    #expect(bytes(folder.vault + ".original") == old)
    #expect(try folder.run("check").json["wallets"] == 3000)
  }

  @Test func asksForTwoPasswordsByName() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try makeOriginalInPlace(wallets)
    let terminal = try TerminalProcess(
      "kms-wallet", ["import", "--in-place", "--path", folder.vault] + WalletFolder.cheap)
    #expect(terminal.expect("Enter the password of the original's file \(folder.vault): "))
    terminal.type(OriginalWalletFile.password + "\n")
    for question in ["Enter a password for the new vault: ", "Enter a password for the new vault again: "] {
      #expect(terminal.expect(question))
      #expect(!terminal.isEchoing)
      terminal.type(WalletFolder.password + "\n")
    }
    #expect(terminal.expect("\"imported\": 1"))
    #expect(terminal.wait() == 0)
    #expect(try folder.run("check").status == 0)
  }

  @Test func takesTheVaultsPasswordForTheOldFileWhenItOpensIt() throws {
    try makeOriginalInPlace(JSONObject())
    try OriginalWalletFile.write("{}", to: folder.vault, password: WalletFolder.password)
    let result = try ProgramProcess.run(
      "kms-wallet", ["import", "--in-place"] + folder.options + WalletFolder.cheap)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText.contains("kms-wallet passwd"))
  }
}

/// A published wallet in the shape of the original's entries.
private struct WalletVector {
  let name: String
  let chain: String
  let testnet: Bool
  let entry: JSONValue
  let keys: [(index: UInt32, privateKey: String, address: String?)]

  static func all() throws -> [WalletVector] {
    try ChainName.all.flatMap { chain in
      let file = SourceTree.root.appendingPathComponent(
        "Tests/Chains/Vectors/wallets/\(chain.lowercased()).json")
      let vectors = try JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array ?? []
      return vectors.compactMap { WalletVector($0, chain) }
    }
  }

  private init?(_ vector: JSONValue, _ chain: String) {
    self.chain = chain
    name = vector["name"]?.string ?? ""
    testnet = vector["testnet"] == true
    let address = vector["address"]?.string
    let listed: [JSONValue] = vector["keys"]?.array ?? []
    let keys = listed.compactMap { key -> (UInt32, String, String?)? in
      guard let index = key["index"]?.number.flatMap({ UInt32($0.digits) }),
        let text = key["privateKey"]?.string
      else { return nil }
      return (index, text, key["address"]?.string)
    }
    switch vector["kind"]?.string {
    case "hdWallet" where !["BNB", "XRP", "XLM"].contains(chain):
      guard vector["passphrase"] == nil else { return nil }
      let first = chain == "SOL" ? keys.first { $0.0 == 0 } : nil
      entry = OriginalWalletFile.entry(
        chain, testnet: testnet, mnemonic: vector["mnemonic"]?.string, xpub: vector["xpub"]?.string,
        address: first?.2, privateKey: first?.1)
      self.keys = keys
    case "addressFromPrivateKey":
      guard let key = vector["privateKey"]?.string, let address else { return nil }
      entry = OriginalWalletFile.entry(
        chain, testnet: testnet, address: chain == "BNB" ? address : nil, privateKey: key)
      // The old address form of some BTC keys is not that of the original, which has P2WPKH.
      self.keys = [(0, key, vector["addressType"] == nil ? address : nil)]
    case "addressFromSecret", "mnemonicWallet":
      guard let key = vector["secret"]?.string, let address else { return nil }
      entry = OriginalWalletFile.entry(chain, testnet: testnet, address: address, secret: key)
      self.keys = [(0, key, address)]
    default: return nil
    }
  }
}
