internal import Glibc

/// A message on a Unix socket of kind SOCK_SEQPACKET, with what the kernel says about its sender, and perhaps a descriptor
/// (unix(7), cmsg(3)). At most 1024 bytes of text.
public struct SocketMessage: Sendable {
  /// The longest text in bytes.
  public static let maximumLength = 1024

  /// What was written.
  public let text: [UInt8]
  /// The sender's process, by the kernel's word; nil unless `wantCredentials` was called before it was sent.
  public let process: Int32?
  /// The sender's user.
  public let user: UInt32?
  /// A descriptor that came along, with close-on-exec set; the receiver's to close.
  public let descriptor: Int32?

  // cmsghdr of Linux on 64-bit machines: length as 8 bytes, level and type as 4 each; then data, padded to 8 bytes.
  private static let headerSize = 16
  /// SCM_CREDENTIALS of Linux's socket.h, which Swift does not import.
  private static let credentials: UInt64 = 2

  /// Asks the kernel to name the senders of messages that arrive from now on.
  public static func wantCredentials(_ socket: Int32) -> Bool {
    var on: Int32 = 1
    return unsafe setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, socklen_t(MemoryLayout<Int32>.size)) == 0
  }

  /// Two connected sockets, closed on exec.
  public static func pair() -> (Int32, Int32)? {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    return unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// Sends a text, and a descriptor with it; false when that fails.
  public static func send(_ text: [UInt8], _ descriptor: Int32? = nil, to socket: Int32) -> Bool {
    var control = [UInt64](repeating: 0, count: 3)
    control[0] = UInt64(headerSize + MemoryLayout<Int32>.size)
    control[1] = UInt64(UInt32(bitPattern: SOL_SOCKET)) | UInt64(SCM_RIGHTS) << 32
    control[2] = UInt64(UInt32(bitPattern: descriptor ?? -1))
    return unsafe withBuffers(text.isEmpty ? [0] : text, &control) { header in
      if descriptor == nil { unsafe (header.msg_control, header.msg_controllen) = (nil, 0) }
      while true {
        let count = unsafe sendmsg(socket, &header, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        return count >= 0
      }
    }
  }

  /// Takes a message; nil at the end, on an error, or when none came in the socket's time.
  public static func receive(from socket: Int32) -> SocketMessage? {
    var text = [UInt8](repeating: 0, count: maximumLength)
    var control = [UInt64](repeating: 0, count: 16)
    var used = 0
    let count = unsafe withBuffers(&text, &control) { header in
      while true {
        let count = unsafe recvmsg(socket, &header, Int32(MSG_CMSG_CLOEXEC))
        if count < 0, errno == EINTR { continue }
        used = unsafe Int(header.msg_controllen)
        return count
      }
    }
    guard count > 0 else { return nil }
    return SocketMessage(Array(text[..<count]), control: control, used: used)
  }

  private init(_ text: [UInt8], control: [UInt64], used: Int) {
    var process: Int32?
    var user: UInt32?
    var descriptors: [Int32] = []
    var at = 0
    while at + Self.headerSize <= used, at % 8 == 0 {
      let length = Int(clamping: control[at / 8])
      guard length >= Self.headerSize, at + length <= used else { break }
      let kind = control[at / 8 + 1]
      let data = at / 8 + 2
      if kind == UInt64(UInt32(bitPattern: SOL_SOCKET)) | Self.credentials << 32 {
        // struct ucred: process, user, group.
        process = Int32(truncatingIfNeeded: control[data])
        user = UInt32(truncatingIfNeeded: control[data] >> 32)
      } else if kind == UInt64(UInt32(bitPattern: SOL_SOCKET)) | UInt64(SCM_RIGHTS) << 32 {
        for i in 0..<(length - Self.headerSize) / 4 {
          descriptors.append(Int32(truncatingIfNeeded: control[data + i / 2] >> (i % 2 == 0 ? 0 : 32)))
        }
      }
      at += (length + 7) / 8 * 8
    }
    for extra in descriptors.dropFirst() { close(extra) }
    (self.text, self.process, self.user, descriptor) = (text, process, user, descriptors.first)
  }

  private static func withBuffers<R>(
    _ text: [UInt8], _ control: inout [UInt64], _ body: (inout msghdr) -> R
  ) -> R {
    var text = text
    return unsafe withBuffers(&text, &control, body)
  }

  /// The addresses in the header are good for as long as `body` runs.
  private static func withBuffers<R>(
    _ text: inout [UInt8], _ control: inout [UInt64], _ body: (inout msghdr) -> R
  ) -> R {
    unsafe text.withUnsafeMutableBytes { text in
      unsafe control.withUnsafeMutableBytes { control in
        var part = unsafe iovec(iov_base: text.baseAddress, iov_len: text.count)
        return unsafe withUnsafeMutablePointer(to: &part) { part in
          var header = unsafe msghdr()
          unsafe (header.msg_iov, header.msg_iovlen) = (part, 1)
          unsafe (header.msg_control, header.msg_controllen) = (control.baseAddress, control.count)
          return unsafe body(&header)
        }
      }
    }
  }
}
