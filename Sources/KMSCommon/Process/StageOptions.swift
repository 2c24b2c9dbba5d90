public import ArgumentParser
public import Logging

extension LogFormat: ExpressibleByArgument {}

/// The options that every program has.
public struct LogOptions: ParsableArguments {
  /// How log lines look.
  @Option(help: "How log lines on standard error look: text or json.")
  public var logFormat: LogFormat = .text

  /// Only errors.
  @Flag(name: .shortAndLong, help: "Log errors only.")
  public var quiet = false

  /// More detail.
  @Flag(name: .shortAndLong, help: "Log details, too.")
  public var verbose = false

  /// Only look at options and files.
  @Flag(help: ArgumentHelp("Check options and configuration, and do nothing else.", visibility: .hidden))
  public var checkConfiguration = false

  /// Needed by ParsableArguments.
  public init() {}

  /// Refuses `--quiet --verbose`.
  public func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  /// The program's logger.
  public func logger(for program: String) -> Logger {
    let level: Logger.Level = quiet ? .error : verbose ? .debug : .info
    return Logger(label: program) { _ in LineLogHandler(program: program, format: logFormat, level: level) }
  }
}
