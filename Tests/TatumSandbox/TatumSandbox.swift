import ArgumentParser
import Glibc
import KMSRecords
import TatumDescription

/// A local server that speaks the parts of the Tatum API that the pipeline uses, for demos and tests.
///
/// It answers from a state that tests and demos give it, decodes and checks what is broadcast with code of its own
/// (nothing of KMSChains is linked), and misbehaves on request. It listens on loopback only. See README.md.
@main
struct TatumSandbox: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "TatumSandbox",
    abstract: "Local server that speaks the Tatum API, for demos and tests. Never use it with real keys.",
    discussion: "Example: TatumSandbox --port 8545 --api-key demo --state state.json")

  @Option(help: "TCP port on 127.0.0.1; 0 takes a free one.")
  var port: Int = 0

  @Option(help: "File to write the port number to once the server is ready.")
  var portFile: String?

  @Option(help: "The value of x-api-key that is accepted.")
  var apiKey: String = "sandbox"

  @Option(help: "JSON file with the first state; POST /sandbox/reset comes back to it.")
  var state: String?

  @Option(help: "Value of the answer header x-ttm-kms-latest-version, as <version>;<LEVEL>;<message>.")
  var latestVersion: String?

  @Flag(help: "End when standard input ends, so that no server outlives the test that started it.")
  var exitWithStdin = false

  @Option(help: "End after this many seconds, with status 1.")
  var maxSeconds: UInt32?

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
    guard !apiKey.isEmpty else { throw ValidationError("--api-key must not be empty") }
  }

  func run() throws {
    let sandbox = Sandbox(
      apiKey: apiKey, latestVersion: latestVersion, initialState: try readState(),
      description: try APIDescription())
    try sandbox.reset()
    let server = try Server(port: port, sandbox: sandbox)
    endWithoutBeingAskedTwice()
    if let portFile { try replaceFile(at: portFile, with: "\(server.port)\n") }
    writeLine("listening on http://127.0.0.1:\(server.port)")
    try server.runUntilClosed()
  }

  private func readState() throws -> JSONValue {
    guard let state else { return .object(JSONObject()) }
    guard let text = readFile(at: state) else { throw ValidationError("cannot read \(state)") }
    do { return try JSONValue(parsing: text) } catch { throw ValidationError("\(state): \(error)") }
  }

  private func endWithoutBeingAskedTwice() {
    // Nothing is kept on disk, so leaving at once is clean; _exit is safe in a signal handler.
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGINT) { _ in _exit(0) }
    signal(SIGPIPE, SIG_IGN)
    if let maxSeconds {
      signal(SIGALRM) { _ in _exit(1) }
      alarm(maxSeconds)
    }
    if exitWithStdin { exitWhenStandardInputEnds() }
  }
}
