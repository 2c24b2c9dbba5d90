import KMSRecords
import Testing

/// Multisig inputs as bitcore's JSON carries them, through all four stages.
@Suite struct MultisigTests {
  static let vectors = (try? SourceTree.transactionVectors("multisig")) ?? []

  /// Adds the vector to what is pending, with the wallets of `keys`.
  private func add(_ vector: JSONValue, _ run: PipelineRun, keys: [String]) throws -> String {
    let chain = try #require(vector["chain"]?.string)
    var pending = try #require(vector["pending"]?.object)
    pending["hashes"] = .array(try keys.map { .string(try run.vault.add(chain, key: $0)) })
    try run.sandbox.control("pending", .object(pending))
    return try #require(pending["id"]?.string)
  }

  @Test func sendsWhatThresholdsAllow() throws {
    let run = try PipelineRun()
    for vector in Self.vectors {
      _ = try add(vector, run, keys: try #require(vector["privateKeys"]?.array).compactMap(\.string))
    }
    let records = try run.poll()
    #expect(records.count == Self.vectors.count && records.count >= 10)
    for vector in Self.vectors {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let id = try #require(vector["pending"]?["id"]?.string)
      let record = try #require(records[id])
      #expect(record["signed"]?["txData"] == vector["expected"]?["txData"], label)
      #expect(record["result"]?["txId"] == vector["expected"]?["txId"], label)
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == Self.vectors.count)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] }, "\(broadcasts)")
  }

  @Test func sendsNothingBelowTheThreshold() throws {
    let run = try PipelineRun()
    let vector = try #require(Self.vectors.first { $0["name"]?.string == "P2SH 2 of 3, two keys here" })
    let keys = try #require(vector["privateKeys"]?.array).compactMap(\.string)
    #expect(keys.count == 2)
    let id = try add(vector, run, keys: [keys[1]])
    let error = try #require(try run.poll()[id]?.error)
    #expect(error.code == .walletNotFound && error.message.contains("1 of the 2"), "\(error)")
    #expect(try run.accepted().isEmpty)
  }
}
