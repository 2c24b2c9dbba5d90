internal import Glibc
internal import KMSChains
internal import KMSCrypto
internal import KMSSigning

@testable internal import KMSVault
@testable internal import KMSWallets

extension FuzzTarget {
  /// The original's wallet file.
  static let vault: [FuzzTarget] = [
    FuzzTarget("walletfile", maximumLength: 2048, run: walletFile),
    FuzzTarget("walletdat", maximumLength: 2048, run: walletEntries),
  ]

  /// The file: Base64, salt, AES-CBC. Whatever it is, it is refused or gives entries.
  private static func walletFile(_ input: [UInt8]) throws(FuzzFailure) {
    let path = "/tmp/kms-fuzz-\(getpid()).dat"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FuzzFailure("\(path) can't be written") }
    // The beginning, without which it is refused at once.
    let text = LegacyWalletFile.start + input
    let written = write(descriptor, text, text.count)
    close(descriptor)
    defer { unlink(path) }
    try require(written == text.count, "\(path) can't be written")
    do {
      let file = try LegacyWalletFile(reading: path)
      try require(file.isUnchanged(), "the file was changed")
      _ = try file.decrypt(password: SecretBytes(copying: "fuzz".utf8))
    } catch let failure as FuzzFailure {
      throw failure
    } catch {
      try require(error is VaultError, "\(type(of: error)): \(error)")
    }
  }

  /// The decrypted text: every entry with a secret is kept, or there is a warning that says why not.
  private static func walletEntries(_ input: [UInt8]) throws(FuzzFailure) {
    do {
      let wallets = try LegacyWallets(SecretBytes(copying: input), path: "wallet.dat")
      var count = 0
      try wallets.forEachEntry { entry in
        count += 1
        // Mnemonics take a millisecond or two each.
        guard count <= 4 else { return }
        let conversion = try LegacyConversion(entry) { SigningRegistry.chains[$0]?.wallets }
        try require(
          conversion.isSound == conversion.warnings.isEmpty, "sound, and warned of: \(conversion.warnings)")
        try require(!conversion.additions.isEmpty || !conversion.isSound, "an entry is lost without a word")
        try require(conversion.additions.count <= 2, "more than two wallets of one entry")
      }
      try require(count == wallets.count, "\(count) entries, then \(wallets.count)")
    } catch let failure as FuzzFailure {
      throw failure
    } catch {
      try require(error is VaultError || error is CryptoError, "\(type(of: error)): \(error)")
    }
  }
}
