internal import Glibc
internal import KMSCrypto
internal import KMSProcess
internal import Logging

@testable internal import KMSChains
@testable internal import KMSNetwork
@testable internal import KMSRecords
@testable internal import KMSSigning

extension FuzzTarget {
  /// What comes through the pipeline and from the person who starts it.
  static let records: [FuzzTarget] = [
    FuzzTarget("json", maximumLength: 4096, run: json),
    FuzzTarget("records", maximumLength: 4096, run: records),
    FuzzTarget("approval", maximumLength: 2048, run: approval),
    FuzzTarget("settings", maximumLength: 1200, run: settings),
  ]

  /// What is read can be written, and reads the same again.
  private static func json(_ input: [UInt8]) throws(FuzzFailure) {
    let value: JSONValue
    do { value = try JSONValue(parsing: input) } catch {
      try require((0...input.count).contains(error.offset), "the error is at byte \(error.offset)")
      return
    }
    let compact = value.encoded()
    try require((try? JSONValue(parsing: compact)) == value, "the compact text reads otherwise")
    try require(compact.count <= 6 * input.count, "\(compact.count) bytes of \(input.count)")
    try require((try? JSONValue(parsing: value.prettyText)) == value, "the pretty text reads otherwise")
    guard let number = value.number else { return }
    if let unsigned = number.uint64 {
      try require(number.digits == String(unsigned), "\(number) is \(unsigned)")
    }
    if let signed = number.int64 {
      try require(number.digits == String(signed) || signed == 0, "\(number) is \(signed)")
    }
  }

  /// Every line is a record or counted as bad, and a record's line reads the same again.
  private static func records(_ input: [UInt8]) throws(FuzzFailure) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw FuzzFailure("no pipe") }
    defer { close(ends[0]) }
    // A pipe holds 64 KiB, so this does not wait.
    let written = write(ends[1], input, input.count)
    close(ends[1])
    try require(written == input.count, "the pipe is too small")

    let reader = RecordReader(
      descriptor: ends[0], chains: ChainRegistry.names,
      logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
    var count = 0
    do {
      while let record = try reader.next() {
        count += 1
        try roundTrip(record)
        if let signed = SignedRecord(record) { try broadcast(signed) }
      }
    } catch let failure as FuzzFailure { throw failure } catch {
      throw FuzzFailure("reading failed: \(error)")
    }
    let lines = input.split(separator: 10).filter { !$0.allSatisfy { [0x20, 9, 13].contains($0) } }
    try require(count + reader.badLines == lines.count, "\(lines.count) lines, \(count) records")
  }

  private static func roundTrip(_ record: Record) throws(FuzzFailure) {
    var line: [UInt8] = []
    record.write(to: &line)
    try require(line.last == 10 && !line.dropLast().contains(10), "a record is not one line")
    guard let again = try? Record(parsing: line.dropLast(), chains: ChainRegistry.names) else {
      throw FuzzFailure("its own line is bad")
    }
    var second: [UInt8] = []
    again.write(to: &second)
    try require(line == second && again.pending == record.pending, "its own line reads otherwise")
    if let known = record.error {
      let error = RecordError(known.stage, known.outcome, known.code, known.message + ".")
      var changed = record
      changed.error = error
      try require(changed.error == error, "an error is kept otherwise")
    }
  }

  private static func broadcast(_ signed: SignedRecord) throws(FuzzFailure) {
    guard let method = ChainRegistry.broadcast(of: signed.chain) else {
      throw FuzzFailure("\(signed.chain) can't be broadcast")
    }
    _ = method.firstCall(for: signed)
    _ = method.send(signed)
  }

  /// Two lines: the approval of the first must not fit the second unless both say the same.
  private static func approval(_ input: [UInt8]) throws(FuzzFailure) {
    let lines = input.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    guard var first = try? Record(parsing: lines[0], chains: ChainRegistry.names) else { return }
    do {
      guard
        let key = try StageKey(.approve, SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
      else { throw FuzzFailure("no key") }
      // The record's own stamp, made by nobody, is never good.
      try require((try? Approval.verify(record: first, key: key)) == nil, "an approval out of nothing")
      let approval = try Approval(
        of: first, url: "https://example.com/\(first.id)", method: "GET", status: 200,
        at: "2026-01-01T00:00:00Z", key: key)
      first["approval"] = approval.json
      try require((try? Approval.verify(record: first, key: key)) == approval, "its own approval is bad")
      guard lines.count == 2, var second = try? Record(parsing: lines[1], chains: ChainRegistry.names) else {
        return
      }
      second["approval"] = approval.json
      guard (try? Approval.verify(record: second, key: key)) != nil else { return }
      let isSame =
        first.id == second.id && first.chain == second.chain && first.testnet == second.testnet
        && first.pending == second.pending && first["context"] == second["context"]
      try require(isSame, "the approval of another record fits")
    } catch let failure as FuzzFailure { throw failure } catch {
      throw FuzzFailure("approving failed: \(error)")
    }
  }

  /// Keys of stages, of the API, and settings that come over a pipe.
  private static func settings(_ input: [UInt8]) throws(FuzzFailure) {
    do {
      let text = try SecretBytes(copying: input)
      if let key = try StageKey(line: text) {
        let (kind, secret) = (key.kind, key.secret)
        guard let again = try StageKey(line: key.line()) else { throw FuzzFailure("the key's line is none") }
        try require(again.kind == kind && again.secret == secret, "the key's line reads otherwise")
      }
      var copy = input
      if let key = try? APIKey(&copy) {
        try require(key.secret.count <= min(512, input.count), "the key is longer than its text")
        let shown = key.scrubbed("key " + String(decoding: input, as: UTF8.self))
        let secret = key.secret.withUnsafeBytes { Array($0) }
        // A short key may also be part of what stands in its place.
        try require(secret.count < 8 || !shown.utf8.contains(secret), "the key is still there")
      }
      try require(copy.allSatisfy { $0 == 0 }, "the key's text was not wiped")
      copy = input
      var settings = CloudSettings()
      try settings.add(entries: &copy)
      for name in CloudSettings.plainNames { _ = settings[name] }
    } catch let failure as FuzzFailure { throw failure } catch { throw FuzzFailure("\(error)") }
  }
}

extension Collection<UInt8> {
  /// Whether `part` stands somewhere in it.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    var rest = self[...]
    while rest.count >= part.count {
      if rest.starts(with: part) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
