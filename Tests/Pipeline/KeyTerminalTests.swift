import Foundation
import Testing

/// Secrets of other wallets, pasted at a terminal by somebody who reads only the screen.
@Suite(.serialized)
struct KeyTerminalTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  private func terminal(_ arguments: String...) throws -> TerminalProcess {
    try TerminalProcess("kms-wallet", arguments + folder.options + WalletFolder.cheap)
  }

  /// What is pasted in several lines is one answer: no line is left for the screen, or for the shell.
  @Test(arguments: [
    (
      "storemanagedwallet", "ETH", "mnemonic",
      "1. metal\n2. wife\n3. security\n4. language\n5. pill\n6. mule\n7. grow\n8. bitter\n9. spin\n10. chicken\n11. secret\n12. heavy\n",
      "0xd50ab754dc83903d33dc47b8239be628692c8fa4"
    ),
    (
      "storemanagedprivatekey", "EGLD", "private key",
      "-----BEGIN PRIVATE KEY for erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t-----\nOWZiZjZlOWI5ZjJkMGExZjNiOGI2ZThkNGE1ZDljMWU3ZjBhMmIzYzRkNWU2Zjcw\nODE5MmEzYjRjNWQ2ZTdmODg2MTMzZGI3ZTU2NjE4OGViNzAyYTcwZGM3ZTIwZDJk\nYmRkYzYzMjg5ZTdkODVhNDNiNmJkYzJhYTlkMjY4MWU=\n-----END PRIVATE KEY for erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t-----\n",
      "erd1scfnmdl9vcvgadcz5uxu0csd9k7accegne7ctfpmd0wz42wjdq0qg8zt4t"
    ),
  ])
  func takesAPastedTextAsOne(command: String, chain: String, what: String, text: String, address: String)
    throws
  {
    let terminal = try terminal(command, chain)
    #expect(terminal.expect("Enter \(what) to store: "))
    terminal.type(text)
    #expect(terminal.expect("address is \(address)"), "\(terminal.screen)")
    #expect(terminal.expect("Type yes to go on: "))
    #expect(!terminal.screen.contains("wife") && !terminal.screen.contains("OWZiZjZl"))
    terminal.type("yes\n")
    #expect(terminal.wait() == 0)
  }

  /// A public text, a key of another kind, and a typing error end without a wallet, and are not shown.
  @Test(arguments: [
    ("storemanagedprivatekey", "ETH", "0x0000000000000000000000009cd8d4bc1af543a4aaa942b607913b87f8fde28b"),
    ("storemanagedprivatekey", "SOL", "EdCXLVhC4BE6D3UvtStQK5zjMhm5ep34QMtsjNWiGBcH"),
    ("storemanagedprivatekey", "TRON", "L2cBYFJXDiHerFvz4x12sBfUAV7yTCpeizDUiqPHh12MUUY1QbmT"),
    (
      "storemanagedwallet", "BTC",
      "wild father tree among universe such mobile favorite target dynamic credit identify"
    ),
    (
      "storemanagedwallet", "ADA",
      "metal wife security language pill mule grow bitter spin chicken secret heavi"
    ),
  ])
  func refusesWithoutShowing(command: String, chain: String, text: String) throws {
    let terminal = try terminal(command, chain)
    #expect(terminal.expect(" to store: "))
    terminal.type(text + "\n")
    #expect(terminal.wait() == 65, "\(terminal.screen)")
    #expect(!terminal.screen.contains(text.prefix(16)))
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  /// Who sees another address than the one that the wallet shows says no, and nothing is stored.
  @Test func storesNothingWithoutAYes() throws {
    let terminal = try terminal("storemanagedwallet", "MATIC")
    #expect(terminal.expect("Enter mnemonic to store: "))
    terminal.type(KeyPathTests.words + "\n")
    #expect(
      terminal.expect("0x50d249ee2545b43b7d5f64ce8c6739bcde8f309d, at m/44'/966'/0'/0/0"),
      "\(terminal.screen)")
    terminal.type("no\n")
    #expect(terminal.wait() == 64)
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }
}
