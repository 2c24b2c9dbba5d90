import Foundation
import KMSRecords
import Testing

/// Texts that look like private keys and may be something else. Right values were computed with coincurve, xrpl-py,
/// PyNaCl and bip_utils.
@Suite(.serialized)
struct KeyDoubtTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  /// A key of FLOW with eight leading zero bits, as the original printed it, and its public key.
  static let flow62 = "24cd53b4bd158db58bf0c261345508f600541b2fb90e65ce9ebbb1cb2109f7"
  static let flowPublicKey =
    "f841ec9e36bfdcbe12146f174be806fb45f4a4152d1a326bdf752a02bd2b21e4"
    + "13f5658a139a077687f87240776856309bec7b216f98275dba3b078df666c629"

  @Test(arguments: [
    ("0x1654653399040a61", "address of a Flow account"), ("1654653399040a61", "address of a Flow account"),
    (String(repeating: "0", count: 48) + "1654653399040a61", "address of a Flow account"),
    ("0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea", "EVM"), ("42", "--short-key"),
    (String(flow62.dropFirst()), "--short-key"), (flowPublicKey, "public key of Flow"), (flow62, "62 digits"),
    ("0" + flow62, "63 digits"),
  ])
  func refusesShortKeysOfFlow(text: String, words: String) throws {
    let result = try folder.store("storemanagedprivatekey", "FLOW", input: text)
    #expect(result.status == 65 && result.outputText == "")
    #expect(result.errorText.contains(words), "\(result.errorText)")
    // The folder's name is random and may have any digits.
    #expect(!result.errorText.replacing(folder.vault, with: "").contains(text))
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  @Test func takesShortKeysOfFlowWithTheirPublicKey() throws {
    for expected in [Self.flowPublicKey, "0x04" + Self.flowPublicKey.uppercased()] {
      let result = try folder.store(
        "storemanagedprivatekey", "FLOW", "--expect-address", expected, input: Self.flow62)
      #expect(try result.json["address"]?.string == Self.flowPublicKey, "\(result.errorText)")
    }
    let whole = try folder.store("storemanagedprivatekey", "FLOW", input: "00" + Self.flow62)
    #expect(whole.status == 0, "64 digits say all: \(whole.errorText)")
    let other = try folder.store(
      "storemanagedprivatekey", "FLOW", "--expect-address", Self.flowPublicKey, input: "1" + Self.flow62)
    #expect(other.status == 65 && other.errorText.contains("not the one of"))
    let short = try folder.store(
      "storemanagedprivatekey", "FLOW", "--short-key", input: String(Self.flow62.dropLast()))
    #expect(short.status == 0 && short.errorText.contains("61 digits"), "\(short.errorText)")
    let address = try folder.store("storemanagedprivatekey", "FLOW", "--short-key", input: "1654653399040a61")
    #expect(address.status == 65)
  }

  @Test(arguments: [
    (
      "XRP", "EDA57EBBCB502C2009EFE17229E8DC865DCCB192C52D7888D624DC9EBADDB815F0",
      "rL4X7zyFBrsu5E31zWyXv5rBPquGX3h9Xw", "rG31cLyErnqeVj2eomEjBZtq7PYaupGYzL"
    ),
    (
      "EGLD", "86133db7e566188eb702a70dc7e20d2dbddc63289e7d85a43b6bdc2aa9d2681e",
      "erd1krkvlpy53qvd786rh8q62a839chhf0m4q8ug82zdgw2sd6rlau3qfh35f2",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
  ])
  func tellsPublicKeys(chain: String, publicKey: String, asPrivate: String, asPublic: String) throws {
    let told = try folder.store("storemanagedprivatekey", chain, "--dry-run", input: publicKey)
    #expect(try told.json["address"]?.string == asPrivate)
    #expect(told.errorText.contains(asPrivate) && told.errorText.contains("may be a public key"))
    // An address of EGLD is the public key in another spelling: were the text secret, it would be shown.
    #expect(told.errorText.contains(asPublic) == (chain == "XRP"), "\(told.errorText)")
    let stored = try folder.store("storemanagedprivatekey", chain, input: publicKey)
    #expect(stored.status == 65 && stored.errorText.contains("--expect-address"), "\(stored.errorText)")
    let refused = try folder.store(
      "storemanagedprivatekey", chain, "--expect-address", asPublic, input: publicKey)
    #expect(
      refused.status == 65 && refused.errorText.contains("is the public key of"), "\(refused.errorText)")
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  /// No point of the curve, so no public key: nothing is asked.
  @Test func takesPrivateKeysThatAreNoPublicOnes() throws {
    let result = try folder.store(
      "storemanagedprivatekey", "EGLD",
      input: "9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8")
    #expect(result.status == 0 && !result.errorText.contains("public key"), "\(result.errorText)")
  }

  @Test func takesPrivateKeysThatLookLikePublicOnes() throws {
    let key = "ED0BF5F1F124C884B1A5AE4A48C816FCF554FC3A0D9A07C0F7EB1CA91F7B94814C"
    for expected in ["rG31cLyErnqeVj2eomEjBZtq7PYaupGYzL", "XVJ1QW7PaoXVCRapLDdSfttpjzX54C9Sj3N2H8R52EWbAhF"]
    {
      let result = try folder.store("storemanagedprivatekey", "XRP", "--expect-address", expected, input: key)
      #expect(result.status == 0 && !result.errorText.contains("public key"), "\(result.errorText)")
    }
  }

  @Test(arguments: [
    ("storemanagedprivatekey", "ETH", String(repeating: "0", count: 63) + "1"),
    // An address filled up to 32 bytes, as it stands in logs of contracts, on both sides.
    (
      "storemanagedprivatekey", "ETH",
      "0x0000000000000000000000009cd8d4bc1af543a4aaa942b607913b87f8fde28b"
    ),
    (
      "storemanagedprivatekey", "MATIC",
      "9cd8d4bc1af543a4aaa942b607913b87f8fde28b000000000000000000000000"
    ),
    // What explorers show for an account without code.
    (
      "storemanagedprivatekey", "BSC", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    ),
    (
      "storemanagedprivatekey", "TRON", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    ),
    (
      "storemanagedprivatekey", "VET", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    ),
    (
      "storemanagedprivatekey", "BNB", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
    ),
    // The first account of Hardhat and Anvil, and of Ganache.
    (
      "storemanagedprivatekey", "BSC", "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
    ),
    (
      "storemanagedprivatekey", "TRON", "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d"
    ),
    ("storemanagedprivatekey", "XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb"),
    ("storemanagedwallet", "SOL", "test test test test test test test test test test test junk"),
    (
      "storemanagedwallet", "BTC",
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
    ),
  ])
  func refusesSecretsThatEverybodyHas(command: String, chain: String, secret: String) throws {
    let result = try folder.store(command, chain, input: secret)
    #expect(
      result.status == 65 && result.errorText.contains("everybody has this secret"), "\(result.errorText)")
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
    let told = try folder.store(command, chain, "--testnet", input: secret)
    #expect(told.status == 0 && told.errorText.contains("everybody has this secret"))
    let check = try folder.run("check")
    #expect(check.status == 0)
    #expect(try check.json["warnings"]?.array?.count == 1, "\(check.outputText)")
  }

  /// The public key that flow-cli shows for the same number; computed with the Python package cryptography.
  @Test func tellsTheOtherCurveOfFlow() throws {
    let result = try folder.store(
      "storemanagedprivatekey", "FLOW", "--expect-address",
      "a95f2f68a3d7df97fd5135f017757ca4b7d5232b207b6fd4de1102214c08b83e1025548d5994f6623b15a78eaa735990998f3c9429423548061481a63dba7686",
      input: "a0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced")
    #expect(result.status == 65 && result.errorText.contains("ECDSA_P256"), "\(result.errorText)")
  }

  @Test func asksForAYesAtATerminal() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    func terminal() throws -> TerminalProcess {
      let terminal = try TerminalProcess("kms-wallet", ["storemanagedprivatekey", "FLOW"] + folder.options)
      #expect(terminal.expect("Enter private key to store: "))
      terminal.type(Self.flow62 + "\n")
      #expect(terminal.expect("62 digits"))
      #expect(terminal.expect(Self.flowPublicKey))
      #expect(terminal.expect("Type yes to go on: "))
      return terminal
    }
    let refused = try terminal()
    refused.type("no\n")
    #expect(refused.wait() == 64)
    #expect(try folder.run("list", "--count", "--chain", "FLOW").outputText == "")
    let confirmed = try terminal()
    confirmed.type("yes\n")
    #expect(confirmed.wait() == 0)
  }
}
