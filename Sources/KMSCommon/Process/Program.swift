internal import ArgumentParser
internal import Glibc
internal import KMSCrypto

/// What every program of the pipeline does around its work.
public enum Program {
  /// Runs `body` and turns its result, or the error that it threw, into the exit code of the process.
  ///
  /// Before anything else the process is made to keep its memory to itself (`SecretMemory.hardenProcess`): each program has
  /// keys of the vault or the API's in it. An error is written as `name: error: …` and `name: hint: …`. Nothing calls `exit` deeper down.
  /// - Throws: `ExitCode`, which swift-argument-parser makes the process's exit code.
  public static func run(_ name: String, _ body: () throws -> ExitStatus) throws {
    SecretMemory.hardenProcess()
    let status: ExitStatus
    do {
      status = try body()
    } catch is BrokenPipe {
      dieOfBrokenPipe()
    } catch let error as any ProgramError {
      report(error, program: name)
      status = error.exitStatus
    } catch let error as ExitCode {
      throw error
    } catch let error as ValidationError {
      throw error
    } catch let error as CleanExit {
      throw error
    } catch {
      StandardError.writeLine("\(name): error: \(error)")
      status = .internalError
    }
    guard status == .ok else { throw ExitCode(status.rawValue) }
  }

  /// Writes an error and its hint as `run` does, for errors that do not end the program.
  public static func report(_ error: any ProgramError, program: String) {
    // One program under two names: what is to be typed is said in the words that were.
    func said(_ text: String) -> String {
      program == "tatum-kms" ? text.replacing("kms-wallet ", with: "tatum-kms ") : text
    }
    guard logFormat == .text else {
      let hint = error.hint.map { [("hint", said($0))] } ?? []
      return StandardError.writeLine(
        LineLogHandler.json(level: "error", program: program, message: said(error.message), fields: hint))
    }
    StandardError.writeLine("\(program): error: \(said(error.message))")
    if let hint = error.hint { StandardError.writeLine("\(program): hint: \(said(hint))") }
  }

  /// How messages look that are written before or without a logger: as the command line says, in whatever state it is.
  public static let logFormat: LogFormat = {
    let arguments = CommandLine.arguments
    let isJSON =
      arguments.contains("--log-format=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == ("--log-format", "json") }
    return isJSON ? .json : .text
  }()

  /// Ends as any Unix tool does whose reader went away: killed by SIGPIPE, without a word.
  private static func dieOfBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    exit(128 + SIGPIPE)
  }
}

/// The reader of our output went away (EPIPE).
public struct BrokenPipe: Error {
  /// Creates the error.
  public init() {}
}
