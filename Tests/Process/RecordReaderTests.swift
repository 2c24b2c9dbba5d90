import Glibc
import KMSPrimitives
import KMSProcess
import KMSRecords
import Logging
import Synchronization
import Testing

/// Feeds bytes through a pipe in pieces and collects what the reader makes of them.
private func readAll(
  pieces: [[UInt8]], batch: Int = 4
) throws -> (ids: [String], badLines: Int, status: KMSProcess.ExitStatus) {
  var ends: [Int32] = [-1, -1]
  try #require(pipe(&ends) == 0)
  let (input, output) = (ends[0], ends[1])
  let feeder = Thread {
    for piece in pieces {
      var rest = piece[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
        if count <= 0 { break }
        rest = rest.dropFirst(count)
      }
    }
    close(output)
  }
  defer {
    feeder.join()
    close(input)
  }
  let reader = RecordReader(
    descriptor: input, chains: ChainNames(["BTC", "ETH"]),
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  var ids: [String] = []
  while true {
    let lines = try reader.nextBatch(maximum: batch)
    if lines.isEmpty { break }
    #expect(lines.count <= batch)
    ids += lines.compactMap { reader.record(of: $0)?.id }
  }
  return (ids, reader.badLines, reader.exitStatus)
}

private final class Thread {
  private let body: () -> Void
  private var handle = pthread_t()

  init(_ body: @escaping () -> Void) {
    self.body = body
    let context = Unmanaged.passRetained(self).toOpaque()
    pthread_create(
      &handle, nil,
      { context in
        if let context { Unmanaged<Thread>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, context)
  }

  func join() { pthread_join(handle, nil) }
}

private func line(_ id: String, padding: Int = 0) -> String {
  let pad = String(repeating: "x", count: padding)
  return #"{"v":1,"id":"\#(id)","chain":"BTC","testnet":true,"pending":{"pad":"\#(pad)"}}"#
}

@Suite struct RecordReaderTests {
  @Test func readsLinesInOrderAndSkipsBlankOnes() throws {
    let text = line("a") + "\n\n  \r\n" + line("b") + "\n" + line("c")
    let result = try readAll(pieces: [Array(text.utf8)])
    #expect(result.ids == ["a", "b", "c"])
    #expect(result.status == .ok)
  }

  @Test func reportsBadLinesAndGoesOn() throws {
    let text = "nonsense\n" + line("a") + "\n{\"v\":1}\n" + line("b") + "\n\u{0}\n"
    let result = try readAll(pieces: [Array(text.utf8)])
    #expect(result.ids == ["a", "b"])
    #expect(result.badLines == 3)
    #expect(result.status == .data)
  }

  @Test func givesTheSameForEverySplitOfTheInput() throws {
    let bytes = Array((line("a") + "\nbad\n" + line("b", padding: 50) + "\n\n" + line("c")).utf8)
    for cut in stride(from: 0, through: bytes.count, by: 7) {
      let result = try readAll(pieces: [Array(bytes[..<cut]), Array(bytes[cut...])])
      #expect(result.ids == ["a", "b", "c"], "cut at \(cut)")
      #expect(result.badLines == 1, "cut at \(cut)")
    }
    #expect(try readAll(pieces: bytes.map { [$0] }, batch: 1).ids == ["a", "b", "c"])
  }

  @Test func skipsALineThatIsTooLongAndReadsTheNext() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 20 << 20)
    let result = try readAll(pieces: [
      Array((line("a") + "\n").utf8), long, Array(("\n" + line("b") + "\n").utf8),
    ])
    #expect(result.ids == ["a", "b"])
    #expect(result.badLines == 1)
  }

  @Test func countsALongLineThatEndsTheInput() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 17 << 20)
    let result = try readAll(pieces: [Array((line("a") + "\n").utf8), long])
    #expect(result.ids == ["a"])
    #expect(result.badLines == 1)
  }

  @Test func acceptsTheLongestLineAndRefusesOneByteMore() throws {
    let empty = line("a").utf8.count
    let longest = line("a", padding: RecordReader.maximumLineLength - empty)
    #expect(try readAll(pieces: [Array(longest.utf8), [10]]).ids == ["a"])
    let over = line("a", padding: RecordReader.maximumLineLength - empty + 1)
    #expect(try readAll(pieces: [Array(over.utf8), [10]]).badLines == 1)
  }
}

@Suite struct ExitStatusTests {
  @Test func reportsFirstWhatNeedsAPerson() {
    #expect(KMSProcess.ExitStatus.data.combined(with: .unavailable) == .unavailable)
    #expect(KMSProcess.ExitStatus.unavailable.combined(with: .noInput) == .noInput)
    #expect(KMSProcess.ExitStatus.noInput.combined(with: .configuration) == .configuration)
    #expect(KMSProcess.ExitStatus.configuration.combined(with: .noPermission) == .noPermission)
    #expect(KMSProcess.ExitStatus.ok.combined(with: .data) == .data)
  }
}

@Suite struct TimestampTests {
  @Test func writesRFC3339() {
    #expect(Timestamp.text(unixTime: 0) == "1970-01-01T00:00:00Z")
    #expect(Timestamp.text(unixTime: 1_700_000_000, milliseconds: 7) == "2023-11-14T22:13:20.007Z")
  }
}
