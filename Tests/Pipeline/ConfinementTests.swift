import Foundation
import Glibc
import KMSRecords
import Testing

/// What somebody else's code can do in the place of one of our programs (intruder.c), after the program has confined itself.
///
/// Runs as whoever runs the tests, root included: what is refused to root, too, is refused by the confinement.
@Suite(.serialized) struct ConfinementTests {
  private let run: PipelineRun
  private let library: String
  /// A port on which somebody listens who is nothing to us.
  private let stranger: LoopbackListener
  /// A file that is nothing to any program.
  private let foreign: String
  private let elsewhere: URL

  init() throws {
    run = try PipelineRun()
    stranger = try LoopbackListener()
    // Not in the folder of the vault, where the signer may write.
    elsewhere = FileManager.default.temporaryDirectory.appendingPathComponent(
      "kms-foreign-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
    foreign = elsewhere.appendingPathComponent("foreign").path
    try "nothing to see".write(toFile: foreign, atomically: false, encoding: .utf8)
    library = run.vault.folder.appendingPathComponent("intruder.so").path
    let source = SourceTree.root.appendingPathComponent("Tests/Pipeline/intruder.c").path
    let built = try ProgramProcess.run(
      "/usr/bin/env", ["clang", "-Wall", "-shared", "-fPIC", "-o", library, source])
    try #require(built.status == 0, "\(built.errorText)")
  }

  /// The intruder's environment: whom to get at, and which files to try.
  private func intruder(target: String, read: [String], write: [String]) -> [String: String] {
    let made = run.vault.folder.appendingPathComponent("made").path
    let other = elsewhere.appendingPathComponent("made").path
    return [
      "LD_PRELOAD": library, "INTRUDER_PORT": "\(stranger.port)", "INTRUDER_TARGET": target,
      "INTRUDER_READ": (read + [foreign, "/etc/passwd"]).joined(separator: ":"),
      "INTRUDER_WRITE": (write + [foreign]).joined(separator: ":"), "INTRUDER_MAKE": "\(made):\(other)",
    ]
  }

  /// What worked of the intruder's attempts in a program, and how many there were.
  private func outcome(_ text: String, of program: String) -> (worked: Set<String>, attempts: Int) {
    var worked: Set<String> = []
    var attempts = 0
    for line in text.split(separator: "\n") {
      guard let match = line.firstMatch(of: #/intruder (\S+) (.+) (\d+)$/#), match.1 == program else {
        continue
      }
      attempts += 1
      // Anything but a refusal is as good as an open door.
      if !["\(EPERM)", "\(EACCES)"].contains(match.3) { worked.insert(String(match.2)) }
    }
    return (worked, attempts)
  }

  /// The intruder does work: in a program that is not confined everything goes.
  @Test func anUnconfinedProgramCanDoAllOfIt() throws {
    let sleeper = try ProgramProcess("/bin/sleep", ["100"])
    let result = try ProgramProcess.run(
      "/bin/cat", environment: intruder(target: "\(sleeper.processID)", read: [], write: []))
    let (worked, attempts) = outcome(result.errorText, of: "cat")
    #expect(attempts == 21)
    // A container may forbid some of it to everybody.
    #expect(
      worked.isSuperset(of: ["read:\(foreign)", "write:\(foreign)", "connect", "listen", "unix", "fork"]))
  }

