import Glibc
import KMSChains
import KMSCrypto
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning

extension Candidate {
  /// Makes sure that this is the wallet that was meant: by the address that was given, or by a yes at the terminal.
  ///
  /// - Returns: The index of the expected address, where one was given.
  /// - Throws: `ProgramFailure` (65) when another address was expected, or when there is doubt and nobody who could
  ///   settle it; (64) when the answer is no.
  func confirm(_ options: StoringOptions) throws -> UInt32? {
    for remark in remarks { Message.warning(remark) }
    if let expected = options.expectAddress {
      let index = try require(expected)
      explain()
      return index
    }
    let unsettled = doubt ?? otherReadings.first(where: \.isPublic)?.meaning
    if let unsettled, !options.dryRun, isatty(STDIN_FILENO) != 1 {
      throw ProgramFailure(
        .data, "\(unsettled); nothing was stored",
        hint:
          "--expect-address with the address or public key that it has; --dry-run shows the one that this text has"
      )
    }
    if let doubt { Message.warning(doubt) }
    for other in otherReadings {
      let otherwise = other.shownAddress.map { "; otherwise \($0)" } ?? ""
      Message.warning(
        "\(other.meaning): taken as it is here, its address is \(address)\(otherwise). Compare with your wallet before you "
          + "send coins there")
    }
    explain()
    guard !options.dryRun, isatty(STDIN_FILENO) == 1 else { return nil }
    let place = path.map { ", at \($0)" } ?? ""
    try Confirmation.require(
      "The \(chain.name) \(testnet ? "testnet" : "mainnet") address is \(address)\(place). Is it the one that your wallet "
        + "shows?", flag: "--expect-address")
    return nil
  }

  /// What else the key serves, and what there is to know about the address.
  private func explain() {
    let own = chain.wallets.canonical(address: address, testnet: testnet)
    let others = chain.wallets.otherAddresses(of: key, testnet: testnet).filter { $0.text != own }
    if !others.isEmpty {
      let list = others.map { "\($0.text) (\($0.form))" }.joined(separator: ", ")
      Message.info("the key of \(address) is also that of \(list)")
    }
    for note in chain.wallets.notes { Message.info(note) }
  }

  private func require(_ expected: String) throws -> UInt32 {
    if let (index, form) = try match(expected) {
      if index > 0 { Message.info("\(expected) is this wallet's address at index \(index)") }
      if !form.isEmpty {
        Message.info("\(expected) is its \(form) address; getaddress prints \(address) for index 0")
      }
      return index
    }
    let wanted = chain.wallets.canonical(address: expected, testnet: testnet)
    let place = path.map { " (\($0))" } ?? ""
    let difference =
      "the secret is not the one of \(expected): its address is \(address)\(place); nothing was stored"
    if let reading = otherReadings.first(where: { $0.has(address: wanted) }) {
      throw ProgramFailure(.data, "\(reading.verdict(expected)); nothing was stored", hint: reading.advice)
    }
    if let found = try Identification(self).find(wanted) {
      throw ProgramFailure(.data, "\(difference). \(found.meaning)", hint: found.advice)
    }
    throw ProgramFailure(
      .data, difference,
      hint: chain.wallets.advice(onAddress: expected, testnet: testnet)
        ?? (words == nil
          ? "is it another account of the wallet?"
          : "words with a passphrase (25th word) have other keys: storemanagedprivatekey --from-mnemonic takes one with "
            + "--passphrase-fd"))
  }
}

/// Finds out what an address is to words, or to a key.
struct Identification {
  /// What was found: whose address it is, and what to type.
  struct Finding {
    let meaning: String
    let advice: String?
  }

  private let candidate: Candidate
  private let scheme: any SigningWallets

  init(_ candidate: Candidate) {
    self.candidate = candidate
    scheme = candidate.chain.wallets
  }

