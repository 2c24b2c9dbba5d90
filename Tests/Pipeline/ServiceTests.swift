import Foundation
import Glibc
import Testing

/// What the daemon tells a service manager (sd_notify(3)): the test is the manager.
@Suite struct ServiceTests {
  private let run: PipelineRun

  init() throws { run = try PipelineRun() }

  @Test(arguments: [false, true])
  func saysThatItIsReadyWhatItIsAtAndThatItLives(atAnAbstractAddress isAbstract: Bool) throws {
    try run.addETH("61dc00000000000000000001")
    let manager = try ServiceManager(
      isAbstract
        ? "@tatum-kms-test-\(getpid())-\(run.vault.folder.lastPathComponent)"
        : run.vault.folder.path + "/notify")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1", "--verbose"],
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000000"])
    #expect(try #require(manager.next()) == "READY=1\nSTATUS=polls every 1 s")
    #expect(manager.hears { $0 == "WATCHDOG=1" })
    #expect(
      manager.hears {
        $0.hasPrefix("STATUS=poll ") && $0.contains("since the start 1 sent, 0 failed; pending 0 denied")
      })
    #expect(manager.hears { $0 == "WATCHDOG=1" })
    // Nobody but the key holder can speak for the service: none of its children knows where to.
    #expect(String(decoding: daemon.errorSoFar, as: UTF8.self).contains("seccomp"))
    for pid in ProcessTree.below(daemon.processID) where pid != daemon.processID {
      let environment = (try? String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8)) ?? ""
      #expect(!environment.contains("NOTIFY_SOCKET") && !environment.contains("WATCHDOG"), "\(pid)")
    }
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 30).status == 0)
    #expect(manager.hears { $0.hasPrefix("STOPPING=1\n") })
  }

  /// The key holder of a pipeline that does not poll any more is alive, but no good.
  @Test func aPipelineThatStandsStillIsNotCalledAlive() throws {
    let manager = try ServiceManager(run.vault.folder.path + "/notify")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1"], environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000"])
    #expect(manager.hears { $0 == "WATCHDOG=1" })
    let script = try #require(
      ProcessTree.below(daemon.processID).first { pid in
        let words = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        return words.contains("--from-key-holder")
      })
    kill(script, SIGSTOP)
    #expect(manager.falls(silentFor: 5))
    kill(script, SIGCONT)
    #expect(manager.hears { $0 == "WATCHDOG=1" })
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 30).status == 0)
  }

  /// WATCHDOG_PID names another process; a socket that is not there, and an address that is none, stop nothing.
  @Test func aManagerOfAnotherProcessOrNoneChangesNothing() throws {
    let manager = try ServiceManager(run.vault.folder.path + "/notify")
    let result = try run.startSupervisor(
      ["--testnet", "--run-once"],
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"]
    ).wait()
    #expect(result.status == 0)
    let all = manager.rest()
    #expect(all.first == "READY=1\nSTATUS=polls once" && !all.contains("WATCHDOG=1"), "\(all)")
    for name in ["/nonexistent/notify", "notify", "", "@", "/" + String(repeating: "x", count: 108)] {
      let result = try run.startSupervisor(
        ["--testnet", "--run-once"], environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "-1"]
      ).wait()
      #expect(result.status == 0, "\(name): \(result.errorText)")
    }
  }
}

/// A socket at which a service manager listens.
private final class ServiceManager: Sendable {
  let name: String
  private let descriptor: Int32

  /// - Parameter name: a path, or a name outside of the file system after `@`.
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    try #require(bytes.count < 108)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
    }
    try #require(result == 0, "\(String(cString: strerror(errno)))")
  }

  deinit { close(descriptor) }

  /// The next message; nil when none comes in time.
  func next(seconds: Int = 60) -> String? {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  /// Waits for a message of a kind.
  func hears(_ isWanted: (String) -> Bool) -> Bool {
    let end = Date().addingTimeInterval(60)
    while Date() < end, let message = next() { if isWanted(message) { return true } }
    return false
  }

  /// Waits until nothing comes for some seconds.
  func falls(silentFor seconds: Int) -> Bool {
    let end = Date().addingTimeInterval(60)
    while Date() < end { if next(seconds: seconds) == nil { return true } }
    return false
  }

  func rest() -> [String] {
    var all: [String] = []
    while let message = next(seconds: 1) { all.append(message) }
    return all
  }
}
