/// How a program of the pipeline ends; the numbers are those of sysexits.h, docs/pipeline.md explains each.
public enum ExitStatus: Int32, Sendable, Hashable {
  /// All input was handled; denied and failed records are data.
  case ok = 0
  /// Wrong options.
  case usage = 64
  /// A line was not a record, or the vault is damaged.
  case data = 65
  /// The vault or an input is missing.
  case noInput = 66
  /// A service is unavailable.
  case unavailable = 69
  /// A defect of this program.
  case internalError = 70
  /// A file can't be created.
  case cannotCreate = 73
  /// Reading or writing failed.
  case io = 74
  /// Temporary; try again.
  case temporary = 75
  /// Wrong password or key, or a file whose permissions are too open.
  case noPermission = 77
  /// Bad configuration.
  case configuration = 78

  /// Of two that apply, the one to report: first what needs a person, then what is worth another try, then data.
  public func combined(with other: ExitStatus) -> ExitStatus { rank <= other.rank ? self : other }

  private var rank: Int {
    switch self {
    case .noPermission: 0
    case .configuration: 1
    case .noInput: 2
    case .usage: 3
    case .internalError: 4
    case .cannotCreate: 5
    case .io: 6
    case .unavailable: 7
    case .temporary: 8
    case .data: 9
    case .ok: 10
    }
  }
}
