internal import CConfinement
internal import Glibc

/// The part of a confinement that seccomp does: a program for the kernel that says of each system call what becomes of it
/// (seccomp(2), bpf(4)).
struct CallFilter {
  /// What becomes of a call.
  private enum Verdict {
    case allow, fail(Int32), kill

    var value: UInt32 {
      switch self {
      case .allow: 0x7FFF_0000
      case .fail(let error): 0x0005_0000 | UInt32(error)
      case .kill: 0x8000_0000
      }
    }
  }

  private var program: [sock_filter] = []
  private let confinement: Confinement

  init(_ confinement: Confinement) {
    self.confinement = confinement
    refuseOtherArchitectures()
    addArgumentChecks()
    for call in unsafe Self.list(kms_forbidden_calls) + Self.list(kms_starting_calls) {
      on(call, .fail(EPERM))
    }
    switch confinement.calls {
    case .allButForbidden:
      add(.allow)
    case .fewest:
      for call in unsafe Self.list(kms_signer_calls) { on(call, .allow) }
      add(.fail(ENOSYS))
    }
  }

  func install() -> Result<String, Confinement.Shortfall> {
    guard kms_architecture() != 0 else {
      return .failure(.init(words: "seccomp: no list of calls for this kind of processor"))
    }
    return unsafe Confinement.result(kms_filter_calls(program, UInt16(clamping: program.count)), "seccomp")
  }

  // MARK: The program

  private static func list(
    _ calls: (UnsafeMutablePointer<Int32>) -> UnsafePointer<Int32>
  ) -> [UInt32] {
    var count: Int32 = 0
    let first = unsafe calls(&count)
    return (0..<Int(count)).map { unsafe UInt32(bitPattern: first[$0]) }
  }

  /// Offsets in `struct seccomp_data`; of an argument the low half, which is all that the kernel looks at below.
  private static let (number, architecture): (UInt32, UInt32) = (0, 4)
  private static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }

  // Codes of classic BPF: load a word, jump if equal, if greater or equal, if bits are set; and; return.
  private static let (load, equal, atLeast, anySet, and, give):
    (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16) =
      (0x20, 0x15, 0x35, 0x45, 0x54, 0x06)

  private mutating func add(_ code: UInt16, _ value: UInt32, yes: Int = 0, no: Int = 0) {
    program.append(
      sock_filter(code: code, jt: UInt8(clamping: yes), jf: UInt8(clamping: no), k: value))
  }

  private mutating func add(_ verdict: Verdict) { add(Self.give, verdict.value) }

  private mutating func on(_ call: UInt32, _ verdict: Verdict) {
    add(Self.equal, call, no: 1)
    add(verdict)
  }

  private mutating func refuseOtherArchitectures() {
    add(Self.load, Self.architecture)
    add(Self.equal, kms_architecture(), yes: 1)
    add(.kill)
    add(Self.load, Self.number)
    // The second set of numbers that x86-64 has (x32).
    add(Self.atLeast, 0x4000_0000, no: 1)
    add(.fail(ENOSYS))
  }

  /// A call whose arguments decide. `body` ends with a verdict in every case.
  private mutating func on(_ call: Int, _ body: (inout CallFilter) -> Void) {
    let start = program.count
    add(Self.equal, UInt32(call))
    body(&self)
    program[start].jf = UInt8(clamping: program.count - start - 1)
  }

  private mutating func addArgumentChecks() {
    // Its arguments lie in memory, where a filter can't look: C libraries take clone(2) then.
    on(435, .fail(ENOSYS))  // clone3
    on(Int(SYS_clone)) { filter in
      // Threads, no processes, no namespaces (sched.h: CLONE_THREAD; CLONE_NEW…).
      filter.add(Self.load, Self.argument(0))
      filter.add(Self.anySet, 0x7E02_0080, yes: 1)
      filter.add(Self.anySet, 0x0001_0000, yes: 1)
      filter.add(.fail(EPERM))
      filter.add(.allow)
    }
    // Nobody types into the terminal of who started us (ioctl_tty(2): TIOCSTI, TIOCLINUX).
    on(Int(SYS_ioctl)) { filter in
      filter.add(Self.load, Self.argument(1))
      filter.add(Self.equal, 0x5412, yes: 1)
      filter.add(Self.equal, 0x541C, no: 1)
      filter.add(.fail(EPERM))
      filter.add(.allow)
    }
    on(Int(SYS_socketpair)) { filter in
      // A datagram socket could be connected to others afterwards.
      filter.add(Self.load, Self.argument(0))
      filter.add(Self.equal, UInt32(AF_UNIX), no: 4)
      filter.add(Self.load, Self.argument(1))
      filter.add(Self.and, 0xF)
      filter.add(Self.equal, UInt32(SOCK_STREAM.rawValue), yes: 2)
      filter.add(Self.equal, UInt32(SOCK_SEQPACKET.rawValue), yes: 1)
      filter.add(.fail(EPERM))
      filter.add(.allow)
    }
    addSockets()
  }

  private mutating func addSockets() {
    if case .none = confinement.connections {
      for call in [SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4] {
        on(UInt32(call), .fail(EPERM))
      }
      return
    }
    // The network, and what the C library asks the kernel about it; no socket of this machine, such as that of a desktop's bus.
    on(Int(SYS_socket)) { filter in
      filter.add(Self.load, Self.argument(0))
      for family in [AF_INET, AF_INET6, AF_NETLINK] { filter.on(UInt32(family), .allow) }
      filter.add(.fail(EPERM))
    }
    for call in [SYS_listen, SYS_accept, SYS_accept4] { on(UInt32(call), .fail(EPERM)) }
  }
}
