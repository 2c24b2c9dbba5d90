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
    guard pipeEnds.read < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    pipeEnds = (ends[0], ends[1])
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let saved = errno
      StopSignal.received = number
      var byte: UInt8 = 1
      _ = Glibc.write(StopSignal.pipeEnds.write, &byte, 1)
      errno = saved
    }
    sigaction(SIGTERM, &action, nil)
    // Whoever starts a program in the background has it ignore Ctrl-C, which is meant for another one.
    for number in hangUp ? [SIGINT, SIGHUP] : [SIGINT] {
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      if !isIgnored(inherited) { sigaction(number, &action, nil) }
    }
    signal(SIGPIPE, SIG_IGN)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Whether a signal came.
  public static var isRequested: Bool { received != 0 }

  /// A descriptor that becomes readable when a signal comes, and stays so; -1 before `install`.
  public static var fileDescriptor: Int32 { pipeEnds.read }

  // Written by the signal handler and read elsewhere: an aligned 32-bit store, which no reader can see half done.
  private nonisolated(unsafe) static var received: Int32 = 0
  private nonisolated(unsafe) static var pipeEnds: (read: Int32, write: Int32) = (-1, -1)
}
