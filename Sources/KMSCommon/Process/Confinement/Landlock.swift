internal import CConfinement
internal import Glibc

/// The part of a confinement that Landlock does (https://docs.kernel.org/userspace-api/landlock.html).
final class Landlock {
  /// Rights on files, as bits; the first ABI that knows each is in the comment where it is not the first.
  private enum Right {
    static let execute: UInt64 = 1 << 0
    static let write: UInt64 = 1 << 1
    static let read: UInt64 = 1 << 2
    static let list: UInt64 = 1 << 3
    static let remove: UInt64 = 1 << 5
    static let makeFolder: UInt64 = 1 << 7
    static let makeFile: UInt64 = 1 << 8
    /// Devices, sockets, pipes, which no program makes.
    static let makeSpecial: UInt64 = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
    static let truncate: UInt64 = 1 << 14  // 3
    static let controlDevice: UInt64 = 1 << 15  // 5
    /// What a rule for a file, not a folder, may have.
    static let ofFiles = execute | write | read | truncate | controlDevice
    static let inFolder = write | read | list | remove | makeFolder | makeFile | truncate

    static func known(to abi: Int32) -> UInt64 {
      let count: UInt64 = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13
      return (1 << count) - 1
    }
  }

  private static let connect: UInt64 = 1 << 1
  private static let bind: UInt64 = 1 << 0
  private static let abstractSockets: UInt64 = 1 << 0
  private static let signals: UInt64 = 1 << 1

  private let confinement: Confinement
  private let abi: Int32
  /// What this kernel's Landlock can't take away.
  let missing: [Confinement.Shortfall]

  init(_ confinement: Confinement) {
    self.confinement = confinement
    abi = kms_landlock_abi()
    var missing: [Confinement.Shortfall] = []
    if abi >= 1 {
      if abi < 4 { missing.append(.init(words: "TCP ports are not limited (Landlock \(abi) of 4)")) }
      if abi < 6 { missing.append(.init(words: "signals to others are not limited (Landlock \(abi) of 6)")) }
    }
    self.missing = missing
  }

  func restrict() -> Result<String, Confinement.Shortfall> {
    guard abi >= 1 else { return .failure(.init(words: "this kernel has no Landlock, or does not offer it")) }
    var rules = kms_ruleset()
    rules.files = Right.known(to: abi) & handledFiles
    if abi >= 4 { rules.connections = handledConnections }
    if abi >= 6 { rules.scopes = Self.abstractSockets | (confinement.sendsSignals ? 0 : Self.signals) }
    let ruleset = unsafe kms_landlock_create(&rules, abi >= 6 ? 24 : abi >= 4 ? 16 : 8)
    guard ruleset >= 0 else { return .failure(Self.failed("Landlock")) }
    defer { close(ruleset) }
    if case .only = confinement.files { addFiles(ruleset, rules.files) }
    if abi >= 4, case .ports(let ports) = confinement.connections {
      for port in ports.union([53]) {
        var rule = kms_port_rule(rights: Self.connect, port: UInt64(port))
        guard unsafe kms_landlock_add_port(ruleset, &rule) == 0 else {
          return .failure(Self.failed("Landlock"))
        }
      }
    }
    guard kms_landlock_restrict(ruleset) == 0 else { return .failure(Self.failed("Landlock")) }
    return .success("\(abi)")
  }

  private static func failed(_ what: String) -> Confinement.Shortfall {
    .init(words: "\(what): \(System.reason())")
  }

  private var handledFiles: UInt64 {
    switch confinement.files {
    case .only: .max
    case .all: Right.execute | Right.makeSpecial
    }
  }

  private var handledConnections: UInt64 {
    if case .all = confinement.connections { Self.bind } else { Self.bind | Self.connect }
  }

  private func addFiles(_ ruleset: Int32, _ handled: UInt64) {
    for path in Confinement.everydayFiles + confinement.readable { add(path, Right.read, ruleset, handled) }
    add("/dev/null", Right.read | Right.write, ruleset, handled)
    for path in confinement.writable { add(path, Right.inFolder, ruleset, handled) }
    if confinement.usesTerminal {
      add("/dev/tty", Right.read | Right.write | Right.controlDevice, ruleset, handled)
    }
  }

  /// What is not there, or may not be seen, can't be opened anyway.
  private func add(_ path: String, _ rights: UInt64, _ ruleset: Int32, _ handled: UInt64) {
    let place = unsafe kms_open_place(path)
    guard place >= 0 else { return }
    defer { close(place) }
    guard let status = System.status(place) else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    var rule = kms_path_rule()
    rule.rights = (isFolder ? rights : rights & Right.ofFiles) & handled
    rule.parent = place
    // Refused for what has no place in the file system, such as a pipe; that Landlock does not limit.
    _ = unsafe kms_landlock_add_path(ruleset, &rule)
  }
}
