import Foundation
import KMSPrimitives
import KMSRecords
import Testing

/// kms-sign as a process: what is not in a poll is not pending only if the poll was whole and seen (trust.md, finding 9).
@Suite struct AbsencePipelineTests {
  private func code(_ record: Record?) -> String? { record?.error?.code.rawValue }

  private func nonce(_ record: Record?) -> String? { record?["signed"]?["nonce"]?.string }

  /// A record of a list with `listed` records that was asked for `ago` seconds ago.
  private func line(_ record: Record, listed: Int?, ago: TimeInterval = 0) -> String {
    var record = record
    let at = Int64(Date().timeIntervalSince1970 - ago)
    var poll = JSONObject()
    poll["at"] = .string(Timestamp.text(unixTime: at))
    poll["listed"] = listed.map { .number(JSONNumber(UInt64($0))) }
    record["poll"] = .object(poll)
    return record.line
  }

  @Test func aNonceIsGivenAwayOnlyAfterPollsThatWereSeen() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let (old, new) = (
      try SampleRecord.eth("old", wallet: wallet, nonce: 5),
      try SampleRecord.eth("new", wallet: wallet, value: "2000000000000000", nonce: 5)
    )
    func sign(_ lines: String...) throws -> [Record] {
      try vault.sign(lines, ["--nonce-grace", "0"]).records
    }
    #expect(nonce(try sign(line(old, listed: 1)).first) == "5")
    Thread.sleep(forTimeInterval: 2.1)
    // No word of a poll; one that was not whole; one of which a record got lost; one from before the old one was signed.
    for lines in [new.line, line(new, listed: nil), line(new, listed: 2), line(new, listed: 1, ago: 3600)] {
      #expect(code(try sign(lines).first) == "nonce-waiting")
    }
    // The old one is pending still, but its own record was refused on the way.
    var denied = old
    denied.error = RecordError(.verify, .denied, .denied, "no")
    #expect(code(try sign(line(new, listed: 2), line(denied, listed: 2)).first) == "nonce-waiting")
    Thread.sleep(forTimeInterval: 2.1)
    #expect(code(try sign(line(new, listed: 1)).first) == "nonce-waiting")
    let last = try sign(line(new, listed: 1)).first
    #expect(nonce(last) == "5", "\(last?.error?.message ?? "")")
    // What was given away is never sent again.
    #expect(code(try sign(line(old, listed: 1)).first) == "signed-but-expired")
  }

  /// What kms-fetch says of empty lists, which have no records of their own.
  @Test func emptyListsBeforeItAreEvidence() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let old = try SampleRecord.eth("old", wallet: wallet, nonce: 5)
    let new = try SampleRecord.eth("new", wallet: wallet, value: "2000000000000000", nonce: 5)
    func sign(_ record: Record) throws -> Record? {
      try vault.sign([record.line], ["--nonce-grace", "1"]).records.first
    }
    /// A record of a list asked for now, with seconds before now since when and until when lists were empty.
    func after(_ since: Int64?, _ until: Int64?) -> Record {
      let now = Int64(Date().timeIntervalSince1970)
      func time(_ ago: Int64) -> JSONValue { .string(Timestamp.text(unixTime: now - ago)) }
      var record = new
      // Not whole itself, so that it is no evidence.
      let poll: JSONValue = ["at": time(0), "listed": 2]
      record["poll"] = poll.changed([
        ("emptySince", since.map(time)), ("emptyUntil", until.map(time)),
      ])
      return record
    }
    #expect(nonce(try sign(old)) == "5")
    Thread.sleep(forTimeInterval: 4.1)
    // From before it was signed; half of it; the wrong way round; of a clock that goes before this one.
    for (since, until) in [(3600, 0), (4, nil), (nil, 0), (0, 3), (2, -3600)] as [(Int64?, Int64?)] {
      #expect(code(try sign(after(since, until))) == "nonce-waiting", "\(String(describing: (since, until)))")
    }
    let last = try sign(after(3, 1))
    #expect(nonce(last) == "5", "\(last?.error?.message ?? "")")
    #expect(code(try sign(old)) == "signed-but-expired")
  }

  /// A daemon that has nothing to do knows what is not pending: the next transaction does not wait for a grace time.
  @Test func afterAnIdleTimeNobodyWaits() throws {
    let run = try PipelineRun()
    func lists() throws -> Int {
      (try run.sandbox.look("log").array ?? []).filter { $0["path"]?.string == "/v3/kms/pending/ETH" }.count
    }
    try run.sandbox.control("faults", ["kind": "status", "status": 503, "path": "/v3/ethereum/broadcast"])
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(["--testnet", "--period=1", "--nonce-grace=3"])
    #expect(daemon.waitForLines(1, timeoutSeconds: 180).first?.contains(#""outcome":"unknown""#) == true)
    // Its owner takes it back.
    try run.sandbox.control("remove", ["id": "61dc00000000000000000001"])
    _ = try run.sandbox.send("DELETE", "/sandbox/faults")
    let before = try lists()
    #expect(try eventually(seconds: 120) { try lists() >= before + 8 })
    try run.addETH("61dc00000000000000000002")
    let lines = daemon.waitForLines(2, timeoutSeconds: 180)
    #expect(lines.count == 2 && lines[1].contains(#""result":"#), "\(lines.last?.suffix(700) ?? "")")
    #expect(!lines.joined().contains("nonce-waiting"))
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0 && !result.timedOut, "\(result.errorText)")
    #expect(try run.accepted() == ["61dc00000000000000000002"])
  }

  /// Said in the record and in the log, as a warning where it has no limit.
  @Test func anAllowanceWithoutALimitIsSaid() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let spender = String(repeating: "0", count: 24) + String(repeating: "ab", count: 20)
    func approve(_ id: String, _ amount: String) throws -> Record {
      var record = try SampleRecord.eth(id, wallet: wallet)
      var pending = try #require(record.pending.object)
      pending["serializedTransaction"] = .string(
        #"{"to":"0x687422eea2cb73b5d3e242ba5456b782919afc85","gas":60000,"data":"0x095ea7b3\#(spender + amount)"}"#
      )
      record["pending"] = .object(pending)
      return record
    }
    let lines = [
      try approve("all", String(repeating: "f", count: 64)).line,
      try approve("some", String(repeating: "0", count: 62) + "05").line,
      try SampleRecord.eth("none", wallet: wallet).line,
    ]
    let result = try vault.sign(lines)
    let said = try result.records.map { $0["signed"]?["allowances"]?.array?.compactMap(\.string) }
    #expect(said.first??.first?.contains("without a limit") == true)
    #expect(said.count == 3 && said[1]?.first?.contains("5 units") == true && said[2] == nil)
    let warnings = result.errorText.split(separator: "\n").filter { $0.contains("warning") }
    #expect(warnings.count == 1 && warnings.first?.contains("without a limit") == true, "\(result.errorText)")
    #expect(result.errorText.contains("5 units"))
    // The journal has it, too.
    let again = try vault.sign([lines[0]])
    #expect(try again.records.first?["signed"]?["reused"]?.bool == true)
    #expect(try again.records.first?["signed"]?["allowances"]?.array?.count == 1)
    let refused = try vault.sign(
      [try approve("more", String(repeating: "f", count: 64)).line], ["--no-unlimited-allowances"])
    #expect(code(try refused.records.first) == "allowance-refused")
  }
}
