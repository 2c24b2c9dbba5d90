import Foundation
import Glibc
import KMSRecords
import Testing

/// What the daemon tells a service manager, and monitoring.
@Suite(.serialized) struct ServiceTests {
  private let run: PipelineRun

  init() throws { run = try PipelineRun() }

  /// sd_notify(3): a datagram for each, over a socket that a variable names.
  @Test func saysWhenItIsReadyAndThatItLives() throws {
    let path = run.vault.folder.appendingPathComponent("notify").path
    let manager = try DatagramSocket(path)
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1"], environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000000"])
    #expect(try #require(manager.next()).hasPrefix("READY=1\nSTATUS=polling every 1 s"))
    #expect(manager.next() == "WATCHDOG=1")
    #expect(manager.next() == "WATCHDOG=1")
    for pid in ProcessTree.below(daemon.processID) {
      let environment = (try? String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8)) ?? ""
      let name = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? ""
      if !name.hasPrefix("kms-wallet") { #expect(!environment.contains("NOTIFY_SOCKET"), "\(name)") }
    }
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 30).status == 0)
    var rest: [String] = []
    while let next = manager.next(seconds: 1) { rest.append(next) }
    #expect(rest.contains { $0.hasPrefix("STOPPING=1") })
  }

  @Test func aManagerThatIsForAnotherProcessGetsNoSignsOfLife() throws {
    let path = run.vault.folder.appendingPathComponent("notify").path
    let manager = try DatagramSocket(path)
    let daemon = try run.startSupervisor(
      ["--testnet", "--run-once"],
      environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"])
    #expect(daemon.wait().status == 0)
    var all: [String] = []
    while let next = manager.next(seconds: 1) { all.append(next) }
    #expect(!all.isEmpty && !all.contains("WATCHDOG=1"), "\(all)")
  }

  @Test func metricsAreCountedByChainAndOutcome() throws {
    try run.addETH("61dc00000000000000000001")
    try run.addETH("61dc00000000000000000002")
    try run.sandbox.control("approvals", ["deny": ["61dc00000000000000000002"]])
    let file = run.vault.folder.appendingPathComponent("tatum-kms.prom").path
    let result = try run.startSupervisor(
      ["--testnet", "--run-once", "--external-url", run.sandbox.url + "/approve", "--metrics-file", file]
    ).wait()
    #expect(result.status == 0, "\(result.errorText)")
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
    for line in [
      #"tatum_kms_info{version="0.1.0",network="testnet"} 1"#, "tatum_kms_polls_total 1",
      #"tatum_kms_results_total{chain="ETH",outcome="sent"} 1"#,
      #"tatum_kms_results_total{chain="ETH",outcome="denied"} 1"#,
      #"tatum_kms_open_transactions{chain="ETH",outcome="denied"} 1"#,
      #"tatum_kms_result_duration_seconds_bucket{chain="ETH",outcome="sent",le="+Inf"} 1"#,
      "tatum_kms_poll_duration_seconds_count 1",
    ] { #expect(lines.contains(line), "\(line) is not in \(lines)") }
    // Each line is one of the format: a comment, or a name, labels, a number.
    for line in lines where !line.hasPrefix("# ") {
      #expect(
        line.wholeMatch(of: #/tatum_kms_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+/#) != nil,
        "\(line)")
    }
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o644, "the collector is another user")
    let other = try run.startSupervisor(
      ["--testnet", "--run-once", "--metrics-file", "/proc/no/such/folder/tatum-kms.prom"]
    ).wait()
    #expect(other.status == 0)
    #expect(other.errorText.contains("the file of metrics can't be written"), "\(other.errorText)")
  }
}

/// A socket at which a service manager listens.
private final class DatagramSocket: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw CocoaError(.featureUnsupported) }
  }

  deinit { close(descriptor) }

  /// The next message; nil when none comes in time.
  func next(seconds: Int = 30) -> String? {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
