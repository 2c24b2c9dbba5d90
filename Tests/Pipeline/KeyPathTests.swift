import Foundation
import KMSRecords
import Testing

/// Words of other wallets: which address is theirs here, and how to get the one that the person knows.
///
/// Right values were computed with bip_utils, eth-account, solders, stellar-sdk and pycardano.
@Suite(.serialized)
struct KeyPathTests {
  static let words = "metal wife security language pill mule grow bitter spin chicken secret heavy"
  static let metaMask = "0xD50Ab754DC83903D33dC47B8239be628692C8Fa4"

  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  private func dryRun(_ command: String, _ arguments: [String], _ input: String) throws
    -> ProgramProcess.Result
  {
    try ProgramProcess.run("kms-wallet", [command] + arguments + ["--dry-run"], input: Array(input.utf8))
  }

  @Test(arguments: [
    ("ETH", metaMask, "m/44'/60'/0'/0/0"),
    ("SOL", "EdCXLVhC4BE6D3UvtStQK5zjMhm5ep34QMtsjNWiGBcH", "m/44'/501'/0'/0'/0'"),
    ("BTC", "bc1qsw45ux3p42h5yw7f20zn07x9hhkmpg56wkm3sw", "m/44'/0'/0'/0/0"),
    ("TRON", "TReD4psmj2ayj9yDeZBcY4QoPCm5ouUayh", "m/44'/195'/0'/0/0"),
    ("EGLD", "erd1qeegelz7ngschpdxtxxg4l0kcavxccrjk69ctafjfeqfsfhwaatq9a2gfz", "m/44'/508'/0'/0'/0'"),
    ("MATIC", "0x50d249eE2545B43B7d5f64ce8C6739bCde8f309d", "m/44'/966'/0'/0/0"),
  ])
  func answersWithAddressAndPath(chain: String, address: String, path: String) throws {
    let shown = try dryRun("storemanagedwallet", [chain], Self.words)
    #expect(try shown.json["address"]?.string?.lowercased() == address.lowercased(), "\(shown.errorText)")
    #expect(try shown.json["path"]?.string == path)
    let stored = try folder.store(
      "storemanagedwallet", chain, "--expect-address", address, input: Self.words)
    #expect(stored.status == 0, "\(stored.errorText)")
    #expect(try stored.json["address"] == shown.json["address"])
    let id = try #require(try stored.json["signatureId"]?.string)
    #expect(
      try folder.run("getaddress", id, "0").json["address"]?.string == stored.json["address"]?.string)
    let made = try folder.store("generatemanagedwallet", chain)
    #expect(try made.json["path"]?.string == path)
    let madeID = try #require(try made.json["signatureId"]?.string)
    #expect(
      try folder.run("getaddress", madeID, "0").json["address"] == made.json["address"])
  }

  /// What another wallet shows, and what this program says that it is.
  @Test(arguments: [
    ("MATIC", metaMask, "--preset metamask", "m/44'/60'/0'/0/0"),
    ("ETH", "0x0711eeDFC06D60666ed8E4903C3e16BcfE4c28E7", "Ledger Live", "m/44'/60'/1'/0/0"),
    ("ETH", "0x91954B01d9109775a941f56F1FB4A12fD75F20f8", "--preset ledger-legacy", "m/44'/60'/0'/1"),
    ("BSC", "0x388Fa4A77D8516d9b85512f0e7b8532AbCDF58BE", "--preset tatum-sdk-4", "m/44'/9006'/0'/0/0"),
    ("BTC", "bc1q0u24c4r7z0yhp4kf3h4gxjptfv9xdtdkx008cp", "--preset bip84", "m/84'/0'/0'/0/0"),
    ("BTC", "3Nj8FqFJ2gp3pQbt6Y2n1aKz9TUXp6uwiq", "--preset bip49", "m/49'/0'/0'/0/0"),
    ("SOL", "Aeh9u53dAoLd4jnCh4oyCNa5TXBaENsbUGCY7sYHFtjK", "--preset phantom", "m/44'/501'/0'/0'"),
    ("SOL", "FVau1jRvZdV53DbXgy57CCEPMminEdcEd5TKkrpoYsti", "--preset phantom", "m/44'/501'/1'/0'"),
    ("SOL", "ApFRysohmDEvvtepW6gJoUwx4WNFjrpvYY5NJcx19KcW", "--preset trust", "m/44'/501'/0'"),
    ("SOL", "2jXYRjFeY1jgHmgVHE9XG1mBhxutZo13YA6JZJ6DVKgE", "solana-keygen", "--from-mnemonic \"m\""),
    (
      "ADA",
      "addr1q8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2j84yqntuhjjradruurlkejeea4cn9l4yt3ztx0qty24qgspzuk9h",
      "--preset cip1852", "m/1852'/1815'/0'/0/0"
    ),
  ])
  func saysWhatTheExpectedAddressIs(chain: String, address: String, words: String, path: String) throws {
    let refused = try folder.store(
      "storemanagedwallet", chain, "--expect-address", address, input: Self.words)
    #expect(refused.status == 65 && refused.outputText == "")
    #expect(refused.errorText.contains(words) && refused.errorText.contains(path), "\(refused.errorText)")
    #expect(!refused.errorText.contains("metal"))
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
    let single = try dryRun(
      "storemanagedprivatekey",
      [chain, "--from-mnemonic", path.hasPrefix("m") ? path : "m", "--expect-address", address], Self.words)
    #expect(single.status == 0, "\(single.errorText)")
  }

  /// A path of its own is kept, shown, and honoured wherever keys are derived.
  @Test(arguments: [
    ("MATIC", ["--preset", "metamask"], metaMask, "7", "0x62192E4bB30a052B57FDeCdC1367B7f35fD2B8A8"),
    (
      "ETH", ["--account", "1"], "0x0711eeDFC06D60666ed8E4903C3e16BcfE4c28E7", "0",
      "0x0711eeDFC06D60666ed8E4903C3e16BcfE4c28E7"
    ),
    (
      "SOL", ["--preset", "phantom"], "Aeh9u53dAoLd4jnCh4oyCNa5TXBaENsbUGCY7sYHFtjK", "1",
      "FVau1jRvZdV53DbXgy57CCEPMminEdcEd5TKkrpoYsti"
    ),
    (
      "SOL", ["--path", "m/44'/501'/i'/0'"], "Aeh9u53dAoLd4jnCh4oyCNa5TXBaENsbUGCY7sYHFtjK", "1",
      "FVau1jRvZdV53DbXgy57CCEPMminEdcEd5TKkrpoYsti"
    ),
    (
      "BTC", ["--derivation-path", "m/84'/0'/0'/0"], "bc1q0u24c4r7z0yhp4kf3h4gxjptfv9xdtdkx008cp", "0",
      "bc1q0u24c4r7z0yhp4kf3h4gxjptfv9xdtdkx008cp"
    ),
    (
      "ADA", ["--preset", "yoroi"], "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r", "0",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r"
    ),
  ])
  func keepsPaths(chain: String, path: [String], first: String, index: String, other: String) throws {
    let stored = try ProgramProcess.run(
      "kms-wallet",
      ["storemanagedwallet", chain] + path + ["--expect-address", first] + folder.options
        + WalletFolder.cheap,
      input: Array(Self.words.utf8))
    let id = try #require(try stored.json["signatureId"]?.string, "\(stored.errorText)")
    #expect(
      try folder.run("getaddress", id, index).json["address"]?.string?.lowercased() == other.lowercased())
    let text = try #require(try folder.run("list", "--json").json["path"]?.string)
    #expect(text.hasPrefix("m/") && text.contains("i"))
    #expect(try folder.run("list").outputText.contains(text))
    let report = try folder.run("report", id)
    #expect(
      try report.json["wallets"]?[id]?["path"]?.string == text
        && report.json["wallets"]?[id]?["warnings"] == nil)
    let key = try #require(try folder.run("getprivatekey", id, index).json["privateKey"]?.string)
    let single = try dryRun("storemanagedprivatekey", [chain, "--expect-address", other], key)
    #expect(single.status == 0, "\(single.errorText)")
    #expect(try folder.run("check").status == 0)
  }

  @Test func derivesOneKeyWithAPassphrase() throws {
    let key = "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced"
    let file = folder.url.appendingPathComponent("passphrase").path
    try folder.writeSecret("TREZOR pass\n", to: file)
    let command =
      "exec 3< \"$1\"; shift; \(SourceTree.program("kms-wallet")) storemanagedprivatekey ETH --passphrase-fd 3 \"$@\""
    let result = try ProgramProcess.run(
      "/bin/sh",
      [
        "-c", command, "sh", file, "--from-mnemonic", "m/44'/60'/0'/0/0", "--expect-address",
        "0x9cD8D4bc1af543A4AaA942B607913b87F8fDe28B",
      ] + folder.options + WalletFolder.cheap, input: Array(Self.words.utf8))
    let id = try #require(try result.json["signatureId"]?.string, "\(result.errorText)")
    #expect(try result.json["path"]?.string == "m/44'/60'/0'/0/0")
    #expect(try folder.run("getprivatekey", id).json["privateKey"]?.string == key)
  }

  @Test(arguments: [
    ("XRP", "xaman", "rpXMbWa8nKGFnugz6mn47XGgPdphpXV2bA"),
    ("XRP", "m/44'/144'/0'/0/0", "rpXMbWa8nKGFnugz6mn47XGgPdphpXV2bA"),
    ("XLM", "m/44'/148'/2'", "GCTWY4C45I257PR2SG2BKJALQJVOHLOU6JEHWQU23U62O43VDFU4BFE2"),
    (
      "ADA", "m/1852'/1815'/0'/0/5",
      "addr1q9q0spajuhcernjhca6r2msmh3adpzag6dedarrgfmvw69j84yqntuhjjradruurlkejeea4cn9l4yt3ztx0qty24qgs432nh9"
    ),
    ("BTC", "m/44'/0'/0'/0/3", "15yxG21pVHMz4xmxERUBXG1zNCcvmPogze"),
  ])
  func derivesOneKey(chain: String, path: String, address: String) throws {
    let result = try dryRun(
      "storemanagedprivatekey", [chain, "--from-mnemonic", path, "--expect-address", address], Self.words)
    #expect(result.status == 0, "\(result.errorText)")
  }

  @Test(arguments: [
    ("storemanagedwallet", ["SOL", "--derivation-path", "m/44'/501'/0'/0"]),
    ("storemanagedwallet", ["ETH", "--derivation-path", "m/44'/60'/i'/0/0"]),
    ("storemanagedwallet", ["ETH", "--derivation-path", "m/44'/60'/x"]),
    ("storemanagedwallet", ["ETH", "--preset", "phantom"]),
    ("storemanagedwallet", ["SOL", "--preset", "phantom", "--account", "1"]),
    ("storemanagedprivatekey", ["ETH", "--from-mnemonic", "44/60/2147483648"]),
  ])
  func refusesPaths(command: String, arguments: [String]) throws {
    let result = try dryRun(command, arguments, Self.words)
    #expect(result.status == 64 || result.status == 65)
    #expect(result.outputText == "" && result.errorText.contains("kms-wallet: "))
  }

  @Test func findsTheAccountOfWordsOnChainsWithoutWords() throws {
    let address = "GCTWY4C45I257PR2SG2BKJALQJVOHLOU6JEHWQU23U62O43VDFU4BFE2"
    let found = try dryRun("storemanagedwallet", ["XLM", "--expect-address", address], Self.words)
    #expect(try found.json["address"]?.string == address && found.json["path"]?.string == "m/44'/148'/2'")
    for chain in ["XLM", "XRP", "BNB", "ALGO"] {
      let refused = try dryRun("storemanagedwallet", [chain], Self.words)
      #expect(
        refused.status == 64 && refused.errorText.contains("--from-mnemonic \"m/44'"), "\(refused.errorText)")
    }
  }

  @Test func tellsElectrumsWords() throws {
    // The example of Electrum's own tests; bip_utils gives the address.
    let words = "wild father tree among universe such mobile favorite target dynamic credit identify"
    let result = try dryRun("storemanagedwallet", ["BTC"], words)
    #expect(
      result.status == 65 && result.errorText.contains("seed of Electrum (SegWit)"), "\(result.errorText)")
    #expect(!result.errorText.contains("identify"))
  }

  @Test func saysWhatElseAKeyServes() throws {
    let words = try dryRun("storemanagedwallet", ["BTC", "--preset", "bip49"], Self.words)
    #expect(
      words.errorText.contains("3Nj8FqFJ2gp3pQbt6Y2n1aKz9TUXp6uwiq (P2SH-P2WPKH)"), "\(words.errorText)")
    #expect(try dryRun("storemanagedwallet", ["FLOW"], Self.words).errorText.contains("ECDSA_secp256k1"))
    #expect(try dryRun("storemanagedwallet", ["ADA"], Self.words).errorText.contains("base addresses"))
  }
}
