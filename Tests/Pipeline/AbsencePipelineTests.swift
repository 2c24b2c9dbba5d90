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