  /// Looks for a canonical address at the paths of other wallets: the first indexes of each, then further accounts, then more
  /// indexes.
  func find(_ wanted: String) throws -> Finding? {
    guard let words = candidate.words else { return nil }
    let rows = (scheme.knownPaths + ownPaths).map { row in
      (row, seed: row.master == .electrum ? candidate.electrum : words.with(row.master))
    }
    for (accounts, indexes) in [(0..<1, 0..<20), (1..<10, 0..<5), (0..<1, 20..<100)]
      as [(Range<UInt32>, Range<UInt32>)]
    {
      for case (let row, let seed?) in rows {
        for account in accounts {
          guard let path = account == 0 ? row.path : row.path.account(account) else { continue }
          guard let index = try index(of: wanted, indexes, at: path, row, seed) else { continue }
          return finding(row, path, account: account, index: index)
        }
      }
    }
    return nil
  }

  private func index(
    of wanted: String, _ indexes: Range<UInt32>, at path: DerivationPath, _ row: KnownPath,
    _ seed: MnemonicSeed
  ) throws -> UInt32? {
    try indexes.first { index in
      guard index == 0 || path.hasIndex else { return false }
      return try scheme.texts(
        at: path.elements(index: index), of: row, from: seed, testnet: candidate.testnet
      )
      .contains { $0.text == wanted }
    }
  }

  /// The paths of this program on both networks.
  private var ownPaths: [KnownPath] {
    [false, true].compactMap { testnet in
      scheme.path(testnet: testnet).flatMap {
        KnownPath(
          $0.text, testnet ? "this program on test networks" : "this program on the main network", source: "")
      }
    }
  }

  private func finding(_ row: KnownPath, _ path: DerivationPath, account: UInt32, index: UInt32) -> Finding {
    let place = path.text(index: index)
    let name = candidate.chain.name
    switch row.master {
    case .electrum:
      return Finding(
        meaning: "It is at \(place) of the same words taken as a seed of Electrum: \(row.wallets)",
        advice: "store the private key that Electrum exports with storemanagedprivatekey")
    case .p256:
      return Finding(
        meaning: "It is at \(place) of the same words: \(row.wallets)",
        advice: "add a key of ECDSA_secp256k1 and SHA3_256 to the account, and store that")
    case .icarusLedger, .icarusTrezor:
      let preset = row.presets.first ?? ""
      return Finding(
        meaning: "It is at \(place) of the same words: \(row.wallets)",
        advice: index == 0 && account == 0
          ? "storemanagedprivatekey \(name) --from-mnemonic \(preset) stores that one key"
          : "only the key of its first address can be stored, with storemanagedprivatekey \(name) --from-mnemonic \(preset)"
      )
    case .own: break
    }
    let single = "storemanagedprivatekey \(name) --from-mnemonic \"\(place)\" stores that one key"
    let way = way(row, path, account: account, place: place).map { options in
      (["storemanagedwallet", name] + options).joined(separator: " ") + " stores the words with that path; "
    }
    return Finding(
      meaning: "It is at \(place) of the same words: \(row.wallets)", advice: (way ?? "") + single)
  }

  /// The options that store the words with a path; nil where it can't be stored.
  private func way(_ row: KnownPath, _ path: DerivationPath, account: UInt32, place: String) -> [String]? {
    guard (try? scheme.at(path)) != nil else { return wayToAccount(of: place) }
    let account = account == 0 ? [] : ["--account", String(account)]
    if let preset = row.presets.first, row.networks.contain(testnet: candidate.testnet) {
      return ["--preset", preset] + account
    }
    return row.path == scheme.path(testnet: candidate.testnet) ? account : ["--path", "\"\(path.text)\""]
  }

  /// The same for a place whose third step counts accounts, where that is an account of a path with a name.
  private func wayToAccount(of place: String) -> [String]? {
    let named = scheme.knownPaths.filter { $0.networks.contain(testnet: candidate.testnet) }
      .compactMap { row in row.presets.first.map { (path: row.path, options: ["--preset", $0]) } }
    let own = scheme.path(testnet: candidate.testnet).map { [(path: $0, options: [String]())] } ?? []
    for (path, options) in own + named {
      for account in UInt32(1)..<20 where path.account(account)?.text(index: 0) == place {
        return options + ["--account", String(account)]
      }
    }
    return nil
  }
}
