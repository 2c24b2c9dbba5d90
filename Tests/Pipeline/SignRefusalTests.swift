import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault
import KMSWallets
import Testing

/// kms-sign as a process: what it refuses.
@Suite struct SignRefusalTests {
  // MARK: Approvals

  @Test func refusesMainnetWithoutApproval() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let record = try SampleRecord.eth("m1", wallet: wallet, testnet: false)
    let error = try vault.sign([record.line]).records.first?.error
    #expect(error?.code == .approvalMissing)
    #expect(error?.outcome == .denied)
  }

  @Test func signsMainnetThatWasApproved() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let record = try approved(SampleRecord.eth("m1", wallet: wallet, testnet: false), vault)
    #expect(try vault.sign([record.line]).records.first?["signed"]?["txId"] != nil)
  }

  @Test(arguments: ["pending", "context", "approval", "testnet", "id"])
  func refusesWhatChangedAfterApproval(member: String) throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let record = try approved(SampleRecord.eth("m1", wallet: wallet, testnet: false), vault)
    let line =
      switch member {
      case "pending": record.line.replacing("1000000000000000", with: "1000000000000001")
      case "context": record.line.replacing(#""gas":"21000""#, with: #""gas":"21001""#)
      case "approval": record.line.replacing(#""status":200"#, with: #""status":201"#)
      case "testnet": record.line.replacing(#""testnet":false"#, with: #""testnet":true"#)
      default: record.line.replacing(#""id":"m1""#, with: #""id":"m2""#)
      }
    #expect(line != record.line)
    let changed = try #require(try vault.sign([line]).records.first)
    #expect(changed.error?.code == .approvalInvalid)
    #expect(changed.error?.outcome == .denied)
    #expect(changed["signed"] == nil)
  }

  @Test func refusesTheApprovalOfAnotherVault() throws {
    let (vault, other) = (try KeyedVault(), try KeyedVault())
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let record = try approved(SampleRecord.eth("m1", wallet: wallet, testnet: false), other)
    #expect(try vault.sign([record.line]).records.first?.error?.code == .approvalInvalid)
  }

  @Test func deniesMainnetUnderTestnet() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let record = try approved(SampleRecord.eth("m1", wallet: wallet, testnet: false), vault)
    let error = try vault.sign([record.line], ["--testnet"]).records.first?.error
    #expect(error?.code == .walletNetworkMismatch)
    #expect(error?.outcome == .denied)
  }

  private func approved(_ record: Record, _ vault: KeyedVault) throws -> Record {
    var record = record
    record["approval"] = try Approval(
      of: record, url: "https://approver.internal/\(record.id)", method: "GET", status: 200,
      at: Timestamp.now(),
      key: vault.vault.key(for: .approve)
    ).json
    return record
  }

  // MARK: Wallets

  @Test func namesWhatIsWrongWithTheWallet() throws {
    let vault = try KeyedVault()
    let other = "0xbc93ab7d2dbad88e64879569a9e3ceaa12d119c70d6dda4d1fc6e73765794a8d"
    let btc = try vault.add("BTC", key: KeyedVault.TestKey.btcFirst)
    let mainnet = try vault.add("ETH", key: other, testnet: false)
    let stranger = try vault.add("ETH", key: other)
    let mnemonic = try vault.add("ETH", mnemonic: KeyedVault.TestKey.mnemonic)
    let unknown = "26d3883e-4e17-48b3-a0ee-09a3e484ac83"
    let cases: [(String, ErrorCode)] = [
      (unknown, .walletNotFound), (btc, .walletChainMismatch), (mainnet, .walletNetworkMismatch),
      (stranger, .keyNotSender), (mnemonic, .indexMissing),
    ]
    let lines = try cases.enumerated().map { try SampleRecord.eth("w\($0)", wallet: $1.0).line }
    let records = try vault.sign(lines).records
    #expect(records.map { $0.error?.code } == cases.map(\.1))
    #expect(records.allSatisfy { $0.error?.outcome == .failed && $0["signed"] == nil })
    #expect(records[0].error?.message.contains(unknown) == true)
  }

  @Test func refusesABTCTransactionOfWhichOneKeyIsMissing() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("BTC", key: KeyedVault.TestKey.btcFirst)
    let sample = try SampleRecord.btcOfTwoKeys("b1", wallets: [wallet])
    let error = try vault.sign([sample.record.line]).records.first?.error
    #expect(error?.code == .walletNotFound)
    #expect(error?.message.contains("input 1") == true, "\(error?.message ?? "")")
  }

  @Test func signsNothingForAnEmptyTransactionOfAnyChainOrForAnUnknownChain() throws {
    let vault = try KeyedVault()
    let lines = (ChainRegistry.names.all + ["FOO"]).map {
      #"{"v":1,"id":"x\#($0)","chain":"\#($0)","testnet":true,"pending":{"id":"x\#($0)"}}"#
    }
    let result = try vault.sign(lines)
    #expect(result.status == 65, "FOO is no record")
    let records = try result.records
    #expect(records.map(\.chain) == ChainRegistry.names.all)
    for record in records {
      #expect(record.error?.outcome == .failed, "\(record.chain)")
      #expect([.unsupportedChain, .malformedTransaction].contains(record.error?.code), "\(record.chain)")
    }
  }

  // MARK: Vault

  @Test func endsWith77ForAWrongPassword() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let file = try vault.write("wrong", "not the password")
    let result = try ProgramProcess.run(
      "kms-sign", ["--path", vault.path, "--password-file", file],
      input: Array((SampleRecord.eth("a1", wallet: wallet).line + "\n").utf8))
    #expect(result.status == 77)
    #expect(result.outputText == "")
    #expect(result.errorText.contains("kms-sign: error: "))
  }

  @Test func endsWith77ForAKeyOfAnotherKindOrVault() throws {
    let (vault, other) = (try KeyedVault(), try KeyedVault())
    let line = try SampleRecord.eth("a1", wallet: vault.add("ETH", key: KeyedVault.TestKey.eth)).line + "\n"
    #expect(try vault.run("kms-sign", key: .view, ["--path", vault.path], input: line).status == 77)
    #expect(try other.run("kms-sign", key: .vault, ["--path", vault.path], input: line).status == 77)
  }

  @Test func endsWith77ForAVaultThatOthersCanRead() throws {
    let vault = try KeyedVault()
    let line = try SampleRecord.eth("a1", wallet: vault.add("ETH", key: KeyedVault.TestKey.eth)).line
    chmod(vault.path, 0o644)
    let result = try vault.sign([line])
    #expect(result.status == 77)
    #expect(result.errorText.contains("chmod"))
  }

  @Test func endsWith66WithoutAVault() throws {
    let vault = try KeyedVault()
    let line = try SampleRecord.eth("a1", wallet: "26d3883e-4e17-48b3-a0ee-09a3e484ac83").line + "\n"
    let missing = vault.folder.appendingPathComponent("other.dat").path
    let result = try vault.run("kms-sign", key: .vault, ["--path", missing], input: line)
    #expect(result.status == 66)
  }

  // MARK: Journal

  @Test func signsNothingWithAJournalThatIsNone() throws {
    let vault = try KeyedVault()
    let line = try SampleRecord.eth("a1", wallet: vault.add("ETH", key: KeyedVault.TestKey.eth)).line
    try vault.write("journal.db", "this is not a journal, and must not be replaced by an empty one")
    let result = try vault.sign([line])
    #expect(result.status != 0)
    #expect(!result.outputText.contains("txData"))
    #expect(try String(contentsOfFile: vault.journal, encoding: .utf8).hasPrefix("this is not"))
  }

  /// Without namespaces of its own nobody but root can mount a small disk: then this is shown as skipped.
  private static let canMount = (try? ProgramProcess.run("/usr/bin/unshare", ["-rm", "true"]).status) == 0

  @Test(.enabled(if: canMount, "unshare -rm is not allowed here")) func emitsNothingSignedWhenTheDiskIsFull()
    throws
  {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<400).map { try SampleRecord.eth("f\($0)", wallet: wallet).line }
    let mount = vault.folder.appendingPathComponent("small").path
    try vault.write("key", String(decoding: keyLine(vault), as: UTF8.self))
    let script = """
      mkdir "$1" && mount -t tmpfs -o size=96k,mode=0700 tmpfs "$1" && cp "$JOURNAL" "$1" && shift && exec "$@" 5< "$KEY"
      """
    let result = try ProgramProcess.run(
      "/usr/bin/unshare",
      [
        "-rm", "/bin/sh", "-c", script, "sh", mount, SourceTree.program("kms-sign"), "--path", vault.path,
        "--key-fd", "5",
        "--journal", "\(mount)/journal.db",
      ],
      input: Array(lines.map { $0 + "\n" }.joined().utf8),
      environment: ["KEY": vault.folder.appendingPathComponent("key").path, "JOURNAL": vault.journal])
    #expect(result.status == 74, "\(result.errorText)")
    let records = try result.records
    #expect(records.count == 400)
    let failed = records.filter { $0.error?.code == .journalUnavailable }
    #expect(!failed.isEmpty)
    #expect(failed.allSatisfy { $0["signed"] == nil })
  }

  private func keyLine(_ vault: KeyedVault) throws -> [UInt8] {
    try vault.vault.key(for: .vault).line().withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
      Array(bytes)
    }
  }

  @Test func neverSignsOneIDInTwoWaysWhereverItIsKilled() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<300).map { try SampleRecord.eth("k\($0)", wallet: wallet).line + "\n" }.joined()
    var emitted: [String: String] = [:]
    func take(_ output: [UInt8]) throws {
      // The last line may have been cut off by the kill.
      guard let end = output.lastIndex(of: 10) else { return }
      let complete = output[...end]
      for line in complete.split(separator: 10) {
        let record = try Record(parsing: line, chains: ChainRegistry.names)
        let txData = record["signed"]?["txData"]?.string ?? ""
        #expect(emitted[record.id, default: txData] == txData, "\(record.id) was signed in two ways")
        emitted[record.id] = txData
      }
    }
    for round in 0..<12 {
      let key = try KeyPipe(vault.vault.key(for: .vault))
      let process = try ProgramProcess(
        "kms-sign", ["--path", vault.path, "--key-fd", "5"], descriptors: [5: key.descriptor])
      let feeder = Thread { process.write(lines) }
      feeder.start()
      usleep(UInt32(4_000 * round + Int.random(in: 0..<8_000)))
      process.send(SIGKILL)
      try take(process.wait().standardOutput)
    }
    let last = try vault.run("kms-sign", key: .vault, ["--path", vault.path], input: lines)
    #expect(last.status == 0, "\(last.errorText)")
    try take(last.standardOutput)
    #expect(emitted.count == 300)
    #expect(Set(emitted.values).count == 300)
  }

  // MARK: Input

  @Test func skipsLinesThatAreNoRecordsAndSignsTheOthers() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let good = try (0..<3).map { try SampleRecord.eth("r\($0)", wallet: wallet).line }
    var input = Array((good[0] + "\n").utf8)
    input += [UInt8](repeating: UInt8(ascii: "["), count: 20 << 20) + [10]
    input += Array(
      (good[1].replacing("{", with: #"{"deep":"# + String(repeating: "[", count: 70), maxReplacements: 1))
        .utf8)
    input += [10, 0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d, 10]
    input += Array((good[1] + "\nnot json\n" + good[2]).utf8)
    let key = try KeyPipe(vault.vault.key(for: .vault))
    let result = try ProgramProcess.run(
      "kms-sign", ["--path", vault.path, "--key-fd", "5"], input: input, descriptors: [5: key.descriptor])
    #expect(result.status == 65)
    #expect(try result.records.compactMap { $0["signed"] }.count == 3)
    for number in [2, 3, 4, 6] { #expect(result.errorText.contains("line \(number) is not a record")) }
    #expect(result.errorText.utf8.count < 4_096, "a bad line must not be printed")
  }

  @Test func refusesATerminalAndUnknownOptions() throws {
    let result = try ProgramProcess.run("kms-sign", ["--api-key", "x"])
    #expect(result.status == 64)
    #expect(result.outputText == "")
  }

  // MARK: Isolation

  @Test func opensNoSocketAndLinksNoNetworkLibrary() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let key = try KeyPipe(vault.vault.key(for: .vault))
    let trace = vault.folder.appendingPathComponent("trace").path
    let result = try ProgramProcess.run(
      "/usr/bin/strace",
      [
        "-f", "-e", "trace=%network", "-o", trace, SourceTree.program("kms-sign"), "--path", vault.path,
        "--key-fd", "5",
      ],
      input: Array((SampleRecord.eth("a1", wallet: wallet).line + "\n").utf8),
      descriptors: [5: key.descriptor])
    #expect(try result.records.first?["signed"] != nil, "\(result.errorText)")
    let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").filter {
      $0.contains("socket") || $0.contains("connect")
    }
    #expect(calls.isEmpty)
    let libraries = try ProgramProcess.run("/usr/bin/ldd", [SourceTree.program("kms-sign")])
    #expect(!libraries.outputText.contains("libcurl"))
    #expect(!libraries.outputText.contains("libssl"))
  }

  @Test func printsNoSecretAnywhere() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = [
      try SampleRecord.eth("a1", wallet: wallet).line,
      try SampleRecord.eth("a2", wallet: wallet, from: "0x0000000000000000000000000000000000000001").line,
      "garbage \(KeyedVault.TestKey.eth)",
    ]
    let result = try vault.sign(lines, ["--verbose"])
    let secret = KeyedVault.TestKey.eth.dropFirst(2)
    #expect(!result.outputText.contains(secret))
    #expect(!result.errorText.contains(secret))
    #expect(!result.errorText.contains(KeyedVault.password))
  }
}
