import ArgumentParser
import Glibc
import KMSChains
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets
import Logging

/// The options of every command, and opening the vault.
struct VaultAccess: ParsableArguments {
  @OptionGroup
  var options: VaultOptions

  @OptionGroup
  var cloud: CloudOptions

  @OptionGroup
  var log: LogOptions

  func validate() throws {
    let isGiven = options.keyFd != nil || options.configuredSource != nil
    if isGiven, let service = cloud.service {
      throw ValidationError("--\(service.rawValue) and another source of the password exclude each other")
    }
  }

  /// Refuses the key that a stage has, where the password is needed: `why` says for what.
  ///
  /// - Throws: `ValidationError`.
  func refuseKey(because why: String) throws {
    if options.keyFd != nil { throw ValidationError("\(why); --key-fd is not enough") }
  }

  /// Leaves this process all files, for a copy may go anywhere, and the network when a password lies there; no other program.
  ///
  /// - Throws: `password-command-failed`.
  func confine() throws {
    var confinement = Confinement()
    confinement.files = .all
    confinement.connections = cloud.service == nil ? .none : .all
    try options.preparePassword()
    confinement.apply(logger: log.logger(for: TatumKMS.name))
  }

  /// The password that does not need a person; nil when there is none.
  func configuredPassword() throws -> SecretBytes? {
    try options.configuredPassword(cloud: cloud.source)
  }

  /// Opens the vault for reading and writing everything.
  func open() throws -> Vault {
    let vault = try options.openVault(for: .vault, cloud: cloud.source)
    warnOfUnlockedMemory()
    return vault
  }

  /// Opens the vault with its password, and returns that, too.
  func openWithPassword() throws -> (vault: Vault, password: SecretBytes) {
    let password = try options.password(isNew: false, cloud: cloud.source)
    let vault = try Vault.open(at: options.file, password: password)
    warnOfUnlockedMemory()
    return (vault, password)
  }

  /// Opens the vault, or gets ready to make one where there is none: `body` has its say in between, and a vault is made
  /// only when it succeeds.
  ///
  /// - Parameters:
  ///   - cost: the Argon2id parameters of a vault that is made.
  ///   - body: what to do before something is stored, such as reading a mnemonic and checking it.
  func openForStoring<R>(cost: Argon2Cost, _ body: () throws -> R) throws -> (vault: Vault, prepared: R) {
    guard isMissing else {
      let vault = try open()
      return (vault, try body())
    }
    try Vault.makeFolder(for: options.file)
    if options.configuredSource == nil, cloud.service == nil {
      Message.info(
        "there is no vault at \(options.file) yet: choose the password of a new one. It can't be recovered")
    }
    let password = try options.password(isNew: true, cloud: cloud.source)
    NewPassword.warnIfShort(password)
    warnOfUnlockedMemory()
    let prepared = try body()
    do {
      let vault = try Vault.create(at: options.file, password: password, cost: cost)
      try makeJournal(for: vault)
      Message.info("there was no vault at \(options.file): it was made. Its password can't be recovered")
      return (vault, prepared)
    } catch let error as VaultError where error.code == .alreadyExists {
      // Another process was faster; with the same password the two meant the same vault.
      return (try Vault.open(at: options.file, password: password), prepared)
    }
  }

  /// Whether a vault is to be made: there is none, and no key of one was given.
  var isMissing: Bool {
    options.keyFd == nil && System.status(options.file, isFollowing: false) == nil && errno == ENOENT
  }

  func warnOfUnlockedMemory() {
    guard SecretMemory.lockFailed() else { return }
    Message.warning(
      "memory for secrets can't be locked and may be swapped to disk; raise the limit (ulimit -l)")
  }
}

/// `--testnet` where it says nothing: the original took it with every command, and a stored wallet knows its network.
struct AnyNetwork: ParsableArguments {
  @Flag(help: .hidden)
  var testnet = false
}

extension Vault {
  /// A wallet with its secret.
  ///
  /// - Throws: `ProgramFailure` (66) when there is no such wallet.
  func existing(_ signatureID: String) throws -> (view: WalletView, secret: SecretBytes) {
    guard let wallet = try secret(of: signatureID) else { throw noWallet(signatureID) }
    return wallet
  }

  /// The refusal of a signature ID that nobody has.
  func noWallet(_ signatureID: String) -> ProgramFailure {
    ProgramFailure(
      .noInput, "no wallet has the signature ID \(signatureID) in the vault \(path)",
      hint: "kms-wallet list shows the wallets that are there")
  }
}

extension WalletView {
  /// The code of the wallet's chain.
  ///
  /// - Throws: `ProgramFailure` (64) when this version does not know the chain.
  func scheme() throws -> any SigningWallets {
    guard let chain = SigningRegistry.chains[chain] else {
      throw ProgramFailure(.usage, "\(chain) is not supported by this version (unsupported-chain)")
    }
    return try chain.wallets.scheme(of: self)
  }

  /// `mainnet` or `testnet`.
  var network: String { testnet ? "testnet" : "mainnet" }
}
