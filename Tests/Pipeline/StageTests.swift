import Foundation
import Glibc
import KMSProcess
import KMSRecords
import Testing

/// What all stages have in common.
@Suite struct StageTests {
  private static let stages: [(String, [String])] = [
    ("kms-verify", []), ("kms-sign", []), ("kms-broadcast", ["--api-url", "http://127.0.0.1:9"]),
  ]
  private let ended =
    #"{"v":1,"id":"%","chain":"ETH","testnet":true,"pending":{"id":"%"},"error":{"stage":"fetch","outcome":"denied","code":"x","message":"y"}}"#

  private func line(_ id: String) -> String { ended.replacing("%", with: id) + "\n" }

  @Test(arguments: stages.map(\.0)) func passesRecordsThroughInOrder(stage: String) throws {
    let input = (0..<2_000).map { line("r\($0)") }.joined()
    let result = try run(stage, input)
    #expect(result.status == 0, "\(result.errorText.prefix(500))")
    #expect(result.outputText == input)
  }

  @Test(arguments: stages.map(\.0)) func reportsBadLinesWithTheirNumbers(stage: String) throws {
    let result = try run(stage, line("a") + "{\n" + line("b") + "\u{7f}\n")
    #expect(result.status == 65)
    #expect(result.outputText == line("a") + line("b"))
    #expect(result.errorText.contains("line 2 ") && result.errorText.contains("line 4 "))
  }

  @Test(arguments: stages.map(\.0)) func finishesWhatWasReadOnSIGTERM(stage: String) throws {
    let process = try ProgramProcess(stage, arguments(stage), environment: ["TATUM_API_KEY": "k"])
    process.write(line("a") + line("b"))
    #expect(process.waitForLines(2).count == 2)
    process.write(#"{"v":1,"id":"cut"#)
    usleep(200_000)
    process.send(SIGTERM)
    let result = process.wait(timeoutSeconds: 180)
    #expect(!result.timedOut)
    #expect(result.signal == nil)
    #expect(result.outputText == line("a") + line("b"))
  }

  @Test(arguments: stages.map(\.0)) func endsQuietlyWhenTheReaderGoesAway(stage: String) throws {
    let program = ([SourceTree.program(stage)] + arguments(stage)).joined(separator: " ")
    let result = try ProgramProcess.run(
      "/bin/bash", ["-c", "\(program) | head -n 1; echo ${PIPESTATUS[0]}"],
      input: Array((0..<20_000).map { line("r\($0)") }.joined().utf8), environment: ["TATUM_API_KEY": "k"])
    #expect(result.outputLines == [String(line("r0").dropLast()), "141"])
    #expect(!result.errorText.contains("rror:"), "\(result.errorText.prefix(300))")
  }

  @Test(arguments: stages.map(\.0)) func isHeldBackByASlowReader(stage: String) throws {
    // 64 MiB of records; the reader takes nothing, so the stage must stop reading.
    let big = line("r").replacing(#""y""#, with: "\"\(String(repeating: "z", count: 60_000))\"")
    let program = ([SourceTree.program(stage)] + arguments(stage)).joined(separator: " ")
    let script = """
      mkfifo "$1/fifo"
      exec 8<>"$1/fifo"
      (for i in $(seq 1100); do printf %s "$BIG"; done) | (\(program) >"$1/fifo" & pid=$!; sleep 3; \
      grep -E 'VmHWM' /proc/$pid/status; kill -9 $pid)
      """
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "kms-slow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try ProgramProcess.run(
      "/bin/bash", ["-c", script, "bash", folder.path], environment: ["TATUM_API_KEY": "k", "BIG": big])
    let peak = try #require(
      result.outputText.firstMatch(of: #/VmHWM:\s+(\d+) kB/#).flatMap { Int($0.output.1) })
    #expect(peak < 64 * 1024, "\(peak) KiB")
  }

  /// A crash report of the Swift runtime shows registers and the memory that they point to.
  @Test(arguments: stages.map(\.0), [SIGSEGV, SIGABRT, SIGILL, SIGQUIT])
  func saysNothingOfItsMemoryWhenItCrashes(stage: String, signal: Int32) throws {
    let process = try ProgramProcess(
      stage, arguments(stage), environment: ["TATUM_API_KEY": "k", "SWIFT_BACKTRACE": "enable=yes"])
    process.write(line("a"))
    #expect(process.waitForLines(1).count == 1)
    process.send(signal)
    let result = process.wait(timeoutSeconds: 180)
    #expect(result.signal == signal)
    #expect(!result.errorText.contains("crash") && !result.errorText.contains("Thread"))
  }

  @Test(arguments: ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"])
  func helpAndVersionWorkBeforeAnythingIsTouched(program: String) throws {
    let help = try ProgramProcess.run(program, ["--help"])
    #expect(help.status == 0)
    #expect(help.outputText.contains("USAGE: \(program)"))
    #expect(
      try ProgramProcess.run(program, ["--version"]).outputText.hasPrefix("\(KMSVersion.current)\ncommit: "))
    let wrong = try ProgramProcess.run(program, ["--no-such-option"])
    #expect(wrong.status == 64)
    #expect(wrong.outputText == "")
    let script = try ProgramProcess.run(program, ["--generate-completion-script", "bash"])
    #expect(script.outputText.contains(program))
  }

  private func arguments(_ stage: String) -> [String] { Self.stages.first { $0.0 == stage }?.1 ?? [] }

  private func run(_ stage: String, _ input: String) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      stage, arguments(stage), input: Array(input.utf8), environment: ["TATUM_API_KEY": "k"])
  }
}
