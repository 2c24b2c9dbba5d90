import Foundation
import KMSRecords
import Testing

/// What the network refuses for good leaves no gap: kms-broadcast notes it, and kms-sign gives the nonce out again.
@Suite struct RefusalsTests {
  private static let key = "0x68f7f1d4b05b8b9a6e4e3cbd6cd6b9a1fc0c3c0ad3ad9a1d9d1d1fc1d5b4c3a2"

  private let run: PipelineRun
  private let wallet: String

  init() throws {
    run = try PipelineRun()
    wallet = try run.vault.add("KCS", key: Self.key)
    try run.sandbox.control("state", ["chains": ["KCS": ["onlyKnownAccounts": true]]])
  }

  private func id(_ number: Int) -> String { "61dc0000000000000000000\(number)" }

  private func add(_ number: Int) throws {
    let transfer: JSONValue = [
      "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": .string(String(1000 + number)),
      "gas": "21000",
    ]
    try run.sandbox.control(
      "pending",
      [
        "id": .string(id(number)), "chain": "KCS", "hashes": [.string(wallet)], "index": .null,
        "serializedTransaction": .string(transfer.text),
      ])
  }

  /// The owner has seen that it failed.
  private func takeBack(_ number: Int) throws {
    try run.sandbox.control("remove", ["id": .string(id(number))])
  }

  /// The sender has coins from now on.
  private func fill(_ record: Record?) throws {
    let sender = try #require(record?["signed"]?["from"]?.string)
    try run.sandbox.control("state", ["chains": ["KCS": ["accounts": [sender: ["nonce": "0"]]]]])
  }

  private func nonce(_ record: Record?) -> String? { record?["signed"]?["nonce"]?.string }

  /// A wallet that had no coins for a while: what comes once it has some is not stuck behind what was refused.
  @Test func aWalletThatWasEmptyGoesOnAtOnce() throws {
    try add(1)
    let first = try #require(try run.poll()[id(1)])
    #expect(first.error?.outcome == .failed && nonce(first) == "0")
    try takeBack(1)
    try add(2)
    Thread.sleep(forTimeInterval: 1.1)
    // No list has been without the first one yet.
    #expect(try run.poll()[id(2)]?.error?.code.rawValue == "nonce-waiting")
    let second = try #require(try run.poll()[id(2)])
    #expect(second.error?.outcome == .failed && nonce(second) == "0", "\(second.error?.description ?? "")")
    try takeBack(2)
    try fill(first)
    for number in 3...5 { try add(number) }
    Thread.sleep(forTimeInterval: 1.1)
    _ = try run.poll()
    let last = try run.poll()
    #expect((3...5).map { nonce(last[id($0)]) } == ["0", "1", "2"])
    #expect(try run.accepted().sorted() == (3...5).map(id))
    let flags = try run.sandbox.look("broadcasts").array?.compactMap { $0["flags"]?.text } ?? []
    #expect(!flags.contains { $0.contains("queued") }, "\(flags)")
  }

  /// The report did not get through, so it is pending still: its nonce is its own.
  @Test func whatComesInAgainKeepsItsNonce() throws {
    try add(1)
    let first = try #require(try run.poll()[id(1)])
    try add(2)
    Thread.sleep(forTimeInterval: 1.1)
    var records = try run.poll()
    #expect(nonce(records[id(1)]) == "0" && records[id(1)]?.error?.outcome == .failed)
    Thread.sleep(forTimeInterval: 1.1)
    try fill(first)
    records = try run.poll()
    #expect(nonce(records[id(1)]) == "0")
    #expect(nonce(records[id(2)]) == "1", "\(records[id(2)]?.error?.description ?? "")")
    #expect(try run.accepted().sorted() == [id(1), id(2)])
  }

  /// Only a hint: lines that are none, of others, or about what was never signed, change nothing.
  @Test func whatIsNoRefusalIsPassedOver() throws {
    let file = URL(fileURLWithPath: run.vault.path).deletingLastPathComponent()
      .appendingPathComponent("refused.jsonl")
    let now = ISO8601DateFormatter().string(from: Date())
    let lines = [
      "no JSON", "{}", #"{"at":"yesterday","id":"\#(id(1))","txId":"0x00"}"#,
      #"{"at":"\#(now)","id":"\#(id(9))","txId":"0x00"}"#,
      #"{"at":"\#(now)","id":"\#(id(1))","txId":"0x00"}"#,
      String(repeating: "[", count: 100_000),
    ]
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    try add(1)
    let first = try #require(try run.poll()[id(1)])
    #expect(nonce(first) == "0" && first.error?.outcome == .failed)
    #expect(
      try String(contentsOf: file, encoding: .utf8).contains(try #require(first["signed"]?["txId"]?.string)))
  }
}
