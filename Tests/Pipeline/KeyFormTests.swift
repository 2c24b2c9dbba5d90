import Foundation
import KMSRecords
import Testing

/// Keys and words in the forms in which wallets export them. Right addresses were computed with bip_utils, eth-account,
/// pycardano, py-algorand-sdk, xrpl-py, PyNaCl and coincurve.
struct KeyFormTests {
  private func dryRun(_ command: String, _ arguments: [String], _ input: [UInt8]) throws
    -> ProgramProcess.Result
  {
    try ProgramProcess.run("kms-wallet", [command] + arguments + ["--dry-run"], input: input)
  }

  @Test(arguments: [
    (
      "storemanagedprivatekey", "EGLD",
      "-----BEGIN PRIVATE KEY for erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t-----\nOWZiZjZlOWI5ZjJkMGExZjNiOGI2ZThkNGE1ZDljMWU3ZjBhMmIzYzRkNWU2Zjcw\nODE5MmEzYjRjNWQ2ZTdmODg2MTMzZGI3ZTU2NjE4OGViNzAyYTcwZGM3ZTIwZDJk\nYmRkYzYzMjg5ZTdkODVhNDNiNmJkYzJhYTlkMjY4MWU=\n-----END PRIVATE KEY for erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t-----\n",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
    (
      "storemanagedprivatekey", "EGLD",
      "OWZiZjZlOWI5ZjJkMGExZjNiOGI2ZThkNGE1ZDljMWU3ZjBhMmIzYzRkNWU2ZjcwODE5MmEzYjRjNWQ2ZTdmODg2MTMzZGI3ZTU2NjE4OGViNzAyYTcwZGM3ZTIwZDJkYmRkYzYzMjg5ZTdkODVhNDNiNmJkYzJhYTlkMjY4MWU=",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
    (
      "storemanagedprivatekey", "EGLD",
      "9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f886133db7e566188eb702a70dc7e20d2dbddc63289e7d85a43b6bdc2aa9d2681e",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
    (
      "storemanagedprivatekey", "EGLD",
      "0x9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "{\"type\": \"PaymentExtendedSigningKeyShelley_ed25519_bip32\", \"description\": \"\", \"cborHex\": \"588080367a9acd1db46ed1c927c862b506cc5e28c1b669cb1cd783020e00c29fbc485ab714cb298c179a8a055fa43bb24a79d01a412b72a8213d2716d8575956accd23277c1ede084dba721d73d2b0f6407e53e8c5e145146d593fe82a29285144d7f9e560e942397ed5fabfb7eba4092af853999943212a00e396bb72a6d2567cfb\"}",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "588080367a9acd1db46ed1c927c862b506cc5e28c1b669cb1cd783020e00c29fbc485ab714cb298c179a8a055fa43bb24a79d01a412b72a8213d2716d8575956accd23277c1ede084dba721d73d2b0f6407e53e8c5e145146d593fe82a29285144d7f9e560e942397ed5fabfb7eba4092af853999943212a00e396bb72a6d2567cfb",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "addr_xsk1sqm84xkdrk6xa5wfylyx9dgxe30z3sdkd893e4urqg8qps5lh3y94dc5ev5cc9u63gz4lfpmkf98n5q6gy4h92pp85n3dkzht9t2en0eu4swjs3e0m2l40ahawjqj2hc2wvejsep9gqw894mw2ndy4nulv7ax2g2",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "ed25519e_sk1sqm84xkdrk6xa5wfylyx9dgxe30z3sdkd893e4urqg8qps5lh3y94dc5ev5cc9u63gz4lfpmkf98n5q6gy4h92pp85n3dkzht9t2eng9yuk7k",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r"
    ),
    (
      "storemanagedprivatekey", "ALGO",
      "n79um58tCh87i26NSl2cHn8KKzxNXm9wgZKjtMXW5/iGEz235WYYjrcCpw3H4g0tvdxjKJ59haQ7a9wqqdJoHg==",
      "QYJT3N7FMYMI5NYCU4G4PYQNFW65YYZITZ6YLJB3NPOCVKOSNAPAERBHXI"
    ),
    (
      "storemanagedprivatekey", "ALGO",
      "9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f886133db7e566188eb702a70dc7e20d2dbddc63289e7d85a43b6bdc2aa9d2681e",
      "QYJT3N7FMYMI5NYCU4G4PYQNFW65YYZITZ6YLJB3NPOCVKOSNAPAERBHXI"
    ),
    (
      "storemanagedprivatekey", "ALGO",
      "T67W5G47FUFB6O4LN2GUUXM4DZ7QUKZ4JVPG64EBSKR3JROW474IMEZ5W7SWMGEOW4BKODOH4IGS3PO4MMUJ47MFUQ5WXXBKVHJGQHQ=",
      "QYJT3N7FMYMI5NYCU4G4PYQNFW65YYZITZ6YLJB3NPOCVKOSNAPAERBHXI"
    ),
    (
      "storemanagedprivatekey", "ALGO",
      "view road soap supreme begin sick flush hub faculty inside evolve vehicle belt approve hazard furnace assume alarm sing enforce merge volcano shrimp abstract mask",
      "QYJT3N7FMYMI5NYCU4G4PYQNFW65YYZITZ6YLJB3NPOCVKOSNAPAERBHXI"
    ),
    (
      "storemanagedprivatekey", "XRP",
      "358716 243313 159945 197460 393600 468012 586151 026130",
      "rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo"
    ),
    (
      "storemanagedprivatekey", "XRP",
      "sheXSuWWDHtkyECjEjGJhzjPMTvrv",
      "rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo"
    ),
    (
      "storemanagedprivatekey", "KLAY",
      "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced0x000x9cd8d4bc1af543a4aaa942b607913b87f8fde28b",
      "0x9cD8D4bc1af543A4AaA942B607913b87F8fDe28B"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "p2wpkh:L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT",
      "bc1qp53ylvz5v79mxursvgreld77fq8edkdj7ahf2v"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "wpkh(L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT)",
      "bc1qp53ylvz5v79mxursvgreld77fq8edkdj7ahf2v"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "p2wpkh-p2sh:L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT",
      "bc1qp53ylvz5v79mxursvgreld77fq8edkdj7ahf2v"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced",
      "bc1qp53ylvz5v79mxursvgreld77fq8edkdj7ahf2v"
    ),
    (
      "storemanagedprivatekey", "TRON",
      "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced",
      "TQGYAfbQ8F3aaC2YpuKq7CiFqnrFYYjKz9"
    ),
    (
      "storemanagedprivatekey", "ETH",
      "\u{FEFF}\u{201C}a0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced\u{201D}\u{A0}\n",
      "0x9cD8D4bc1af543A4AaA942B607913b87F8fDe28B"
    ),
    (
      "storemanagedwallet", "ETH",
      "1. metal\n2. wife\n3. security\n4. language\n5. pill\n6. mule\n7. grow\n8. bitter\n9. spin\n10. chicken\n11. secret\n12. heavy",
      "0xD50Ab754DC83903D33dC47B8239be628692C8Fa4"
    ),
    (
      "storemanagedwallet", "ETH",
      "metal, wife, security, language, pill, mule, grow, bitter, spin, chicken, secret, heavy",
      "0xD50Ab754DC83903D33dC47B8239be628692C8Fa4"
    ),
    (
      "storemanagedwallet", "ETH",
      "meta wife secu lang pill mule grow bitt spin chic secr heav",
      "0xD50Ab754DC83903D33dC47B8239be628692C8Fa4"
    ),
    (
      "storemanagedwallet", "ETH",
      "metal\u{A0}wife\u{A0}security\u{A0}language\u{A0}pill\u{A0}mule\u{A0}grow\u{A0}bitter\u{A0}spin\u{A0}chicken\u{A0}secret\u{A0}heavy",
      "0xD50Ab754DC83903D33dC47B8239be628692C8Fa4"
    ),
    (
      "storemanagedwallet", "ETH",
      "たぬき\u{3000}るりがわら\u{3000}ぱそこん\u{3000}そうき\u{3000}でんりょく\u{3000}たんのう\u{3000}しほん\u{3000}うなずく\u{3000}ふうけい\u{3000}がいき\u{3000}はしる\u{3000}じゆう",
      "0x217C3aDF73dDF5fE4042a8BAA02B06C740a2B1FF"
    ),
  ])
  func takesKeysAsPeopleHaveThem(command: String, chain: String, text: String, address: String) throws {
    let result = try dryRun(command, [chain, "--expect-address", address], Array(text.utf8))
    #expect(result.status == 0, "\(result.errorText)")
    #expect(!result.errorText.contains(text))
  }

  @Test(arguments: [
    (
      "storemanagedprivatekey", "ETH",
      "{\"version\":3,\"crypto\":{\"cipher\":\"aes-128-ctr\",\"ciphertext\":\"5318b4d5\"}}",
      "keystore file"
    ),
    (
      "storemanagedprivatekey", "KLAY",
      "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced0x000x1111111111111111111111111111111111111111",
      "decoupled"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "xprv9s21ZrQH143K2Y79Qb4vipPG3fW3BKhzL5N3YQ1bi4TjEijnQXd4h6zFyUNKauoXGavHWqGCh8PDaVBwcu7uqLpjwGchfTKncLoMgVJHwfu",
      "extended private key"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "xpub661MyMwAqRbcF2BcWcbw5xKzbhLXanRqhJHeLnRDGPzi7X4vx4wKEuJjpjkvpSFPL1bEbdffmXVcMk4TSZydSko7kyq3edwURKbaJPJQDqA",
      "extended public key"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "6PYNKZ1EAgYgmQfmNVamxyXVWHzK5s6DGhwP4J5o44cvXdoY7sRzhtpUeo",
      "BIP-38"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy",
      "mini private key"
    ),
    (
      "storemanagedprivatekey", "BTC",
      "bc1qp53ylvz5v79mxursvgreld77fq8edkdj7ahf2v",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "ETH",
      "0x9cD8D4bc1af543A4AaA942B607913b87F8fDe28B",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "XRP",
      "rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "EGLD",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "addr1v8erlxhqpfedngnvlpkf84hkyn3gwahftpprrnlvy4puc2ssy5d4r",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "ALGO",
      "QYJT3N7FMYMI5NYCU4G4PYQNFW65YYZITZ6YLJB3NPOCVKOSNAPAERBHXI",
      "is an address"
    ),
    (
      "storemanagedprivatekey", "ETH",
      "metal wife security language pill mule grow bitter spin chicken secret heavy",
      "storemanagedwallet ETH"
    ),
    (
      "storemanagedprivatekey", "SOL",
      "EdCXLVhC4BE6D3UvtStQK5zjMhm5ep34QMtsjNWiGBcH",
      "32 bytes"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "root_xsk1sqm84xkdrk6xa5wfylyx9dgxe30z3sdkd893e4urqg8qps5lh3y94dc5ev5cc9u63gz4lfpmkf98n5q6gy4h92pp85n3dkzht9t2en0eu4swjs3e0m2l40ahawjqj2hc2wvejsep9gqw894mw2ndy4nulvlxsm0t",
      "root"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "58209fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8",
      "normal signing key"
    ),
    (
      "storemanagedprivatekey", "XRP",
      "358716 243313 159945 197460 393600 468012 586151 026131",
      "group 8"
    ),
    (
      "storemanagedprivatekey", "EGLD",
      "86133db7e566188eb702a70dc7e20d2dbddc63289e7d85a43b6bdc2aa9d2681e9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8",
      "do not belong together"
    ),
    (
      "storemanagedwallet", "ETH",
      "0xa0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced",
      "storemanagedprivatekey ETH"
    ),
    (
      "storemanagedwallet", "ETH",
      "metal wife security language pill mule grow bitter spin chicken secret heavy heavy",
      "13 words"
    ),
    (
      "storemanagedwallet", "ETH",
      "metal wife security language pill mule grow bitter spin chicken secret heavy metal wife security language pill mule grow bitter spin chicken secret heavy heavy",
      "25 words"
    ),
    (
      "storemanagedwallet", "ETH",
      "metal wife security language pill mule grow bitter spin chicken metal wife security language pill mule grow bitter spin chicken",
      "SLIP-39"
    ),
    (
      "storemanagedwallet", "ETH",
      "ability liquid travel stem barely drastic pact cupboard apple thrive morning oak feature tissue couch old math inform success suggest drink motion know royal",
      "aezeed"
    ),
    (
      "storemanagedprivatekey", "ADA",
      "{\"type\": \"PaymentSigningKeyShelley_ed25519\",\"cborHex\": \"58209fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8\"}",
      "normal signing key"
    ),
    ("storemanagedprivatekey", "ETH", "L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT", "WIF"),
    (
      "storemanagedprivatekey", "SOL", "9fbf6e9b9f2d0a1f3b8b6e8d4a5d9c1e7f0a2b3c4d5e6f708192a3b4c5d6e7f8",
      "half a key"
    ),
    (
      "storemanagedprivatekey", "ETH", "0x03f841ec9e36bfdcbe12146f174be806fb45f4a4152d1a326bdf752a02bd2b21e4",
      "public key"
    ),
  ])
  func refusesWithAdvice(command: String, chain: String, text: String, words: String) throws {
    let result = try dryRun(command, [chain], Array(text.utf8))
    #expect(result.status == 65 && result.outputText == "")
    #expect(result.errorText.contains(words), "\(result.errorText)")
    #expect(!result.errorText.contains(text))
  }

  @Test func readsUTF16() throws {
    for (mark, bigEndian) in [([0xFF, 0xFE], false), ([0xFE, 0xFF], true), ([], false), ([], true)]
      as [([UInt8], Bool)]
    {
      let units = Array(KeyPathTests.words.utf16).flatMap { unit in
        bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
      }
      let result = try dryRun(
        "storemanagedwallet", ["ETH", "--expect-address", KeyPathTests.metaMask], mark + units)
      #expect(result.status == 0, "\(result.errorText)")
    }
  }

  @Test(arguments: [("TRX", "TRON"), ("polygon", "MATIC"), ("KAIA", "KLAY"), ("xbt", "BTC")])
  func knowsOtherNamesOfChains(name: String, chain: String) throws {
    let result = try ProgramProcess.run("kms-wallet", ["generatewallet", name])
    #expect(result.status == 64 && result.errorText.contains("did you mean \(chain)?"), "\(result.errorText)")
  }

  @Test func tellsTheOtherCurveOfXRP() throws {
    // xrpl-py derives this address of the same 16 bytes with Ed25519.
    let seed = "sheXSuWWDHtkyECjEjGJhzjPMTvrv"
    let result = try dryRun(
      "storemanagedprivatekey", ["XRP", "--expect-address", "r9Er8eWCyqRi9tohJxUiUY2w7PdvjmfDHU"],
      Array(seed.utf8))
    #expect(result.status == 65 && result.errorText.contains("Ed25519"), "\(result.errorText)")
  }
}
