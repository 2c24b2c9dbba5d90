internal import Glibc

/// What a service manager wants to hear: that a service is ready, what it does, that it lives (sd_notify(3)).
///
/// One datagram for each, over a socket that is made at once: a confined process can't make one.
public struct ServiceNotice: Sendable {
  /// The variables with which the manager asks for it.
  public static let variables: Set = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

  private let socket: Int32
  /// How often the manager wants to hear that the service lives; nil when it does not.
  public let heartbeat: Duration?

  /// Nil when no manager asks, or its socket can't be reached.
  public init?() {
    guard let path = Self.variable("NOTIFY_SOCKET"), let first = path.utf8.first,
      first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
    else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    // An address that is in no file system begins with a zero (unix(7)).
    if first == UInt8(ascii: "@") { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map {
      $0 + name.count + (name[0] == 0 ? 0 : 1)
    }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let socket = Glibc.socket(AF_UNIX, kind, 0)
    guard socket >= 0, let length else { return nil }
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(length)) == 0
      }
    }
    guard isConnected else {
      close(socket)
      return nil
    }
    self.socket = socket
    let isForUs = Self.variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
    // Twice as often as the manager expects it, as sd_watchdog_enabled(3) has it.
    heartbeat =
      isForUs ? Self.variable("WATCHDOG_USEC").flatMap { Int64($0) }.map { .microseconds($0 / 2) } : nil
  }

  /// Sends assignments, such as `READY=1`, a line each.
  public func send(_ assignments: String...) {
    let text = Array(assignments.joined(separator: "\n").utf8)
    _ = text.withUnsafeBytes {
      Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
