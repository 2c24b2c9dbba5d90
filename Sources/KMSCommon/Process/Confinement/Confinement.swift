internal import CConfinement
internal import Glibc
public import Logging

/// What a program gives up before it reads what others wrote: rights that the kernel takes away and never gives back.
///
/// Landlock (landlock(7)) leaves the files and TCP ports that are named here, and no process outside can be traced, looked into
/// or sent a signal; a filter of system calls (seccomp(2)) leaves no way to start a program, to get new rights, or to go around
/// this. What the kernel does not have is left out, and `apply` says so. See docs/security.md, "Confinement".
public struct Confinement: Sendable {
  /// What of the file system is left.
  public enum Files: Sendable {
    /// Nothing but what is named.
    case only
    /// Everything but running programs and making devices.
    case all
  }

  /// Which TCP connections are left; none is ever accepted.
  public enum Connections: Sendable {
    /// No socket of any network.
    case none
    /// Connections to these ports (Landlock knows no addresses). DNS goes by UDP, and by TCP to port 53, besides.
    case ports(Set<UInt16>)
    /// Connections to any port.
    case all
  }

  /// Which system calls are left.
  public enum Calls: Sendable {
    /// All but those that the subject of the type forbids.
    case allButForbidden
    /// Those that a program needs which computes and works on files, and no others.
    case fewest
  }

  /// What is left of the file system.
  public var files = Files.only
  /// Files, or all files in folders, that may be read. What is not there is left out, here and below.
  public var readable: [String] = []
  /// Files that may be written, or folders in which files may be made, written, renamed and removed.
  public var writable: [String] = []
  /// Whether questions may be asked at the terminal.
  public var usesTerminal = false
  /// What is left of the network.
  public var connections = Connections.none
  /// What is left of the system's calls.
  public var calls = Calls.allButForbidden
  /// Whether processes outside may be sent signals.
  public var sendsSignals = false
  /// Whether processes outside may be looked at (`/proc/<pid>/exe`): Landlock, which forbids it, is left out then.
  public var looksAtOthers = false

  /// Leaves nothing.
  public init() {}

  /// A step that the kernel refused or does not know, in words.
  struct Shortfall: Hashable {
    let words: String
  }

  /// Confines this process, before it has threads: for good, and with it what it starts.
  ///
  /// Says at the level debug (`--verbose`) what was done, and what this kernel could not do.
  public func apply(logger: Logger) {
    let (done, shortfalls) = apply()
    logger.debug(
      "confined",
      metadata: [
        "by": "\(done.isEmpty ? "nothing" : done.joined(separator: ", "))",
        "missing": "\(shortfalls.isEmpty ? "nothing" : shortfalls.map(\.words).joined(separator: "; "))",
      ])
  }

  /// Confines this process; what was done, and what could not be.
  func apply() -> (done: [String], shortfalls: [Shortfall]) {
    var done: [String] = []
    var shortfalls: [Shortfall] = []
    func note(_ name: String, _ result: Result<String, Shortfall>) {
      switch result {
      case .success(let detail): done.append(detail.isEmpty ? name : "\(name) \(detail)")
      case .failure(let shortfall): shortfalls.append(shortfall)
      }
    }
    note("no new privileges", Self.result(kms_no_new_privileges(), "no new privileges"))
    // Linux 6.3; the filter of calls and Landlock do not depend on it.
    note("no new code", Self.result(kms_no_new_code(), "memory that was written can become code"))
    if !looksAtOthers {
      let landlock = Landlock(self)
      note("Landlock", landlock.restrict())
      shortfalls += landlock.missing
    }
    note("seccomp", CallFilter(self).install())
    return (done, shortfalls)
  }

  static func result(_ status: Int32, _ what: String) -> Result<String, Shortfall> {
    status == 0 ? .success("") : .failure(Shortfall(words: "\(what): \(System.reason())"))
  }
}

extension Confinement.Shortfall: Error {}

extension Confinement {
  /// What every program may read: what the C library and libcurl read when they load a library, find a host or check a
  /// certificate.
  public static let networkFiles: [String] =
    [
      "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload",
      "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates",
      "/usr/local/share/ca-certificates", "/usr/share/ssl", "/etc/crypto-policies",
      "/usr/share/crypto-policies", "/etc/resolv.conf", "/run/systemd/resolve", "/run/resolvconf",
      "/run/NetworkManager", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf",
      "/etc/services", "/etc/protocols",
    ] + folders(of: "LD_LIBRARY_PATH")

  /// What the C library reads about the machine.
  static let everydayFiles = [
    "/dev/null", "/dev/urandom", "/dev/random", "/etc/localtime", "/usr/share/zoneinfo",
    "/sys/devices/system/cpu", "/proc/sys/vm/overcommit_memory", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat",
  ]

  private static func folders(of variable: String) -> [String] {
    (System.variable(variable) ?? "").split(separator: ":").map(String.init)
  }
}
