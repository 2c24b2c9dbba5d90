import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords

/// A wallet that a person wants to store: what it is, what there is to say about it, and whether it is the one that was
/// meant.
struct Candidate {
  let chain: ChainChoice
  let testnet: Bool
  let wallet: NewWallet
  /// The address of the key, or of index 0.
  let address: String
  /// See `AcceptedKey`.
  var remarks: [String] = []
  var doubt: String?
  var addressAsPublicKey: String?

  /// A mnemonic as a person has it.
  init(mnemonic: SecretBytes, chain: ChainChoice, testnet: Bool) throws {
    try self.init(chain.wallets.wallet(mnemonic: mnemonic, testnet: testnet), chain: chain, testnet: testnet)
  }

  /// A private key as a person has it.
  init(privateKey: SecretBytes, assurance: KeyAssurance, chain: ChainChoice, testnet: Bool) throws {
    let accepted = try chain.wallets.accept(privateKey: privateKey, assurance: assurance, testnet: testnet)
    try self.init(
      chain.wallets.wallet(privateKey: accepted.text, testnet: testnet), chain: chain, testnet: testnet)
    remarks += accepted.remarks
    doubt = accepted.doubt
    addressAsPublicKey = accepted.addressAsPublicKey
  }

  private init(_ wallet: NewWallet, chain: ChainChoice, testnet: Bool) throws {
    self.chain = chain
    self.testnet = testnet
    self.wallet = wallet
    address = try chain.wallets.key(kind: wallet.kind, secret: wallet.secret, index: 0, testnet: testnet)
      .address
    if let origin = try KnownKeys(chain.wallets)
      .origin(kind: wallet.kind, secret: wallet.secret, testnet: testnet)
    {
      guard testnet else { throw WalletError.knownToEverybody(origin) }
      remarks.append("everybody has this secret: it is \(origin)")
    }
  }

  /// Makes sure that this is the wallet that was meant: by the address that was given, or by a yes at the terminal.
  ///
  /// - Throws: `ProgramFailure` (65) when another address was expected, or when there is doubt and nobody who could
  ///   settle it; (64) when the answer is no.
  func confirm(_ options: StoringOptions) throws {
    for remark in remarks { Message.warning(remark) }
    if let expected = options.expectAddress {
      try require(expected)
    } else if options.dryRun {
      if let doubt { Message.warning(doubt) }
      warnOfPublicKey()
    } else if isatty(STDIN_FILENO) == 1 {
      if let doubt { Message.warning(doubt) }
      warnOfPublicKey()
      try Confirmation.require(
        "This is the wallet of the \(chain.name) \(testnet ? "testnet" : "mainnet") address \(address).",
        flag: "--expect-address")
    } else {
      if let doubt {
        throw ProgramFailure(
          .data, "\(doubt); nothing was stored",
          hint:
            "--expect-address with the address or public key that it has; --dry-run shows the one that this text has"
        )
      }
      warnOfPublicKey()
    }
  }

  private func require(_ expected: String) throws {
    let wanted = chain.wallets.canonical(address: expected, testnet: testnet)
    if wanted == chain.wallets.canonical(address: address, testnet: testnet) { return }
    if wanted == addressAsPublicKey {
      throw ProgramFailure(
        .data, "the text is the public key of \(expected), and no private key; nothing was stored",
        hint: "the wallet that shows this public key has the private key, too")
    }
    throw ProgramFailure(
      .data, "the secret is not the one of \(expected): its address is \(address); nothing was stored")
  }

  private func warnOfPublicKey() {
    guard let addressAsPublicKey else { return }
    Message.warning(
      "a text of this form may be a public key, which everybody can read: as a private key it is the one of \(address), as "
        + "a public key that of \(addressAsPublicKey); compare with your wallet before you send coins there")
  }
}
