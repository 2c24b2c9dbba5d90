import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import Testing

@testable import KMSVault
@testable import KMSWallets

/// What is left of a damaged vault.
@Suite struct VaultRecoveryTests {
  private func recover(_ test: TestVault, _ name: String = "new.dat") throws -> (
    Vault.Recovery, Vault
  ) {
    let copy = test.folder.file(name)
    let recovery = try Vault.recover(
      from: test.path, password: secret(TestVault.password), to: copy, unsafeAnyCost: true)
    return (
      recovery, try Vault.open(at: copy, password: secret(TestVault.password), unsafeAnyCost: true)
    )
  }

  @Test(arguments: [
    "DELETE FROM census", "UPDATE census SET sealed = zeroblob(60)", "DELETE FROM census; DELETE FROM roster",
    "DELETE FROM census; UPDATE meta SET key_check = zeroblob(32)",
  ])
  func bringsEveryWalletBackWhenTheListIsDamaged(_ change: String) throws {
    let test = try TestVault()
    let views = try test.vault.store(1200) + test.vault.store(3, chain: "BTC", testnet: false)
    try test.tamper(change)
    #expect(code { _ = try test.vault.views() } != nil, "nothing lists them any more")
    let before = readFile(test.path)
    let (recovery, new) = try recover(test)
    #expect(recovery.wallets == 1203 && recovery.lost.isEmpty && !recovery.isIncomplete)
    #expect(recovery.problems == ["the list of wallets is damaged: whether one is missing can't be told"])
    #expect(Set(try new.views()) == Set(views))
    #expect(try new.secret(of: views[7].signatureID).map { text($0.secret) } == "secret of wallet 7")
    #expect(try new.check().isSound)
    #expect(readFile(test.path) == before, "the damaged vault is only read")
    // Keys that were handed out are of the old one.
    #expect(code { _ = try Vault.open(at: new.path, key: test.vault.key(for: .vault)) } == .wrongKey)
  }

  @Test func namesWhatIsLostAndKeepsTheRest() throws {
    let test = try TestVault()
    let views = try test.vault.store(6)
    let ids = views.map(\.signatureID)
    let key = "0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb"
    let real = try test.vault.store(
      NewWallet(
        kind: .privateKey, secret: secret(key), address: "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"))
    try test.tamper(
      "UPDATE wallet SET secret = zeroblob(60) WHERE signature_id = '\(ids[0])'",
      "DELETE FROM wallet WHERE signature_id = '\(ids[1])'",
      "UPDATE wallet SET identity = x'00' WHERE signature_id = '\(ids[2])'",
      "UPDATE wallet SET public = zeroblob(40) WHERE signature_id IN ('\(ids[3])', '\(real.signatureID)')",
      "UPDATE wallet SET chain = 'BTC' WHERE signature_id = '\(ids[4])'")
    let (recovery, new) = try recover(test)
    #expect(recovery.lost == [ids[0], ids[4]])
    #expect(recovery.isIncomplete)
    #expect(recovery.problems.last == "ETH testnet: 7 wallets were stored and 4 recovered")
    #expect(try Set(new.views()).isSuperset(of: [views[2], views[5], real]), "the address is derived again")
    #expect(try new.view(of: ids[3]) != nil, "its chain's code does not know the secret; it is kept")
    #expect(try new.check().wallets == 4)
  }

  /// A vault whose file is the same tree of pages in every run: ids are chosen, and a page holds one wallet or a part of
  /// one.
  private struct PagedVault {
    static let pageSize = 512
    let test: TestVault
    let views: [WalletView]
    let file: [UInt8]
    /// Which wallets have their row, or a part of it, in which page (from 0).
    let wallets: [Int: Set<String>]

    init() throws {
      test = try TestVault(pageSize: Self.pageSize)
      views = try test.vault.add(
        (0..<200).map { number in
          // In no order, so that rows and indexes are in different ones.
          let id =
            "00000000-0000-4000-8000-" + String(String(1_000_000_000_000 + number * 179 % 200).suffix(12))
          // Every tenth is longer than a page.
          let text =
            number % 10 == 0 ? String(repeating: "long secret \(number) ", count: 60) : "secret \(number)"
          return .init(
            NewWallet(kind: .privateKey, secret: try secret(text), address: "address\(number)"),
            chain: "ETH", testnet: true, signatureID: id)
        }
      ) { _ in nil }
      let file = readFile(test.path)
      var wallets: [Int: Set<String>] = [:]
      let database = try SQLiteDatabase(path: test.path, busyTimeoutMilliseconds: 0)
      let pages = (0..<file.count / Self.pageSize).map { file[$0 * Self.pageSize..<($0 + 1) * Self.pageSize] }
      try database.query("SELECT signature_id, secret FROM wallet") { row in
        let (id, sealed) = (row.text(0), row.blob(1))
        for (number, page) in pages.enumerated() {
          // Indexes have the ID, too, but not the kind.
          let isRow = page.contains(id.utf8) && page.contains("privateKey".utf8)
          let isOverflow =
            page.dropFirst(4).prefix(8).allSatisfy { $0 == 0 }
            ? false
            : sealed.contains(page.dropFirst(4).prefix(8))
          if isRow || isOverflow { wallets[number, default: []].insert(id) }
        }
        return true
      }
      (self.file, self.wallets) = (file, wallets)
    }

