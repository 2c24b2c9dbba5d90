import Foundation
import KMSRecords
import Testing

/// `--if-absent`: the same command again, as scripts run it, does not store a wallet twice.
@Suite(.serialized)
struct WalletIfAbsentTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test func storesAWalletOnce() throws {
    let words = KeyPathTests.words
    func store(_ arguments: String...) throws -> ProgramProcess.Result {
      try ProgramProcess.run(
        "kms-wallet",
        ["storemanagedwallet", "SOL", "--if-absent"] + arguments + folder.options + WalletFolder.cheap,
        input: Array(words.utf8))
    }
    let first = try store()
    let id = try #require(try first.json["signatureId"]?.string, "\(first.errorText)")
    let second = try store()
    #expect(try second.status == 0 && second.json == first.json && second.errorText.contains("already"))
    // Another path is another wallet, and so is the single key of the first address.
    let phantom = try store("--preset", "phantom")
    #expect(try phantom.json["signatureId"]?.string.map { $0 != id } ?? false, "\(phantom.errorText)")
    let key = try #require(try folder.run("getprivatekey", id, "0").json["privateKey"]?.string)
    let single = try folder.store("storemanagedprivatekey", "SOL", "--if-absent", input: key)
    #expect(try single.json["signatureId"]?.string.map { $0 != id } ?? false, "\(single.errorText)")
    let again = try folder.store("storemanagedprivatekey", "SOL", "--if-absent", input: key)
    #expect(try again.json == single.json)
    #expect(try folder.run("list", "--count", "--json").json["wallets"] == 3)
    // What was not meant is refused, whether the vault has it or not.
    #expect(
      try store("--expect-address", "2jXYRjFeY1jgHmgVHE9XG1mBhxutZo13YA6JZJ6DVKgE").status == 65)
  }
}
