import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import Testing

@testable import KMSVault
@testable import KMSWallets

@Suite struct VaultTests {
  @Test func givesBackWhatWasStored() throws {
    let test = try TestVault()
    let mnemonic = try test.vault.store(wallet(1, kind: .mnemonic), chain: "BTC", testnet: false)
    let key = try test.vault.store(
      NewWallet(kind: .privateKey, secret: secret("key"), xpub: "x", address: "ädress", publicKey: "\"p\""))
    let reopened = try test.reopened()
    #expect(try reopened.view(of: mnemonic.signatureID) == mnemonic)
    #expect(mnemonic.xpub == "xpub1" && mnemonic.address == nil && mnemonic.kind == .mnemonic)
    let found = try #require(try reopened.secret(of: key.signatureID))
    #expect(found.view == key)
    #expect(text(found.secret) == "key")
    #expect(try reopened.views() == [mnemonic, key])
    #expect(try reopened.view(of: "00000000-0000-4000-8000-000000000000") == nil)
  }

  @Test func makesDistinctVersion4SignatureIDs() throws {
    let test = try TestVault()
    let ids = try test.vault.store(300).map(\.signatureID)
    #expect(Set(ids).count == 300)
    for id in ids {
      #expect(try Vault.checkedSignatureID(id) == id)
      let digits = Array(id)
      #expect(digits[14] == "4")
      #expect("89ab".contains(digits[19]))
    }
  }

  @Test func keepsGivenSignatureIDAndFindsItInAnyCase() throws {
    let test = try TestVault()
    let id = "B5AC2E6B-43CB-4A6C-9A3D-1E6A4B0D0A10"
    #expect(try test.vault.store(wallet(1), signatureID: id).signatureID == id.lowercased())
    #expect(try test.vault.view(of: id) != nil)
    #expect(code { try test.vault.store(wallet(2), signatureID: id) } == .walletExists)
    #expect(code { try test.vault.store(wallet(2), signatureID: "b5ac2e6b") } == .invalidWallet)
    #expect(try test.vault.views().count == 1)
  }

  @Test func storesAllWalletsOfACallOrNone() throws {
    let test = try TestVault()
    let taken = try test.vault.store(wallet(1)).signatureID
    let additions = [
      Vault.Addition(try wallet(2), chain: "ETH", testnet: true),
      Vault.Addition(try wallet(3), chain: "ETH", testnet: true, signatureID: taken),
    ]
    #expect(code { _ = try test.vault.add(additions) { _ in nil } } == .walletExists)
    #expect(try test.vault.signatureIDs(chain: "ETH", testnet: true) == [taken])
    #expect(try test.vault.check().isSound)
  }

  @Test func opensWithEachKeyOnlyWhatItIsFor() throws {
    let test = try TestVault()
    let id = try test.vault.store(wallet(1)).signatureID
    let byVaultKey = try test.connection()
    #expect(try byVaultKey.secret(of: id) != nil)
    let byViewKey = try Vault.open(at: test.path, key: test.vault.key(for: .view))
    #expect(try byViewKey.view(of: id)?.address == "address1")
    #expect(try byViewKey.signatureIDs(chain: "ETH", testnet: true) == [id])
    #expect(code { _ = try byViewKey.secret(of: id) } == .keyRequired)
    #expect(code { try byViewKey.store(wallet(2)) } == .keyRequired)
    #expect(code { _ = try byViewKey.remove(id) } == .keyRequired)
    #expect(code { _ = try byViewKey.key(for: .vault) } == .keyRequired)
    #expect(code { _ = try byViewKey.key(for: .approve) } == .keyRequired)
    #expect(code { _ = try Vault.open(at: test.path, key: test.vault.key(for: .approve)) } == .wrongKey)
    let other = try TestVault()
    for kind in [StageKey.Kind.vault, .view] {
      #expect(code { _ = try Vault.open(at: test.path, key: other.vault.key(for: kind)) } == .wrongKey)
    }
  }

  @Test func givesTheSameStageKeysEachTime() throws {
    let test = try TestVault()
    for kind in StageKey.Kind.allCases {
      #expect(try test.vault.key(for: kind).secret == test.reopened().key(for: kind).secret)
    }
    #expect(try !(test.vault.key(for: .view).secret == test.vault.key(for: .approve).secret))
  }

