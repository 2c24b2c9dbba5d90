import ArgumentParser
import KMSVault

/// How hard the password of a vault that is made is to guess.
struct NewVaultOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Memory of Argon2id in MiB. (default: 256)", valueName: "n"))
  var memoryMib: Int?

  @Option(help: ArgumentHelp("Passes of Argon2id. (default: 3)", valueName: "n"))
  var passes: Int?

  /// The parameters, those that were not given taken from `other`.
  ///
  /// - Throws: `ValidationError` when they are too weak or too much.
  func cost(otherwise other: Argon2Cost) throws -> Argon2Cost {
    let memory = memoryMib.map { $0.multipliedReportingOverflow(by: 1024) }
    do {
      return try Argon2Cost(
        memoryKiB: memory.map { $0.overflow ? .max : $0.partialValue } ?? other.memoryKiB,
        passes: passes ?? other.passes)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func validate() throws { _ = try cost(otherwise: .standard) }
}
