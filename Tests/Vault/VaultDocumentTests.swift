import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import Testing

@testable import KMSVault

/// docs/vault.md is complete: a reader in another language, written from it alone, reads what we write.
@Suite struct VaultDocumentTests {
  @Test(arguments: [quick, .floor, Argon2Cost(unsafeUncheckedMemoryKiB: 64, passes: 5)])
  func pythonReadsAWholeVault(_ cost: Argon2Cost) throws {
    let folder = TemporaryFolder()
    let vault = try Vault.create(at: folder.file("wallet.dat"), password: secret("pässwörd"), cost: cost)
    let views =
      try vault.store(40) + vault.store(3, chain: "BTC", testnet: false) + [
        vault.store(wallet(7, kind: .mnemonic), chain: "LTC"),
        vault.store(NewWallet(kind: .secret, secret: secret("no public side")), chain: "FLOW"),
      ]
    #expect(try vault.remove(views[5].signatureID))
    let (status, output) = try python(["--any-cost", vault.path], input: "pässwörd")
    #expect(status == 0, "\(output)")
    let wallets = try #require(try JSONValue(parsing: output).object)
    #expect(wallets.members.count == 44)
    for view in views where view.signatureID != views[5].signatureID {
      let read = try #require(wallets[view.signatureID])
      #expect(read["chain"]?.string == view.chain)
      #expect(read["testnet"]?.bool == view.testnet)
      #expect(read["kind"]?.string == view.kind.rawValue)
      #expect(read["address"]?.string == view.address)
      #expect(read["xpub"]?.string == view.xpub)
      #expect(try read["secret"]?.string == vault.secret(of: view.signatureID).map { text($0.secret) })
    }
  }

  @Test func pythonReadsThePolicy() throws {
    let test = try TestVault()
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    try test.vault.set(VaultPolicy(approvers: [#require(ApproverKey(key))], required: 1))
    let (status, output) = try python(["--any-cost", test.path], input: TestVault.password)
    #expect(status == 0 && output.contains(key), "\(output)")
  }

  @Test func pythonReadsAVaultOfTheFirstVersion() throws {
    let folder = TemporaryFolder()
    let vault = try Vault.create(
      at: folder.file("wallet.dat"), password: secret(TestVault.password), cost: quick, pageSize: 4096,
      version: .one)
    let view = try vault.store(wallet(1))
    let (status, output) = try python(["--any-cost", vault.path], input: TestVault.password)
    #expect(status == 0 && output.contains(view.signatureID), "\(output)")
  }

  @Test func pythonReadsThePublicSideWithTheViewKey() throws {
    let test = try TestVault()
    let view = try test.vault.store(wallet(1))
    let (status, output) = try python(
      ["--view-key", test.path], input: text(test.vault.key(for: .view).line()))
    #expect(status == 0, "\(output)")
    let read = try JSONValue(parsing: output)[view.signatureID]
    #expect(read?["address"]?.string == "address1")
    #expect(read?["secret"] == nil)
  }

  @Test func pythonRefusesWhatTheDocumentSaysIsToBeRefused() throws {
    let test = try TestVault()
    _ = try test.vault.store(3)
    func refusal(_ arguments: [String] = ["--any-cost"], password: String = TestVault.password) throws
      -> String
    {
      let (status, output) = try python(arguments + [test.path], input: password)
      #expect(status == 1)
      return output
    }
    #expect(try refusal(password: "other") == "wrong password\n")
    #expect(try refusal([]) == "Argon2id parameters out of range\n")
    try test.tamper("DELETE FROM wallet WHERE number = 2")
    #expect(try refusal().hasPrefix("census: other wallets"))
    try test.tamper("UPDATE wallet SET chain = 'BSC' WHERE number = 1")
    #expect(try refusal().contains("InvalidTag"))
  }

  @Test func documentHasTheSchemasAndTheNumbers() throws {
    let document = String(decoding: readFile(repository("docs/vault.md")), as: UTF8.self)
    // So that a failure does not print the document.
    func says(_ text: String) -> Bool { document.contains(text) }
    for (_, sql) in VaultFormat.Version.newest.schema {
      #expect(says("\n\(sql)\n"), "\(sql)")
    }
    for number in [VaultFormat.applicationID] {
      #expect(says("\(number)"))
      #expect(says("0x" + String(number, radix: 16, uppercase: true)))
    }
    for version in VaultFormat.Version.allCases { #expect(says("`\(version.name)`")) }
  }

  private func repository(_ path: String) -> String {
    "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/" + path
  }

  /// Runs the reader; returns its exit code, and what it printed or complained about.
  private func python(_ arguments: [String], input: String) throws -> (status: Int32, output: String) {
    let folder = TemporaryFolder()
    writeFile(folder.file("in"), Array(input.utf8))
    let script = repository("Tests/Vault/read_vault.py")
    let words = [script] + arguments
    let command =
      "exec python3 " + words.map { "'\($0)'" }.joined(separator: " ")
      + " < '\(folder.file("in"))' > '\(folder.file("out"))' 2>&1"
    let status = system(command)
    return (status >> 8 & 0xff, String(decoding: readFile(folder.file("out")), as: UTF8.self))
  }
}
