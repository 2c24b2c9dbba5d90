import Foundation
import Testing

/// A month of polls in hours: what the daemon needs after many polls is what it needed after a few.
///
/// The supervisor is given no pause between polls, so that as many run as the machine can: all else is as in production, from the key
/// holder to kms-broadcast. `KMS_POLLS=100000 swift test --filter SoakTests` is the long form, which prints a table.
@Suite struct SoakTests {
  /// What the processes that stay have.
  private struct Footprint: CustomStringConvertible {
    var polls = 0
    /// Resident memory in KiB and open descriptors: key holder, news, script.
    var memory: [Int] = []
    var descriptors: [Int] = []
    /// All processes below the key holder, and files in the vault's folder.
    var processes = 0
    var files: [String] = []

    var description: String {
      "\(polls) polls: \(memory) KiB, \(descriptors) descriptors, \(processes) processes, \(files.count) files"
    }
  }

  private static let polls = ProcessInfo.processInfo.environment["KMS_POLLS"].flatMap { Int($0) } ?? 60

  @Test func manyPollsLeaveMemoryDescriptorsAndProcessesAsTheyWere() throws {
    let run = try PipelineRun()
    let approver = try ApproverProcess(run.vault)
    let open = "61dc00000000000000000000"
    try run.addETH(open)  // which stays denied
    let metrics = run.vault.folder.appendingPathComponent("kms.prom").path
    // Stands in the place of the script when the key holder starts it.
    let script = run.vault.folder.appendingPathComponent("without-pause").path
    try PipelineRun.writeStandIn(at: script, "exec \(PipelineRun.supervisor) \"$1\" 0 \"${@:3}\"\n")
    let daemon = try ProgramProcess(
      "kms-wallet",
      [
        "daemon", "--path", run.vault.path, "--testnet", "--external-url", approver.url,
        "--external-url-method", "POST",
        "--metrics-file", metrics,
      ], environment: run.supervisorEnvironment.merging(["TATUM_KMS_SCRIPT": script]) { $1 })
    func polls() -> Int {
      let text = (try? String(contentsOfFile: metrics, encoding: .utf8)) ?? ""
      return text.firstMatch(of: #/\ntatum_kms_polls_total ([0-9]+)\n/#).flatMap { Int($0.output.1) } ?? 0
    }
    var sent = 0
    var prints: [Footprint] = []
    let step = max(20, Self.polls / 50)
    while polls() < Self.polls {
      // A transaction that goes through, now and then.
      let id = "61dc" + String(repeating: "0", count: 19 - "\(sent)".count) + "\(sent)1"
      try run.addETH(id, value: "\(1000 + sent)")
      try approver.allow(id)
      sent += 1
      #expect(try eventually(seconds: 600) { try run.accepted().count == sent }, "\(id) does not get through")
      let goal = polls() + step
      #expect(eventually(seconds: 600) { polls() >= goal }, "polls stand still at \(polls())")
      prints.append(footprint(of: daemon, polls: polls(), folder: run.vault.folder))
      if Self.polls > 1000, let last = prints.last { print(last) }
    }
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 120)
    #expect(result.status == 0, "\(result.errorText)")
    let (first, last) = (prints[prints.count / 10], prints[prints.count - 1])
    // Kernel and allocator round by pages; a leak of 100 bytes a poll would be 10 MB after 100,000.
    for (before, after) in zip(first.memory, last.memory) {
      #expect(after - before < 2048, "\(first) → \(last)")
    }
    // Programs that are asking the key holder have descriptors there, so the number goes up and down with the load: two for each
    // of at most 16 polls. One that is left behind at every poll would be more in the shortest run.
    #expect(
      first.descriptors.count == 3 && zip(first.descriptors, last.descriptors).allSatisfy { $1 - $0 < 32 },
      "\(first) → \(last)")
    // At most 16 polls at once, of five processes each and a shell.
    #expect(prints.allSatisfy { $0.processes <= 16 * 6 + 3 }, "\(prints)")
    #expect(first.files.filter { !$0.hasSuffix(".new") } == last.files.filter { !$0.hasSuffix(".new") })
  }

  private func footprint(of daemon: ProgramProcess, polls: Int, folder: URL) -> Footprint {
    var print = Footprint()
    print.polls = polls
    let all = ProcessTree.below(daemon.processID)
    func words(_ pid: pid_t) -> String {
      (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
    }
    func parent(_ pid: pid_t) -> String? {
      (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8))?.firstMatch(
        of: #/PPid:\t([0-9]+)/#
      ).map { String($0.output.1) }
    }
    let children = all.filter { parent($0) == "\(daemon.processID)" }
    let news = children.filter { words($0).contains("\0news\0") }
    let script = children.filter { words($0).contains("--from-key-holder") }
    for pid in [daemon.processID] + news + script {
      let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
      print.memory.append(status.firstMatch(of: #/VmRSS:\s+([0-9]+) kB/#).flatMap { Int($0.output.1) } ?? -1)
      print.descriptors.append(
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? -1)
    }
    print.processes = all.count
    print.files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    return print
  }
}
