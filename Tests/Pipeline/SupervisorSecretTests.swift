import Foundation
import Glibc
import KMSCrypto
import KMSRecords
import KMSVault
import Testing

/// What the daemon, while it runs, shows to those who look.
@Suite(.serialized) struct SupervisorSecretTests {
  private let run: PipelineRun
  /// Password, API key, a private key, and the keys of the stages in their text form.
  private let secrets: [String]

  init() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let keys = try StageKey.Kind.allCases.map { kind in
      try run.vault.vault.key(for: kind).secret.hexEncoded().withUnsafeBytes {
        String(decoding: $0, as: UTF8.self)
      }
    }
    self.run = run
    secrets = [KeyedVault.password, run.sandbox.apiKey, String(KeyedVault.TestKey.eth.dropFirst(2))] + keys
  }

  @Test func showsNoSecretToOtherUsers() throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("kms-empty-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1", "--apiKey=\(run.sandbox.apiKey)"],
      environment: ["HOME": home.path, "TMPDIR": home.path])
    try run.waitForFirstPoll()
    var looked = Looked()
    let stages: Set = ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast"]
    // Stages are short-lived: until each was met, and long enough for some polls.
    for round in 0..<1000 where round < 60 || !looked.programs.isSuperset(of: stages) {
      for pid in ProcessTree.below(daemon.processID) { look(at: pid, &looked) }
      usleep(40_000)
    }
    #expect(looked.files > 100)
    #expect(looked.programs.isSuperset(of: stages))
    #expect(looked.lockedKiB > 0, "keys lie in memory that is locked")
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    for secret in secrets { #expect(!result.errorText.contains(secret)) }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: home.path).isEmpty, "no temporary file, no history")
    let beside = try FileManager.default.contentsOfDirectory(atPath: run.vault.folder.path)
    #expect(Set(beside) == ["password", "wallet.dat", "journal.db", "status.json", "refused.jsonl"])
    for file in ["wallet.dat", "journal.db", "status.json", "refused.jsonl"] {
      let bytes =
        FileManager.default.contents(atPath: run.vault.folder.appendingPathComponent(file).path) ?? Data()
      for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)") }
    }
  }

  private struct Looked {
    var files = 0
    var programs: Set<String> = []
    var lockedKiB = 0
  }

  /// Arguments, environment, open files, and what a core dump would hold.
  private func look(at pid: pid_t, _ looked: inout Looked) {
    func read(_ file: String) -> String? {
      FileManager.default.contents(atPath: "/proc/\(pid)/\(file)").flatMap {
        $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self)
      }
    }
    for file in ["cmdline", "environ"] {
      guard let text = read(file) else { continue }
      looked.files += 1
      for secret in secrets { #expect(!text.contains(secret), "\(file) of \(text.prefix(60))") }
      #expect(!text.contains("vault:"), "\(file)")
    }
    if let limits = read("limits") {
      #expect(limits.contains(#/Max core file size +0 +0 /#), "no core file of \(pid)")
    }
    if let filter = read("coredump_filter") {
      #expect(Int(filter.trimmingCharacters(in: .newlines), radix: 16) == 0, "no memory in a dump of \(pid)")
    }
    if let name = read("comm") { looked.programs.insert(name.trimmingCharacters(in: .newlines)) }
    if let locked = read("status")?.firstMatch(of: #/VmLck:\s+(\d+) kB/#) {
      looked.lockedKiB = max(looked.lockedKiB, Int(locked.output.1) ?? 0)
    }
    for file in openFiles(pid) {
      #expect(file != run.vault.passwordFile, "\(pid) has the password's file open")
      // Such as bash makes for a here-document.
      #expect(
        !file.hasSuffix(" (deleted)") || file.hasPrefix("/memfd:tatum-kms-locks"),
        "\(pid) has a file without a name open: \(file)")
    }
  }

  private func openFiles(_ pid: pid_t) -> [String] {
    let folder = "/proc/\(pid)/fd"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
  }

  /// Descriptors of the supervisor's own must not get in the way of the user's.
  @Test(arguments: [3, 6, 8, 9, 10]) func givesThePasswordsDescriptorToTheWalletAlone(number: Int32) throws {
    let file = open(run.vault.passwordFile, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1", "--password-fd", "\(number)"], environment: ["TATUM_KMS_PASSWORD": "wrong"],
      descriptors: [number: file])
    try run.waitForFirstPoll()
    var seen = 0
    for _ in 0..<20 {
      for pid in ProcessTree.below(daemon.processID) {
        let files = openFiles(pid)
        seen += files.count
        #expect(!files.contains(run.vault.passwordFile), "\(pid)")
      }
      usleep(40_000)
    }
    #expect(seen > 20)
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0, "\(result.errorText)")
  }

  @Test func traceShowsNoSecret() throws {
    let result = try ProgramProcess.run(
      "/bin/bash", ["-x", PipelineRun.supervisor, "--testnet", "--run-once", "--path", run.vault.path],
      environment: run.supervisorEnvironment.merging(["SHELLOPTS": "xtrace"]) { $1 })
    #expect(result.status == 0, "\(result.errorText)")
    for secret in secrets { #expect(!result.errorText.contains(secret)) }
    #expect(!result.errorText.contains("vault:"))
  }
}

extension PipelineRun {
  /// Waits until the sandbox was asked for something.
  func waitForFirstPoll() throws {
    let deadline = Date().addingTimeInterval(40)
    while Date() < deadline, (try sandbox.look("log").array ?? []).isEmpty { usleep(20_000) }
    #expect(!(try sandbox.look("log").array ?? []).isEmpty)
  }
}
