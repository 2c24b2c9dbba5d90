import ArgumentParser
import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault
import KMSWallets

/// Moves the wallets of the original's file into a vault.
struct ImportWallets: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Move the wallets of the original Tatum KMS into a vault.",
    discussion: """
      The wallets keep their signature IDs; importing again stores nothing twice. The original's file is only read, \
      or, with --in-place, is replaced by the vault at one instant and stays beside it as wallet.dat.original. Stop the \
      original first. Nothing that may be a secret is left behind: what the original stored and no chain accepts is \
      kept as it is, with a warning. The exit code is 65 when an entry of the file is not in the vault.

      Example:
        kms-wallet import --in-place
      """)

  @Argument(
    help: ArgumentHelp(
      "The original's file. (default: ~/.tatumrc/wallet.dat)", valueName: "file"), completion: .file())
  var file: String?

  @Flag(help: "Put the vault in the place of the original's file at --path.")
  var inPlace = false

  @Option(
    help: ArgumentHelp("Read the password of the original's file from this descriptor.", valueName: "n"))
  var oldPasswordFd: Int32?

  @Option(
    help: ArgumentHelp(
      "Read the password of the original's file from this file, which only its owner may read. (default: the vault's "
        + "password where that opens it, else a prompt)", valueName: "file"), completion: .file())
  var oldPasswordFile: String?

  @OptionGroup
  var key: KeyOptions

  @OptionGroup
  var networks: NetworkOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    if oldPasswordFd != nil && oldPasswordFile != nil {
      throw ValidationError("--old-password-fd and --old-password-file exclude each other")
    }
    if inPlace && file != nil {
      throw ValidationError("--in-place takes no file: it works on the one at --path")
    }
    if inPlace { try access.refuseKey(because: "--in-place makes a new vault, which needs a password") }
  }

  func perform() throws -> ExitStatus {
    let source =
      inPlace ? access.options.file : VaultOptions.expand(file ?? Self.original, name: "wallet.dat")
    let legacy = try LegacyWalletFile(reading: source)
    guard inPlace || !Self.areOne(source, access.options.file) else {
      throw ProgramFailure(
        .usage, "\(source) is also where the vault is to be",
        hint: "--in-place puts the vault there and keeps the old file beside it; --path names another place")
    }
    if !inPlace, !access.isMissing { try access.options.checkVault() }
    access.warnOfUnlockedMemory()
    let password = access.options.keyFd == nil ? try access.configuredPassword() : nil
    let (wallets, isSame) = try decrypt(legacy, trying: password)
    StopSignal.install()
    var progress = ProgressBar("wallets", total: wallets.count)
    let outcome = try store(wallets, of: legacy, password: password) { progress.show($0) }
    progress.finish()
    if isSame {
      Message.warning(
        "the vault has the password of the original's file, which its copies do not protect well")
      Message.hint("kms-wallet passwd gives the vault another one; then delete the old file and its copies")
    }
    return try report(outcome.report, original: outcome.original)
  }

  private static let original = "~/.tatumrc/wallet.dat"

  private static func areOne(_ a: String, _ b: String) -> Bool {
    guard let first = System.status(a), let second = System.status(b) else { return false }
    return first.st_ino == second.st_ino
      && first.st_dev == second.st_dev
  }

  /// Opens the original's file, and says whether the vault's password did it.
  private func decrypt(_ legacy: LegacyWalletFile, trying password: SecretBytes?) throws -> (
    wallets: LegacyWallets, isSame: Bool
  ) {
    if let old = try oldPassword() {
      return (try legacy.decrypt(password: old), password.map { $0 == old } ?? false)
    }
    // A line of the settings file that releases of the original read differently may be meant in either way.
    for candidate in unsafe [password, SettingsFile.earlierPassword].compactMap({ $0 }) {
      do {
        return (try legacy.decrypt(password: candidate), password.map { $0 == candidate } ?? false)
      } catch let error as VaultError { guard error.code == .wrongPassword else { throw error } }
    }
    do {
      let old = try TerminalPrompt().ask("Enter the password of the original's file \(legacy.path): ")
      return (try legacy.decrypt(password: old), false)
    } catch let error as VaultError where error.code == .noPassword {
      throw ProgramFailure(
        .configuration,
        "there is no password for the original's file \(legacy.path), and no terminal to ask at",
        hint: "give it with --old-password-file or --old-password-fd")
    }
  }

  private func oldPassword() throws -> SecretBytes? {
    let source: PasswordSource
    if let oldPasswordFd {
      source = .fileDescriptor(oldPasswordFd)
    } else if let oldPasswordFile {
      source = .file(oldPasswordFile)
    } else {
      return nil
    }
    // The original took an empty password.
    do { return try source.password() } catch let error as VaultError where error.code == .emptyPassword {
      return try SecretBytes(copying: [])
    }
  }

  private func store(
    _ wallets: LegacyWallets, of legacy: LegacyWalletFile, password: SecretBytes?,
    progress: (Int) -> Void
  ) throws -> (report: ImportReport, original: String?) {
    let cost = try newVault.cost(otherwise: .standard)
    if inPlace {
      let password = try password ?? newPassword()
      NewPassword.warnIfShort(password)
      let done = try LegacyReplacement.replace(
        legacy, with: wallets, password: password, cost: cost, assurance: key.assurance,
        bothNetworks: networks.bothNetworks, shouldStop: { StopSignal.isRequested },
        progress: progress)
      try access.makeJournal(for: try Vault.open(at: access.options.file, password: password))
      return done
    }
    let vault = try openOrCreate(password, cost)
    let report = try vault.importWallets(
      wallets, assurance: key.assurance, bothNetworks: networks.bothNetworks,
      shouldStop: { StopSignal.isRequested }, progress: progress)
    return (report, nil)
  }

  private func openOrCreate(_ given: SecretBytes?, _ cost: Argon2Cost) throws -> Vault {
    let path = access.options.file
    if access.options.keyFd != nil { return try access.open() }
    if access.isMissing {
      let password = try given ?? newPassword()
      NewPassword.warnIfShort(password)
      let vault = try Vault.create(at: path, password: password, cost: cost)
      try access.makeJournal(for: vault)
      return vault
    }
    return try Vault.open(
      at: path, password: given ?? TerminalPrompt().ask("Enter the password of the vault \(path): "))
  }

  private func newPassword() throws -> SecretBytes {
    Message.info("a new vault is made at \(access.options.file); its password can't be recovered")
    return try NewPassword.ask("a password for the new vault")
  }

  private func report(_ report: ImportReport, original: String?) throws -> ExitStatus {
    for (symbol, count) in report.tokenSymbols.sorted(by: { $0.key < $1.key }) {
      Message.warning("\(count) wallets of \(symbol) are wallets of the chain on which it lives now")
    }
    for (chain, count) in report.mayBePublic.sorted(by: { $0.key < $1.key }) {
      Message.warning(
        "\(count) private keys of \(chain) have the form that public keys have, too, which everybody can read: compare the "
          + "addresses in kms-wallet list with those that you know")
    }
    for warning in report.warnings { Message.warning(warning) }
    var object = JSONObject()
    object["path"] = .string(access.options.file)
    object["original"] = original.map(JSONValue.string)
    object["imported"] = .number(JSONNumber(report.imported))
    object["alreadyThere"] = .number(JSONNumber(report.alreadyThere))
    object["unsound"] = .array(report.unsound.map(JSONValue.string))
    object["leftOut"] = .array(report.leftOut.map(JSONValue.string))
    try StandardOutput.write(pretty: .object(object))
    guard !report.isStopped else {
      throw ProgramFailure(
        .temporary, "stopped after \(report.imported) wallets, which are in the vault",
        hint: "the same command again does the rest")
    }
    guard report.leftOut.isEmpty else {
      throw ProgramFailure(
        .data, "\(report.leftOut.count) entries of the original's file are not in the vault",
        hint: "see the warnings; everything else was imported")
    }
    return .ok
  }
}
