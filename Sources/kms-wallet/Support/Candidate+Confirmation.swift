import Glibc
import KMSChains
import KMSCrypto
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
    if let doubt, !options.dryRun, isatty(STDIN_FILENO) != 1 {
      throw ProgramFailure(
        .data, "\(doubt); nothing was stored",
        hint:
          "--expect-address with the address or public key that it has; --dry-run shows the one that this text has"
      )
    }
    if let doubt { Message.warning(doubt) }
    for other in otherReadings {
      Message.warning(
        "\(other.meaning): taken as it is here, its address is \(address); otherwise \(other.address). Compare with your "
          + "wallet before you send coins there")
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
    if let reading = otherReadings.first(where: { $0.address == wanted }) {
      throw ProgramFailure(.data, "\(reading.verdict(expected)); nothing was stored", hint: reading.advice)
    }
    if let found = try Identification(self).find(wanted) {
      throw ProgramFailure(.data, "\(difference). \(found.meaning)", hint: found.advice)
    }
    let isOfOtherNetwork =
      chain.wallets.isAddress(expected, testnet: !testnet)
      && !chain.wallets.isAddress(expected, testnet: testnet)
    throw ProgramFailure(
      .data, difference,
      hint: isOfOtherNetwork
        ? "that is an address of \(testnet ? "the main network: leave --testnet out" : "a test network: --testnet")"
        : words == nil
          ? "is it another account of the wallet, or another network?"
          : "words with a passphrase (25th word) have other keys: storemanagedprivatekey --from-mnemonic takes one with "
            + "--passphrase-fd")
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

  /// Looks for a canonical address at the paths of other wallets.
  func find(_ wanted: String) throws -> Finding? {
    guard let words = candidate.words else { return nil }
    let own = [false, true].compactMap { testnet in
      scheme.path(testnet: testnet).flatMap {
        KnownPath(
          $0.text, testnet ? "this program on test networks" : "this program on the main network", source: "")
      }
    }
    for row in scheme.knownPaths + own {
      guard let seed = row.isElectrum ? candidate.electrum : words else { continue }
      if let path = try find(wanted, seed, row.path) { return finding(row, path) }
    }
    return nil
  }

  /// The path in full, among the first indexes and accounts.
  private func find(_ wanted: String, _ seed: MnemonicSeed, _ path: DerivationPath) throws -> String? {
    for account in UInt32(0)..<5 {
      guard let path = account == 0 ? path : path.account(account) else { break }
      for index in UInt32(0)..<(account == 0 ? 20 : 5) where index == 0 || path.hasIndex {
        let text = try scheme.privateKeyText(
          from: seed, path: path.elements(index: index), testnet: candidate.testnet)
        let key = try scheme.key(kind: .privateKey, secret: text, index: nil, testnet: candidate.testnet)
        if candidate.texts(of: key).contains(where: { $0.text == wanted }) { return path.text(index: index) }
      }
    }
    return nil
  }

  private func finding(_ row: KnownPath, _ path: String) -> Finding {
    if row.isElectrum {
      return Finding(
        meaning: "It is at \(path) of the same words taken as a seed of Electrum: \(row.wallets)",
        advice: "store the private key that Electrum exports with storemanagedprivatekey")
    }
    let single =
      "storemanagedprivatekey \(candidate.chain.name) --from-mnemonic \"\(path)\" stores that one key"
    let advice = row.presets.first.map {
      "storemanagedwallet --preset \($0) stores the words with that path; \(single)"
    }
    return Finding(meaning: "It is at \(path) of the same words: \(row.wallets)", advice: advice ?? single)
  }
}
