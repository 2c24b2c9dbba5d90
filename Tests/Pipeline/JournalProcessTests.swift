import Foundation
import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import KMSVault
import Testing

/// The journal of kms-sign, whole programs as processes.
@Suite struct JournalProcessTests {
  // MARK: Nothing leaves before it is on disk

  @Test func writesNothingOutBeforeItIsOnDisk() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    // More than two groups; the disk takes half a second for each.
    let lines = try (0..<1200).map { try SampleRecord.eth("d\($0)", wallet: wallet).line }
    let result = try traced(
      vault, lines, ["-e", "trace=write,fdatasync", "-e", "inject=fdatasync:delay_exit=500000"])
    #expect(result.records.count == 1200 && result.records.allSatisfy { $0["signed"] != nil })
    var (synced, written) = (0, 0)
    for call in result.calls {
      if call.contains("fdatasync"), call.contains("= 0") { synced += 1 }
      guard call.contains("write(1,") else { continue }
      written += 1
      #expect(synced > 0, "\(call.prefix(60)) before the first fdatasync had returned")
    }
    #expect(synced >= 3 && written >= 3, "\(synced) \(written)")
  }

  @Test func signsNothingWhenTheDiskFailsAndGoesOnWhenItWorksAgain() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<1200).map { try SampleRecord.eth("d\($0)", wallet: wallet).line }
    let size = try FileManager.default.attributesOfItem(atPath: vault.journal)[.size] as? Int
    for fault in ["fdatasync:error=EIO", "pwrite64:error=ENOSPC"] {
      let result = try traced(vault, lines, ["-e", "trace=fdatasync,pwrite64", "-e", "inject=\(fault)"])
      #expect(result.status == 74, "\(result.errorText)")
      #expect(result.records.count == 1200)
      #expect(
        result.records.allSatisfy { $0["signed"] == nil && $0.error?.code == .journalUnavailable })
      #expect(try FileManager.default.attributesOfItem(atPath: vault.journal)[.size] as? Int == size)
    }
    // The first group gets through, the second does not, the third does again.
    let mixed = try traced(
      vault, lines, ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=2"])
    let signed = mixed.records.filter { $0["signed"] != nil }
    // A group is what has arrived, 512 lines at most.
    #expect(!signed.isEmpty && signed.count < 1200, "\(signed.count)")
    let last = try vault.sign(lines)
    #expect(last.status == 0, "\(last.errorText)")
    var all: [String: String] = [:]
    for record in try last.records { all[record.id] = record["signed"]?["txData"]?.string }
    #expect(Set(all.values).count == 1200)
    for record in signed { #expect(all[record.id] == record["signed"]?["txData"]?.string) }
  }

  // MARK: Kills

  /// kms-sign is killed at its n-th call of some kind, again and again, on one journal. `KMS_JOURNAL_KILLS` says how often.
  @Test func neverSignsInTwoWaysWhateverCallItIsKilledAt() throws {
    let kills = ProcessInfo.processInfo.environment["KMS_JOURNAL_KILLS"].flatMap { Int($0) } ?? 30
    let calls = [
      "pwrite64", "fdatasync", "write", "read", "pread64", "fcntl", "openat", "futex", "fstat", "mmap",
      "munmap", "rename",
      "madvise", "poll", "close", "lseek",
    ]
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    var emitted: [String: String] = [:]
    var nonces: [String: String] = [:]
    var (next, killed) = (0, 0)
    func take(_ output: [UInt8]) throws {
      guard let end = output.lastIndex(of: 10) else { return }
      for line in output[...end].split(separator: 10) {
        let record = try Record(parsing: line, chains: ChainRegistry.names)
        guard let txData = record["signed"]?["txData"]?.string, let nonce = record["signed"]?["nonce"]?.string
        else {
          Issue.record("\(record.id): \(record.error?.message ?? "")")
          continue
        }
        #expect(emitted[record.id, default: txData] == txData, "\(record.id) was signed in two ways")
        #expect(nonces[nonce, default: record.id] == record.id, "nonce \(nonce) went to two")
        emitted[record.id] = txData
        nonces[nonce] = record.id
      }
    }
    var pending: [String] = []
    for round in 0..<kills {
      let fresh = try (0..<round % 7 * 20 + 3).map {
        try SampleRecord.eth("k\(next + $0)", wallet: wallet).line
      }
      next += fresh.count
      pending = pending.suffix(200) + fresh
      let call = calls.randomElement() ?? "write"
      let nth = Int.random(in: 1...(["pwrite64", "fdatasync", "rename"].contains(call) ? 3 : 40))
      let result = try traced(
        vault, pending, ["-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(nth)"],
        isWhole: false)
      if result.signal != nil || result.status > 128 { killed += 1 }
      try take(result.output)
    }
    let last = try vault.sign(pending)
    #expect(last.status == 0, "\(last.errorText)")
    try take(last.standardOutput)
    #expect(killed > kills / 4, "\(killed) of \(kills)")
    let check = try ProgramProcess.run(
      "kms-wallet", ["journal", "check", "--path", vault.path, "--password-file", vault.passwordFile],
      timeoutSeconds: 180)
    #expect(check.status == 0, "\(check.errorText)")
  }

  /// A library that is refused what it needs may end the process at a bad time: libdispatch did, on a busy machine, when it
  /// could not look at its threads.
  @Test func isRefusedNoCallThatItsLibrariesNeed() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<600).map { try SampleRecord.eth("c\($0)", wallet: wallet).line }
    let result = try traced(vault, lines, [])
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.calls.contains { $0.contains("clone3") && $0.contains("ENOSYS") }, "the filter is on")
    for call in result.calls where call.contains("ENOSYS") { #expect(call.contains("clone3"), "\(call)") }
  }

  // MARK: Several at once

  @Test func twoProcessesShareOneSender() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let parts = try (0..<2).map { part in
      try (0..<1500).map { try SampleRecord.eth("p\(part)n\($0)", wallet: wallet).line + "\n" }.joined()
    }
    let keys = try parts.map { _ in try KeyPipe(vault.vault.key(for: .vault)) }
    let processes = try keys.map {
      try ProgramProcess(
        "kms-sign", ["--path", vault.path, "--key-fd", "5"], descriptors: [5: $0.descriptor])
    }
    for (process, part) in zip(processes, parts) {
      Thread {
        process.write(part)
        process.closeInput()
      }.start()
    }
    let results = processes.map { $0.wait(timeoutSeconds: 120) }
    for result in results { #expect(result.status == 0, "\(result.errorText)") }
    let nonces = try results.flatMap { try $0.records.compactMap { $0["signed"]?["nonce"]?.string } }
    #expect(Set(nonces) == Set((0..<3000).map(String.init)))
  }

  // MARK: With the vault

  @Test func isMadeWithTheVaultAndMissedWhenItIsGone() throws {
    let vault = try KeyedVault()
    let line = try SampleRecord.eth("a1", wallet: vault.add("ETH", key: KeyedVault.TestKey.eth)).line
    #expect(try vault.sign([line]).status == 0)
    unlink(vault.journal)
    let missing = try vault.sign([line])
    #expect(missing.status == 66 && missing.outputText.isEmpty)
    #expect(missing.errorText.contains("kms-wallet journal new"))
    #expect(!FileManager.default.fileExists(atPath: vault.journal))
    let asked = try wallet(vault, "new")
    #expect(asked.status == 64, "without a terminal it wants --yes")
    let made = try wallet(vault, "new", "--yes")
    #expect(made.status == 0 && made.errorText.contains("paid twice"), "\(made.errorText)")
    #expect(try vault.sign([line]).records.first?["signed"]?["reused"]?.bool == false)
    #expect(try wallet(vault, "new", "--yes").status == 73)
    let checked = try wallet(vault, "check")
    #expect(checked.status == 0 && checked.outputText.contains("\"signed\": 1"), "\(checked.outputText)")
  }

  @Test func namesTheDamageAndSignsNothing() throws {
    let vault = try KeyedVault()
    let lines = try (0..<3).map {
      try SampleRecord.eth("a\($0)", wallet: vault.add("ETH", key: KeyedVault.TestKey.eth)).line
    }
    #expect(try vault.sign(lines).status == 0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: vault.journal))
    bytes[300] ^= 1
    try bytes.write(to: URL(fileURLWithPath: vault.journal))
    for result in [try vault.sign(lines), try wallet(vault, "check")] {
      #expect(result.status == 66 && result.outputText.isEmpty)
      #expect(result.errorText.contains("at byte 96 of"), "\(result.errorText)")
    }
  }

  @Test func refusesForTheOnlySignerWhatItDoesNotKnow() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    func sign(_ id: String, _ nonce: Int, _ arguments: [String] = []) throws -> ProgramProcess.Result {
      try vault.sign([SampleRecord.eth(id, wallet: wallet, nonce: nonce).line], arguments)
    }
    #expect(
      try sign("a", 3, ["--only-signer"]).records.first?["signed"] != nil,
      "the first one tells where it begins")
    let refused = try sign("b", 9, ["--only-signer"])
    #expect(try refused.records.first?.error?.code == .nonceImplausible)
    #expect(try refused.records.first?.error?.outcome == .denied)
    let warned = try sign("b", 9)
    #expect(try warned.records.first?["signed"]?["nonce"]?.string == "9")
    #expect(warned.errorText.contains("counts 5 transactions"))
  }

  private func wallet(_ vault: KeyedVault, _ arguments: String...) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      "kms-wallet",
      ["journal"] + arguments + ["--path", vault.path, "--password-file", vault.passwordFile],
      timeoutSeconds: 180)
  }

  // MARK: Under strace

  private struct Traced {
    let status: Int32
    let signal: Int32?
    let output: [UInt8]
    let records: [Record]
    let errorText: String
    let calls: [String]
  }

  private func traced(
    _ vault: KeyedVault, _ lines: [String], _ options: [String], isWhole: Bool = true
  ) throws -> Traced {
    let key = try KeyPipe(vault.vault.key(for: .vault))
    let trace = vault.folder.appendingPathComponent("trace").path
    let result = try ProgramProcess.run(
      "/usr/bin/strace",
      ["-f", "-o", trace] + options + [
        SourceTree.program("kms-sign"), "--path", vault.path, "--key-fd", "5",
      ],
      input: Array(lines.map { $0 + "\n" }.joined().utf8), descriptors: [5: key.descriptor],
      timeoutSeconds: 120)
    return Traced(
      status: result.status, signal: result.signal, output: result.standardOutput,
      records: isWhole ? try result.records : [], errorText: result.errorText,
      calls: try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map(String.init))
  }
}