  @Test func listsChainsAndIDsByNetwork() throws {
    let test = try TestVault()
    let a = try test.vault.store(3, chain: "BTC", testnet: true).map(\.signatureID).sorted()
    let b = try test.vault.store(2, chain: "BTC", testnet: false).map(\.signatureID).sorted()
    _ = try test.vault.store(1, chain: "ETH", testnet: false)
    #expect(try test.vault.signatureIDs(chain: "BTC", testnet: true) == a)
    #expect(try test.vault.signatureIDs(chain: "BTC", testnet: false) == b)
    #expect(try test.vault.signatureIDs(chain: "XRP", testnet: false).isEmpty)
    #expect(
      try test.vault.chains().map { "\($0.chain) \($0.testnet) \($0.wallets)" } == [
        "BTC false 2", "BTC true 3", "ETH false 1",
      ])
    #expect(try test.vault.chains(testnet: true).map(\.chain) == ["BTC"])
    #expect(try test.vault.views(chain: "BTC", testnet: false).map(\.signatureID) == b)
    #expect(try test.vault.views(testnet: true).map(\.signatureID) == a)
  }

  @Test func listsIDsFromAnIndexAlone() throws {
    let test = try TestVault()
    var plan = ""
    try test.vault.database.query(
      "EXPLAIN QUERY PLAN SELECT signature_id FROM wallet WHERE chain = 'A' AND testnet = 1 ORDER BY signature_id"
    ) {
      plan += $0.text(3)
      return true
    }
    #expect(plan.contains("COVERING INDEX wallet_by_chain"))
    #expect(!plan.contains("TEMP B-TREE"))
  }

  @Test func removesAWalletAndOverwritesIt() throws {
    let test = try TestVault()
    let kept = try test.vault.store(wallet(1))
    let gone = try test.vault.store(wallet(2), chain: "XRP")
    let sealed = try #require(try test.vault.row(of: gone.signatureID, withSecret: true)).secretSealed
    #expect(contains(readFile(test.path), sealed))
    #expect(try test.vault.remove(gone.signatureID))
    #expect(try !test.vault.remove(gone.signatureID))
    #expect(try test.vault.view(of: gone.signatureID) == nil)
    #expect(try test.vault.views() == [kept])
    #expect(try test.vault.chains().map(\.chain) == ["ETH"])
    #expect(try test.vault.check().isSound)
    #expect(!contains(readFile(test.path), sealed))
  }

  @Test func findsAnAddressThatIsThere() throws {
    let test = try TestVault()
    let first = try test.vault.store(wallet(1)).signatureID
    let twice = try test.vault.store(wallet(1)).signatureID
    let mnemonic = try test.vault.store(wallet(7, kind: .mnemonic), chain: "BTC", testnet: false).signatureID
    #expect(
      try Set(test.vault.signatureIDs(holding: wallet(1), chain: "ETH", testnet: true)) == [first, twice])
    #expect(try test.vault.signatureIDs(holding: wallet(1), chain: "ETH", testnet: false).isEmpty)
    #expect(try test.vault.signatureIDs(holding: wallet(1), chain: "BSC", testnet: true).isEmpty)
    #expect(try test.vault.signatureIDs(holding: wallet(2), chain: "ETH", testnet: true).isEmpty)
    #expect(
      try test.vault.signatureIDs(holding: wallet(7, kind: .mnemonic), chain: "BTC", testnet: false) == [
        mnemonic
      ])
  }

  @Test func refusesAWalletWhoseAddressItsSecretDoesNotYield() throws {
    let test = try TestVault()
    let scheme = OneAddress(address: "address1")
    let good = Vault.Addition(try wallet(1), chain: "ETH", testnet: true)
    let bad = Vault.Addition(try wallet(2), chain: "ETH", testnet: true)
    #expect(try test.vault.add([good]) { _ in scheme }.count == 1)
    #expect(code { _ = try test.vault.add([bad]) { _ in scheme } } == .invalidWallet)
    #expect(try test.vault.views().map(\.address) == ["address1"])
  }

  @Test func keepsNothingReadableInTheFile() throws {
    let test = try TestVault()
    _ = try test.vault.store(5)
    let bytes = readFile(test.path)
    for word in ["secret of wallet", "address1", TestVault.password] {
      #expect(!contains(bytes, Array(word.utf8)))
    }
  }

  @Test func refusesEmptySecretsAndChains() throws {
    let test = try TestVault()
    let empty = NewWallet(kind: .secret, secret: try secret(""), address: "a")
    #expect(code { try test.vault.store(empty) } == .invalidWallet)
    #expect(code { try test.vault.store(wallet(1), chain: "") } == .invalidWallet)
  }
}

/// Whether `part` occurs in `bytes`.
func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
  guard let first = part.first, bytes.count >= part.count else { return false }
  return (0...bytes.count - part.count).contains {
    bytes[$0] == first && bytes[$0..<$0 + part.count].elementsEqual(part)
  }
}

/// Derives the same address from every secret.
struct OneAddress: WalletScheme {
  let address: String

  func generate(testnet: Bool) throws -> NewWallet { throw Missing() }
  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet { throw Missing() }
  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    NewWallet(kind: .privateKey, secret: privateKey, address: address)
  }
  func generatePrivateKey(testnet: Bool) throws -> NewWallet { throw Missing() }
  func address(ofMnemonic mnemonic: SecretBytes, index: UInt32, testnet: Bool) throws -> String { address }
  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    throw Missing()
  }
  func address(of wallet: WalletView, index: UInt32) throws -> String? { address }
}
