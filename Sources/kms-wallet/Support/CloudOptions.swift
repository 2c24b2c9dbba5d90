import ArgumentParser
import Glibc
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault
import KMSWallets

/// The options for a password that a cloud service keeps.
struct CloudOptions: ParsableArguments {
  @Flag(help: "Ask VGS for the password (TATUM_KMS_VGS_ALIAS, _USERNAME, _PASSWORD).")
  var vgs = false

  @Flag(help: "Ask Azure Key Vault for the password (TATUM_KMS_AZURE_VAULTURL, _SECRETNAME, _SECRETVERSION).")
  var azure = false

  @Flag(
    help:
      "Ask AWS Secrets Manager for the password (TATUM_KMS_AWS_REGION, _SECRET_NAME, _SECRET_KEY, credentials)."
  )
  var aws = false

  @Option(help: .hidden)
  var settingsFd: Int32?

  func validate() throws {
    if [vgs, azure, aws].filter({ $0 }).count > 1 {
      throw ValidationError("--vgs, --azure and --aws exclude each other")
    }
  }

  /// The service that was asked for.
  var service: CloudPassword? { vgs ? .vgs : azure ? .azure : aws ? .aws : nil }

  /// The service as a source, asked when the password is needed.
  var source: PasswordSource? {
    guard let service else { return nil }
    return .other(name: service.name) {
      var settings = try CloudSettings.takeFromEnvironment()
      if let settingsFd {
        var entries = try Self.read(settingsFd)
        try settings.add(entries: &entries)
      }
      for name in settings.missing(of: service.needed) {
        do { settings.set(name, try TerminalPrompt().ask("Enter \(name): ")) } catch let error as VaultError {
          guard error.code == .noPassword else { throw error }
          throw ProgramFailure(
            .configuration,
            "not-configured: the variable \(name) is not set, and there is no terminal to ask at")
        }
      }
      return try service.password(settings)
    }
  }

  /// What the supervisor hands over, so that nothing secret is in any environment.
  private static func read(_ descriptor: Int32) throws -> [UInt8] {
    guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
      throw ProgramFailure(.noInput, "file descriptor \(descriptor) is not open")
    }
    defer { close(descriptor) }
    var entries = [UInt8](repeating: 0, count: 65536)
    let filled: Int
    do throws(Descriptor.Failure) {
      var room = entries.mutableSpan
      filled = try Descriptor.read(descriptor, into: &room)
    } catch {
      throw ProgramFailure(.noInput, "file descriptor \(descriptor) can't be read: \(error.reason)")
    }
    entries.removeLast(entries.count - filled)
    return entries
  }
}