    /// The type of a page of a tree: 2 and 10 are of indexes, 5 and 13 of tables.
    func type(of page: Int) -> UInt8 { file[page * Self.pageSize + (page == 0 ? 100 : 0)] }

    func damage(_ pages: [Int]) {
      var bad = file
      for page in pages {
        for i in page * Self.pageSize..<(page + 1) * Self.pageSize { bad[i] = 0xA5 }
      }
      writeFile(test.path, bad)
    }
  }

  @Test func findsEveryWalletWhoseOwnPagesAreIntact() throws {
    let paged = try PagedVault()
    let all = paged.file.count / PagedVault.pageSize
    // Page 0 is the schema. meta, census and roster are of few pages, which others tests damage.
    let trees = (1..<all).filter { [2, 5].contains(paged.type(of: $0)) }
    #expect(
      trees.filter { paged.type(of: $0) == 5 }.count > 2, "more than a root is above the table's leaves")
    let leaves = paged.wallets.keys.sorted()
    let overflow = leaves.filter { ![2, 5, 10, 13].contains(paged.type(of: $0)) }
    #expect(overflow.count >= 20)
    let chosen = stride(from: 0, to: leaves.count, by: 47).map { leaves[$0] }
    var damages = trees.map { [$0] } + chosen.map { [$0] } + [[overflow[7]]]
    damages.append(trees)
    damages.append(trees + [leaves[60], overflow[15]])
    for (number, pages) in damages.enumerated() {
      paged.damage(pages)
      let (recovery, new) = try recover(paged.test, "new\(number).dat")
      let lost = pages.reduce(into: Set<String>()) { $0.formUnion(paged.wallets[$1] ?? []) }
      let expected = paged.views.filter { !lost.contains($0.signatureID) }
      #expect(Set(try new.views()) == Set(expected), "pages \(pages)")
      #expect(recovery.wallets == expected.count, "pages \(pages)")
      #expect(recovery.isIncomplete == !lost.isEmpty, "pages \(pages)")
      // A damaged tree of an index may hide the names of some.
      if pages.allSatisfy({ !trees.contains($0) }) { #expect(Set(recovery.lost) == lost, "pages \(pages)") }
    }
  }

  @Test func readsNoRowsWhereThereAreNone() throws {
    // A header that promises more than there is, numbers of nine bytes, floating point, too few bytes.
    #expect(TablePages.values(of: []) == nil)
    #expect(TablePages.values(of: [0]) == nil)
    #expect(TablePages.values(of: [9, 1]) == nil)
    #expect(TablePages.values(of: [2, 7, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
    #expect(TablePages.values(of: [3, 13 + 4, 13, 0x61]) == nil)
    #expect(TablePages.values(of: [10] + [UInt8](repeating: 0xFF, count: 9)) == nil)
    let values = try #require(TablePages.values(of: [5, 0, 1, 9, 15, 0xFE, 0x61]))
    guard case .null = values[0], case .integer(-2) = values[1], case .integer(1) = values[2],
      case .text("a") = values[3]
    else {
      Issue.record("\(values)")
      return
    }
  }

  @Test func writesOverNothingAndLeavesNothingBehind() throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    let copy = test.folder.file("new.dat")
    func refusal(_ password: String = TestVault.password, to path: String) -> VaultError.Code? {
      code {
        _ = try Vault.recover(
          from: test.path, password: secret(password), to: path, unsafeAnyCost: true)
      }
    }
    #expect(refusal("wrong", to: copy) == .wrongPassword)
    #expect(!PrivateFile.exists(copy))
    #expect(refusal(to: test.path) == .alreadyExists)
    #expect(refusal(to: "/nonexistent/folder/new.dat") == .cannotCreate)
    writeFile(copy, [1])
    #expect(refusal(to: copy) == .alreadyExists)
    #expect(readFile(copy) == [1])
  }
}
