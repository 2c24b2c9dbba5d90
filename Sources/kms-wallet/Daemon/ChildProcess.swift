import Glibc
import KMSProcess
import KMSRecords

/// A program that this one starts, with the descriptors and the environment that it is to have and no others.
struct ChildProcess {
  let processID: pid_t

  /// Starts the program at `path`.
  ///
  /// - Parameters:
  ///   - descriptors: what becomes descriptor 0, 1, 2, …; nothing else stays open.
  ///   - removing: names of variables that it does not get.
  /// - Throws: `ProgramFailure` (69).
  init(_ path: String, _ arguments: [String], descriptors: [Int32], removing: Set<String> = []) throws {
    do throws(Descriptor.Failure) {
      processID = try Spawning.start(
        path, arguments, descriptors: descriptors, keeping: { !removing.contains($0) })
    } catch {
      throw ProgramFailure(.unavailable, "\(path) can't be started: \(error.reason)")
    }
  }

  /// Waits for its end; returns the exit status as shells have it.
  func wait() -> Int32 {
    Spawning.wait(for: processID).map(Self.shellStatus) ?? 127
  }

  static func shellStatus(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// Runs a program and returns its exit status and what it wrote to the two outputs.
  ///
  /// - Parameters:
  ///   - input: its standard input; nil for none.
  ///   - others: what becomes descriptor 3, 4, ….
  static func run(
    _ path: String, _ arguments: [String], removing: Set<String>, input: Int32? = nil, others: [Int32] = []
  ) throws -> (status: Int32, output: String, errors: String) {
    let (null, output, errors) = (System.open("/dev/null", O_RDWR), try pipe(), try pipe())
    let child: ChildProcess
    do {
      defer { for end in [null, output.write, errors.write] { close(end) } }
      child = try ChildProcess(
        path, arguments, descriptors: [input ?? null, output.write, errors.write] + others, removing: removing
      )
    }
    let texts = readAll([output.read, errors.read])
    return (child.wait(), texts[0], texts[1])
  }

  /// Two ends of a pipe, closed on exec.
  static func pipe() throws -> (read: Int32, write: Int32) {
    guard let ends = System.pipe() else {
      throw ProgramFailure(.internalError, "no pipe: \(System.reason())")
    }
    return ends
  }

  /// Reads several descriptors to their ends and closes them; 16 MiB of each at most.
  private static func readAll(_ descriptors: [Int32]) -> [String] {
    var texts = descriptors.map { _ in [UInt8]() }
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var chunk = [UInt8](repeating: 0, count: 65536)
    while polled.contains(where: { $0.fd >= 0 }) {
      if System.poll(&polled, milliseconds: -1) < 0 {
        if errno == EINTR { continue }
        break
      }
      for i in polled.indices where polled[i].fd >= 0 && polled[i].revents != 0 {
        let count = unsafe read(polled[i].fd, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count > 0, texts[i].count < 16 << 20 {
          texts[i] += chunk[..<count]
        } else {
          close(polled[i].fd)
          polled[i].fd = -1
        }
      }
    }
    return texts.map { String(decoding: $0, as: UTF8.self) }
  }
}
