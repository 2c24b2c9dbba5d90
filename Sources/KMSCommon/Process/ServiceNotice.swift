internal import Glibc

/// What a service manager wants to hear: that a service is ready, what it is at, that it lives (sd_notify(3)).
///
/// One datagram for each, over a socket that is connected at once: a confined process can't make one.
public final class ServiceNotice: Sendable {
  /// The variables with which the manager asks for it.
  private static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
  /// An address of more bytes does not fit (unix(7)).
  private static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  private let socket: Int32
  /// After how long without a sign of life the manager ends the service, in microseconds; nil when it does not.
  public let patience: Int64?

  /// Takes the variables out of the environment, so that no child speaks for this process; call it before there are threads.
  ///
  /// Nil when no manager asks, or its socket can't be reached.
  public init?() {
    defer { for name in Self.variables { unsafe unsetenv(name) } }
    guard let path = System.variable("NOTIFY_SOCKET"),
      let connected = Self.connect(to: Array(path.utf8))
    else { return nil }
    socket = connected
    let isForUs = System.variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
    let limit = isForUs ? System.variable("WATCHDOG_USEC").flatMap { Int64($0) } : nil
    patience = limit.flatMap { $0 > 0 ? $0 : nil }
  }

  deinit { close(socket) }

  /// Sends assignments, such as `READY=1`, a line each. A manager that does not listen is not waited for.
  ///
  /// - Parameter assignments: without a line feed in any.
  public func send(_ assignments: String...) {
    let text = Array(assignments.joined(separator: "\n").utf8)
    unsafe text.withUnsafeBytes {
      _ = unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  /// A socket connected to a path, or to a name outside of the file system when it begins with `@`.
  private static func connect(to path: [UInt8]) -> Int32? {
    let isAbstract = path.first == UInt8(ascii: "@")
    guard isAbstract || path.first == UInt8(ascii: "/"), path.count <= longestPath else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A name outside of the file system begins with a zero, and no zero ends it.
    let name = isAbstract ? [0] + path.dropFirst() : path + [0]
    // Fits, a zero at its end included: `longestPath`.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let length = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path) + name.count
    let made = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard made >= 0 else { return nil }
    // How connect(2) takes addresses of all families.
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(made, $0, socklen_t(length))
      }
    }
    guard result == 0 else {
      close(made)
      return nil
    }
    return made
  }
}
