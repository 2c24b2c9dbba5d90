import Foundation
import Glibc
import KMSRecords
import Testing

/// Many keys, many processes, and processes that die.
@Suite(.serialized)
struct WalletBatchTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test func printsOneLineForEachStoredKey() throws {
    let result = try folder.store("generatemanagedprivatekeybatch", "ETH", "1200", "--testnet")
    #expect(result.status == 0)
    let lines = try result.outputLines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.count == 1200)
    #expect(lines.allSatisfy { $0.object?.members.map(\.name) == ["signatureId", "address"] })
    #expect(Set(lines.compactMap { $0["address"]?.string }).count == 1200)
    // C6: the address is that of the key.
    let sample = try #require(lines.dropFirst(700).first)
    let report = try folder.run("report", try #require(sample["signatureId"]?.string))
    #expect(
      try report.json["wallets"]?.object?.members.first?.value == [
        "type": "PRIVATE_KEY", "chain": "ETH", "testnet": true,
      ])
    #expect(
      try folder.run("list", "--count", "--json").outputText
        == "{\"chain\":\"ETH\",\"testnet\":true,\"wallets\":1200}\n")
  }

  @Test func warnsBeyondTheLimitOfTheAPI() throws {
    let within = try folder.store("generatemanagedprivatekeybatch", "ETH", "25000")
    #expect(within.status == 0 && !within.errorText.contains("wallets now"))
    #expect(within.outputLines.count == 25000)
    // Refused before the first key is made.
    let refused = try folder.store("generatemanagedprivatekeybatch", "ETH", "1")
    #expect(refused.status == 64 && refused.outputText == "" && refused.errorText.contains("room for 0 more"))
    let beyond = try folder.store("generatemanagedwallet", "ETH")
    #expect(beyond.status == 0 && beyond.errorText.contains("ETH has 25001 wallets now"))
    #expect(try folder.run("list", "--count").outputText.contains("25001 of 25000  too many for one API key"))
    // Another network is another limit.
    #expect(try folder.store("generatemanagedwallet", "ETH", "--testnet").errorText == "")
  }

  @Test func makesNoVaultForABatchBeyondTheLimit() throws {
    let refused = try folder.store("generatemanagedprivatekeybatch", "ETH", "25001")
    #expect(refused.status == 64 && refused.errorText.contains("--beyond-limit"), "\(refused.errorText)")
    #expect(!FileManager.default.fileExists(atPath: folder.vault))
  }

  @Test func stopsAtASignalWithWhatItPrinted() throws {
    let process = try ProgramProcess(
      "kms-wallet",
      ["generatemanagedprivatekeybatch", "ETH", "1000000", "--beyond-limit"] + folder.options
        + WalletFolder.cheap)
    #expect(!process.waitForLines(1000).isEmpty)
    process.send(SIGINT)
    let result = process.wait()
    #expect(result.status == 75)
    #expect(result.errorText.contains("of 1000000 keys"))
    let stored = Set(try storedIDs())
    #expect(Set(try reportedIDs(result.standardOutput)) == stored)
  }

  @Test func keepsWhatItPrintedWhenKilled() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let key = try folder.writeVaultKey()
    var reported: Set<String> = []
    var kills = 0
    for round in 0..<20 {
      let process = try folder.start(
        keyFile: key, "generatemanagedprivatekeybatch", "ETH", "20000", "--beyond-limit")
      // From before its first transaction to somewhere in the third.
      if round % 2 == 1 { _ = process.waitForLines(1000 * (round % 3 + 1)) }
      usleep(UInt32.random(in: 0..<150_000))
      process.send(SIGKILL)
      let result = process.wait()
      if result.signal == SIGKILL { kills += 1 }
      reported.formUnion(try reportedIDs(result.standardOutput))
    }
    #expect(kills >= 15, "the test kills what is still running")
    #expect(!reported.isEmpty)
    let check = try folder.run("check")
    #expect(check.status == 0, "\(check.outputText)")
    #expect(reported.isSubset(of: try storedIDs()), "every key that was printed is in the vault")
  }

  /// Each write is a process of its own that is killed at some instant of its life, before, while or after it writes.
  @Test func survivesAThousandWritesThatAreKilled() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH")
    let key = try folder.writeVaultKey()
    // Follows the load of the machine, so that about half of the writers get to their end.
    var longest: UInt32 = 100_000
    var reported: Set<String> = []
    var outcomes = (killed: 0, done: 0)
    for _ in 0..<250 {
      let writers = try (0..<4).map { _ in
        try folder.start(keyFile: key, "generatemanagedprivatekeybatch", "ETH", "1")
      }
      for writer in writers {
        usleep(UInt32.random(in: 0...longest))
        writer.send(SIGKILL)
      }
      for writer in writers {
        let result = writer.wait()
        if result.signal == SIGKILL {
          outcomes.killed += 1
          longest = min(longest + longest / 50, 5_000_000)
        } else {
          outcomes.done += 1
          longest -= longest / 50
        }
        #expect(result.signal == SIGKILL || result.status == 0, "\(result.errorText)")
        reported.formUnion(try reportedIDs(result.standardOutput))
      }
    }
    #expect(outcomes.killed > 200, "\(outcomes): the test kills what is still running")
    #expect(reported.count > 20, "\(outcomes), \(reported.count): some got that far")
    #expect(try folder.run("check").status == 0)
    #expect(reported.isSubset(of: try storedIDs()), "every key that was printed is in the vault")
  }

  @Test func letsTwoHundredProcessesUseTheVaultAtOnce() throws {
    // A3: of two processes of the original, one lost the other's wallets.
    let first = try folder.stored("generatemanagedwallet", "ETH")
    let key = try folder.writeVaultKey()
    let processes = try (0..<200).map { number in
      number % 2 == 0
        ? try folder.start(keyFile: key, "generatemanagedprivatekeybatch", "ETH", "3")
        : try folder.start(keyFile: key, "getaddress", first, "\(number)")
    }
    var reported: [String] = [first]
    for (number, process) in processes.enumerated() {
      let result = process.wait(timeoutSeconds: 300)
      #expect(result.status == 0, "\(result.errorText)")
      if number % 2 == 0 { reported += try reportedIDs(result.standardOutput) }
    }
    #expect(reported.count == 301)
    #expect(Set(try storedIDs()) == Set(reported))
    #expect(try folder.run("check").status == 0)
  }

  @Test func makesOneVaultWhenTwoProcessesAreFirst() throws {
    let arguments = ["generatemanagedwallet", "ETH"] + folder.options + WalletFolder.cheap
    let processes = try (0..<6).map { _ in try ProgramProcess("kms-wallet", arguments) }
    let results = processes.map { $0.wait() }
    #expect(results.allSatisfy { $0.status == 0 }, "\(results.map(\.errorText))")
    #expect(Set(try storedIDs()) == Set(try results.compactMap { try $0.json["signatureId"]?.string }))
  }

  private func storedIDs() throws -> [String] {
    try folder.run("list", "--json").outputLines.compactMap {
      try JSONValue(parsing: Array($0.utf8))["signatureId"]?.string
    }
  }

  /// The signature IDs of the whole lines.
  private func reportedIDs(_ output: [UInt8]) throws -> [String] {
    guard let end = output.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    return try output[..<end].split(separator: UInt8(ascii: "\n")).compactMap {
      try JSONValue(parsing: Array($0))["signatureId"]?.string
    }
  }
}
