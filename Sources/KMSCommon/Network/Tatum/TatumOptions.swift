public import ArgumentParser
internal import Glibc
internal import KMSProcess
internal import KMSRecords
public import Logging

/// Where the Tatum API is and how to get in.
public struct TatumOptions: ParsableArguments {
  /// The base URL.
  @Option(
    help: ArgumentHelp(
      "Base URL of the Tatum API.",
      discussion: "Default: TATUM_API_URL, else \(TatumOptions.defaultURL). https, or http on this machine.",
      valueName: "url"))
  public var apiURL: String?

  /// The key's file.
  @Option(
    help: ArgumentHelp(
      "File with the API key, readable by its owner only.",
      discussion: "Default: the environment variable TATUM_API_KEY.", valueName: "path"), completion: .file())
  public var apiKeyFile: String?

  /// The key's descriptor.
  @Option(help: ArgumentHelp("Read the API key from this file descriptor.", valueName: "n"))
  public var apiKeyFd: Int32?

  static let defaultURL = "https://api.tatum.io"

  /// Needed by ParsableArguments.
  public init() {}

  /// The base URL that counts.
  ///
  /// - Throws: `ProgramFailure` (78) when it is not a URL, holds a password, or would send the key in clear.
  public func address() throws -> WebAddress {
    return try Self.check(apiURL ?? System.variable("TATUM_API_URL") ?? Self.defaultURL)
  }

  static func check(_ text: String) throws(ProgramFailure) -> WebAddress {
    guard let address = WebAddress(text) else {
      throw ProgramFailure(.configuration, "the API URL is not an absolute http or https URL")
    }
    guard address.userInfo == nil, address.query == nil else {
      throw ProgramFailure(.configuration, "the API URL must not hold a user name, a password or a query")
    }
    guard address.scheme == "https" || address.isLoopback else {
      throw ProgramFailure(
        .configuration, "plain http would send the API key in clear to \(address.host)",
        hint: "use https; http is accepted for this machine only")
    }
    return address
  }

  /// The API key: of the descriptor, else of the file, else of the environment, which is wiped in any case.
  ///
  /// - Throws: `ProgramFailure`: 78 when there is none, and as `APIKey.read`.
  public func key() throws -> APIKey {
    let environment = try APIKey.takeFromEnvironment()
    if let apiKeyFd { return try APIKey.read(descriptor: apiKeyFd) }
    if let apiKeyFile { return try APIKey.read(file: apiKeyFile) }
    guard let environment else {
      throw ProgramFailure(
        .configuration, "there is no API key",
        hint: "set TATUM_API_KEY or give --api-key-file; keys are made at https://dashboard.tatum.io")
    }
    return environment
  }

  /// A connection to the API.
  public func connect(client: HTTPClient, timeout: Duration, logger: Logger) throws -> TatumAPI {
    let key = try key()
    return TatumAPI(base: try address(), key: key, client: client, timeout: timeout, logger: logger)
  }
}
