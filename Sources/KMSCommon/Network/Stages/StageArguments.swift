public import ArgumentParser

/// A time span given in seconds, from 0.1 to 3600.
public struct Seconds: ExpressibleByArgument, Sendable {
  /// The span.
  public let duration: Duration

  /// Creates a span of whole seconds.
  public init(_ seconds: Int) { duration = .seconds(seconds) }

  /// Reads `15` or `0.5`.
  public init?(argument: String) {
    guard let seconds = Double(argument), (0.1...3600).contains(seconds) else { return nil }
    duration = .milliseconds(Int64(seconds * 1000))
  }

  /// As `--help` shows a default.
  public var defaultValueDescription: String { "\(duration.components.seconds)" }
}

extension VerifyRun.Method: ExpressibleByArgument {
  /// Reads `get` or `POST`, in any case.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// Checks that stages share.
public enum StageArguments {
  /// Reads the address of a node that is not Tatum's.
  ///
  /// - Throws: `ValidationError` when it is not https, unless in a private network, or has a query.
  public static func node(_ text: String) throws -> WebAddress {
    guard let address = WebAddress(text), address.scheme == "https" || address.isPrivate, address.query == nil
    else {
      throw ValidationError("a node is an https URL without a query; http only in a private network")
    }
    return address
  }
}
