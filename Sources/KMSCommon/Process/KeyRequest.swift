internal import Glibc
public import KMSCrypto

/// How a program asks the key holder for what is its own, over a socket that it inherited.
///
/// The program says hello and sends a socket of its own for all that follows. The holder looks at who asks: the user, and which
/// file the process runs (`/proc/<pid>/exe`), for which the program lets itself be looked at, once, before it has anything to
/// hide. "seen" comes back; the program closes itself to debuggers, and names what it wants. For each name the holder makes
/// sure that it is the same process, that nobody traces it or can look into it any more, and that it runs the program that may
/// have this, and only then sends it.
public enum KeyRequest {
  /// What a program says first, over the socket that it inherited.
  public static let hello = Array("hello".utf8)
  /// The holder's answer to that, over the program's own.
  public static let seen = Array("seen".utf8)
  /// The name of the API key; the keys of the vault have the names of `StageKey.Kind`.
  public static let apiKey = "api-key"
  /// The name of the header lines for the operator's server.
  public static let approverHeaders = "approver-headers"
  /// The longest secret that a holder gives, in bytes.
  public static let maximumSecret = 16 << 10

  private static let secondsToWait = 30
  /// The program's own socket, once it was seen. A program asks before it has threads.
  private nonisolated(unsafe) static var channel: Int32?

  /// Whether a descriptor leads to a key holder.
  public static func isHolder(_ descriptor: Int32) -> Bool {
    System.status(descriptor).map { $0.st_mode & S_IFMT == S_IFSOCK } ?? false
  }

  /// Asks for a secret, of at most `maximumSecret` bytes.
  ///
  /// - Throws: `ProgramFailure` (77) when the holder does not give it, or has gone.
  public static func ask(for name: String, over holder: Int32) throws -> SecretBytes {
    let channel = try unsafe channel ?? open(holder, name)
    unsafe self.channel = channel
    guard SocketMessage.send(Array(name.utf8), to: channel) else { throw refused(name) }
    var length = 0
    let secret = try SecretBytes(
      count: maximumSecret + 1,
      writing: { out in
        // A wish to stop may come meanwhile: it is no refusal.
        repeat {
          length = unsafe out.withUnsafeMutableBytes { unsafe recv(channel, $0.baseAddress, $0.count, 0) }
        } while length < 0 && errno == EINTR
      })
    guard length > 0, length <= maximumSecret else { throw refused(name) }
    return try secret.slice(0..<length)
  }

  private static func open(_ holder: Int32, _ name: String) throws(ProgramFailure) -> Int32 {
    guard let (own, other) = SocketMessage.pair() else {
      throw ProgramFailure(.internalError, "no socket: \(System.reason())")
    }
    var time = timeval(tv_sec: secondsToWait, tv_usec: 0)
    unsafe setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    SecretMemory.allowInspection(true)
    let isSent = SocketMessage.send(hello, other, to: holder)
    close(other)
    let isSeen = isSent && SocketMessage.receive(from: own)?.text == seen
    SecretMemory.allowInspection(false)
    guard isSeen else {
      close(own)
      throw refused(name)
    }
    return own
  }

  private static func refused(_ name: String) -> ProgramFailure {
    ProgramFailure(
      .noPermission, "the key holder does not give \(name) to this program, or has ended",
      hint: "it gives each program of its own folder that program's key, and nothing to others")
  }
}
