import ArgumentParser
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning

/// A subcommand: what all of them do around their work.
protocol WalletCommand: ParsableCommand {
  /// Where the vault is, and who gives its password.
  var access: VaultAccess { get }

  /// Does the work and says how the process ends.
  func perform() throws -> ExitStatus
}

extension WalletCommand {
  func run() throws {
    try Program.run(TatumKMS.name) {
      do {
        try access.confine()
        return try perform()
      } catch let error as WalletError {
        throw error.programFailure
      } catch let error as CryptoError {
        throw ProgramFailure(.internalError, error.message)
      }
    }
  }
}

extension WalletError {
  /// What a chain refuses, as the error that ends the program.
  var programFailure: ProgramFailure {
    switch code {
    case WalletError.indexMissing.code:
      ProgramFailure(.usage, "a mnemonic wallet needs a derivation index after its signature ID")
    case "wrong-network":
      ProgramFailure(
        .data, message, hint: "--testnet is for keys of test networks; without it they are mainnet's")
    case "unsupported", "invalid-index": ProgramFailure(.usage, message)
    default: ProgramFailure(.data, message)
    }
  }
}
