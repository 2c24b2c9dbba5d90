/// An error that ends a program, with what a person needs to act on it.
public protocol ProgramError: Error {
  /// The exit code.
  var exitStatus: ExitStatus { get }
  /// What happened: lower case first letter, no final period, no secrets.
  var message: String { get }
  /// What to do next, if there is something.
  var hint: String? { get }
}

/// A `ProgramError` made on the spot.
public struct ProgramFailure: ProgramError, Hashable {
  /// The exit code.
  public let exitStatus: ExitStatus
  /// What happened.
  public let message: String
  /// What to do next.
  public let hint: String?

  /// Creates an error.
  public init(_ exitStatus: ExitStatus, _ message: String, hint: String? = nil) {
    self.exitStatus = exitStatus
    self.message = message
    self.hint = hint
  }
}
