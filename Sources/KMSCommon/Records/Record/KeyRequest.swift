internal import Glibc
public import KMSCrypto

/// How a program asks the key holder for what is its own, over a socket that it inherited.
///
/// The program sends the name of what it wants, and a socket of its own for the answer. The holder looks at who asks: the
/// user, and which file the process runs (`/proc/<pid>/exe`), for which the program lets itself be looked at while it has
/// nothing to hide. "seen" comes back; the program closes itself to debuggers and says "ready"; the holder makes sure that it
/// was the same process that is not traced and can't be looked into any more, and only then sends the secret.
public enum KeyRequest {
  /// The holder's answer to a name.
  public static let seen = Array("seen".utf8)
  /// The program's answer to that.
  public static let ready = Array("ready".utf8)
  /// The name of the API key; the keys of the vault have the names of `StageKey.Kind`.
  public static let apiKey = "api-key"

  private static let secondsToWait = 30

  /// Whether a descriptor leads to a key holder.
  public static func isHolder(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// Asks for a secret, of fewer than 1024 bytes.
  ///
  /// - Throws: `ProgramFailure` (77) when the holder does not give it, or has gone.
  public static func ask(for name: String, over holder: Int32) throws -> SecretBytes {
    guard let (own, other) = SocketMessage.pair() else {
      throw ProgramFailure(.internalError, "no socket: \(String(cString: strerror(errno)))")
    }
    defer { close(own) }
    var time = timeval(tv_sec: secondsToWait, tv_usec: 0)
    setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    SecretMemory.allowInspection(true)
    defer { SecretMemory.allowInspection(false) }
    let isSent = SocketMessage.send(Array(name.utf8), other, to: holder)
    close(other)
    guard isSent, SocketMessage.receive(from: own)?.text == seen else { throw refused(name) }
    SecretMemory.allowInspection(false)
    guard SocketMessage.send(ready, to: own) else { throw refused(name) }
    var length = 0
    let secret = try SecretBytes(count: SocketMessage.maximumLength) {
      (out: UnsafeMutableRawBufferPointer) throws(Never) in
      length = recv(own, out.baseAddress, out.count, 0)
    }
    guard length > 0, length < SocketMessage.maximumLength else { throw refused(name) }
    return try secret.slice(0..<length)
  }

  private static func refused(_ name: String) -> ProgramFailure {
    ProgramFailure(
      .noPermission, "the key holder does not give \(name) to this program, or has ended",
      hint: "it gives each program of its own folder that program's key, and nothing to others")
  }
}
