import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import Logging
import Synchronization

@testable import KMSNetwork

let testKey = "t-0123456789abcdef-key"

/// Collects log lines.
final class LogCollector: Sendable {
  private let collected = Mutex<[String]>([])
  var lines: [String] { collected.withLock { $0 } }
  var text: String { lines.joined(separator: "\n") }

  var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }

  private struct Handler: LogHandler {
    let collector: LogCollector
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
      collector.collected.withLock { $0.append("\(event.level) \(event.message) \(fields)") }
    }
  }
}

/// A connection to the API of `server`.
func makeAPI(_ url: String, timeout: Duration = .seconds(5), log: LogCollector = LogCollector()) throws
  -> TatumAPI
{
  var key = Array(testKey.utf8)
  return TatumAPI(
    base: try TatumOptions.check(url), key: try APIKey(&key), client: HTTPClient(isStopping: { false }),
    timeout: timeout, logger: log.logger)
}

/// Runs `body` with a reader of `input` and a writer, and gives the lines that were written.
func pipeLines<R>(
  _ input: [String], log: LogCollector = LogCollector(), _ body: (RecordReader, RecordWriter) throws -> R
) throws -> (result: R, lines: [JSONValue]) {
  let source = temporaryFile(input.map { $0 + "\n" }.joined())
  let sink = temporaryFile("")
  defer {
    close(source)
    close(sink)
  }
  let result = try body(
    RecordReader(descriptor: source, chains: ChainRegistry.names, logger: log.logger),
    RecordWriter(descriptor: sink))
  var text: [UInt8] = []
  lseek(sink, 0, SEEK_SET)
  var chunk = [UInt8](repeating: 0, count: 1 << 20)
  while case let count = read(sink, &chunk, chunk.count), count > 0 { text += chunk[..<count] }
  let lines = try text.split(separator: 10).map { try JSONValue(parsing: $0) }
  return (result, lines)
}

/// A nameless file with `text`, positioned at its start.
func temporaryFile(_ text: String) -> Int32 {
  var template = Array("/tmp/kms-network-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  unlink(template)
  let bytes = Array(text.utf8)
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
    }
    guard count > 0 else { break }
    written += count
  }
  lseek(descriptor, 0, SEEK_SET)
  return descriptor
}

/// A record line.
func recordLine(
  _ id: String, chain: String = "ETH", testnet: Bool = true, pending: String? = nil, more: String = ""
) -> String {
  let pending = pending ?? #"{"id":"\#(id)","chain":"\#(chain)"}"#
  return
    #"{"v":1,"id":"\#(id)","chain":"\#(chain)","testnet":\#(testnet),"pending":\#(pending)\#(more)}"#
}

func approveKey(_ byte: UInt8 = 7) throws -> StageKey { try stageKey(.approve, byte) }

func viewKey() throws -> StageKey { try stageKey(.view, 7) }

private func stageKey(_ kind: StageKey.Kind, _ byte: UInt8) throws -> StageKey {
  let secret = try SecretBytes(copying: [UInt8](repeating: byte, count: 32))
  guard let key = StageKey(kind, secret) else { throw ProgramFailure(.internalError, "no key") }
  return key
}

/// What comes out of kms-broadcast for one record, with `server` as the API.
func broadcast(_ line: String, _ server: TestServer, timeout: Duration = .seconds(4)) throws -> JSONValue? {
  let api = try makeAPI(server.url, timeout: timeout)
  return try pipeLines([line]) {
    try BroadcastRun(api: api, logger: LogCollector().logger).run(reader: $0, writer: $1)
  }.lines.first
}