  @Test(arguments: ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast"])
  func aStageCanDoNoneOfIt(program: String) throws {
    let kernel = Kernel()
    guard kernel.landlock >= 6 else { return }
    try run.addETH("61dc00000000000000000001")
    let sleeper = try ProgramProcess("/bin/sleep", ["100"])
    let path = run.vault.path
    let isSigner = program == "kms-sign"
    let isFetcher = program == "kms-fetch"
    let environment = intruder(
      target: "\(sleeper.processID)",
      read: [run.vault.passwordFile] + (isFetcher || isSigner ? [] : [path]), write: isSigner ? [] : [path])
    let result = try poll(upTo: program, environment)
    #expect(try result.records.count == 1, "\(result.errorText)")
    let (worked, attempts) = outcome(result.errorText, of: program)
    #expect(attempts == (isFetcher ? 24 : isSigner ? 23 : 25), "\(result.errorText)")
    // The signer makes, reads and writes files in the folder of its journal.
    let own = run.vault.folder.path
    #expect(worked.filter { !isSigner || !$0.contains(own) } == [])
  }

  /// All stages up to `program`, which runs with the intruder; the one before it hands it its records.
  private func poll(upTo program: String, _ environment: [String: String]) throws -> ProgramProcess.Result {
    let both = run.environment.merging(environment) { $1 }
    let place = ["--testnet", "--path", run.vault.path]
    if program == "kms-fetch" {
      return try run.vault.run(program, key: .view, place, input: "", environment: both)
    }
    let fetched = try run.fetch().outputText
    if program == "kms-verify" {
      return try run.vault.run(
        program, key: .approve, ["--external-url", run.sandbox.url + "/approve"], input: fetched,
        environment: environment)
    }
    let approved = try run.verify(fetched).outputText
    if program == "kms-sign" {
      return try run.vault.run(program, key: .vault, place, input: approved, environment: environment)
    }
    return try run.vault.run(program, input: run.sign(approved).outputText, environment: both)
  }

  /// In the daemon: nobody in the place of a program gets at the process that holds the keys.
  @Test func noProgramOfTheDaemonGetsAtTheHolder() throws {
    guard Kernel().landlock >= 6 else { return }
    try run.addETH("61dc00000000000000000001")
    let result = try run.startSupervisor(
      ["--testnet", "--run-once", "--external-url", run.sandbox.url + "/approve"],
      environment: intruder(target: "kms-wallet", read: [], write: [])
    ).wait()
    #expect(result.status == 0, "\(result.errorText)")
    for program in ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"] {
      let (worked, attempts) = outcome(result.errorText, of: program)
      #expect(attempts == 22, "\(program): \(result.errorText)")
      // The news tells the holder to stop when nobody reads the results.
      let signal: Set = program == "kms-wallet" ? ["signal"] : []
      #expect(worked.filter { !$0.contains("/") } == signal, "\(program)")
    }
  }

  @Test func theHolderIsConfinedOnceTheScriptRuns() throws {
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    try run.waitForFirstPoll()
    let status = try String(contentsOfFile: "/proc/\(daemon.processID)/status", encoding: .utf8)
    #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "\(status)")
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 180).status == 0)
  }

  /// Where the kernel has all of it, nothing is missing, and `--verbose` says so.
  @Test func verboseSaysWhatWasDone() throws {
    let result = try ProgramProcess.run("kms-verify", ["--verbose"])
    let line = try #require(result.errorText.split(separator: "\n").first { $0.contains("confined") })
    #expect(line.contains("seccomp"))
    if Kernel().landlock >= 6 { #expect(line.contains("missing=nothing") && line.contains("Landlock")) }
  }

  /// A password command runs outside, and only when the password is wanted.
  @Test func aPasswordCommandRunsUnconfinedWhenItIsWanted() throws {
    let mark = run.vault.folder.appendingPathComponent("ran").path
    let command = "touch '\(mark)'; /bin/cat '\(run.vault.passwordFile)'"
    let arguments = ["--testnet", "--path", run.vault.path, "--password-command", command]
    let idle = try ProgramProcess.run("kms-sign", arguments)
    #expect(idle.status == 0, "\(idle.errorText)")
    #expect(!FileManager.default.fileExists(atPath: mark), "there was nothing to sign")
    try run.addETH("61dc00000000000000000001")
    let approved = try run.verify(run.fetch().outputText).outputText
    let signed = try ProgramProcess.run("kms-sign", arguments, input: Array(approved.utf8))
    #expect(try signed.records.map { $0["signed"] != nil } == [true], "\(signed.errorText)")
    #expect(FileManager.default.fileExists(atPath: mark))
  }
}

/// What this machine's kernel offers.
private struct Kernel {
  /// The ABI of Landlock; 0 without it.
  let landlock: Int

  init() {
    let result = try? ProgramProcess.run("kms-verify", ["--verbose"])
    landlock = result?.errorText.firstMatch(of: #/Landlock (\d+)/#).flatMap { Int($0.1) } ?? 0
  }
}

/// Somebody who listens on a port of this machine, and says nothing.
private final class LoopbackListener: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) | listen(descriptor, 8) | getsockname(descriptor, $0, &length)
      }
    }
    guard result == 0 else { throw CocoaError(.featureUnsupported) }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
