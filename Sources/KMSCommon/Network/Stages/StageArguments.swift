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
