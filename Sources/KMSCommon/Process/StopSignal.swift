internal import Glibc

/// SIGTERM and SIGINT as a wish to stop: what was read is finished and flushed, then the program ends.
///
/// The handler writes to a pipe, so that a stage waiting for input or for the network wakes up without a race.
public enum StopSignal {
  /// Installs the handlers and ignores SIGPIPE, whose place EPIPE takes. A SIGINT that is ignored already stays so.
  /// Call once, at the start.
  ///
  /// - Parameter hangUp: whether SIGHUP is such a wish, too, unless it is ignored already.
  public static func install(hangUp: Bool = false) {
    guard unsafe pipeEnds.read < 0 else { return }
    guard let ends = System.pipe(O_NONBLOCK) else { return }
    unsafe pipeEnds = ends
    // Whoever starts a program in the background has it ignore Ctrl-C, which is meant for another one.
    let others = (hangUp ? [SIGINT, SIGHUP] : [SIGINT]).filter { !System.isIgnored($0) }
    for number in [SIGTERM] + others {
      System.handle(number) { number in
        let saved = errno
        unsafe StopSignal.received = number
        var byte: UInt8 = 1
        _ = unsafe Glibc.write(StopSignal.pipeEnds.write, &byte, 1)
        errno = saved
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Whether a signal came.
  public static var isRequested: Bool { unsafe received != 0 }

  /// A descriptor that becomes readable when a signal comes, and stays so; -1 before `install`.
  public static var fileDescriptor: Int32 { unsafe pipeEnds.read }

  // Written by the signal handler and read elsewhere: an aligned 32-bit store, which no reader can see half done.
  private nonisolated(unsafe) static var received: Int32 = 0
  private nonisolated(unsafe) static var pipeEnds: (read: Int32, write: Int32) = (-1, -1)
}
