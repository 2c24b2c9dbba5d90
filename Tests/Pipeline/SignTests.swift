import Foundation
import KMSCrypto
import KMSRecords
import KMSVault
import KMSWallets
import Testing

/// kms-sign as a process: what it signs.
@Suite struct SignTests {
  @Test func signsAnETHTransferByPrivateKeyID() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let result = try vault.sign([SampleRecord.eth("a1", wallet: wallet, nonce: 7).line])
    #expect(result.status == 0, "\(result.errorText)")
    let signed = try #require(try result.records.first?["signed"])
    #expect(signed["txData"]?.string?.hasPrefix("0xf8") == true)
    #expect(signed["txId"]?.string?.utf8.count == 66)
    #expect(signed["from"]?.string == KeyedVault.TestKey.ethAddress)
    #expect(signed["nonce"]?.string == "7")
    #expect(signed["reused"]?.bool == false)
  }

  @Test func signsByMnemonicIDWithIndex() throws {
    let vault = try KeyedVault()
    let byKey = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let byMnemonic = try vault.add("ETH", mnemonic: KeyedVault.TestKey.mnemonic)
    // Index 1 of this mnemonic is that key; the explicit nonce makes both transactions equal.
    let lines = [
      try SampleRecord.eth("a1", wallet: byKey, nonce: 7).line,
      try SampleRecord.eth("a2", wallet: byMnemonic, nonce: 8, index: 1).line,
    ]
    let records = try vault.sign(lines).records
    #expect(
      records.map { $0["signed"]?["from"]?.string } == [
        KeyedVault.TestKey.ethAddress, KeyedVault.TestKey.ethAddress,
      ])
    #expect(records.map { $0["signed"]?["nonce"]?.string } == ["7", "8"])
  }

  @Test func signsBTCInputsOfSeveralHashes() throws {
    let vault = try KeyedVault()
    let wallets = [
      try vault.add("BTC", key: KeyedVault.TestKey.btcFirst),
      try vault.add("BTC", key: KeyedVault.TestKey.btcSecond),
    ]
    let sample = try SampleRecord.btcOfTwoKeys("b1", wallets: wallets)
    let signed = try #require(try vault.sign([sample.record.line]).records.first?["signed"])
    #expect(signed["txData"]?.string == sample.txData)
    #expect(signed["txId"]?.string == sample.txID)
    #expect(signed["from"]?.array?.count == 2)
  }

  @Test func signsBySignaturesWithAnIndexOfTheirOwn() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", mnemonic: KeyedVault.TestKey.mnemonic)
    var record = try SampleRecord.eth("a1", wallet: wallet)
    var pending = record.pending.object ?? JSONObject()
    pending["hashes"] = []
    pending["signatures"] = [["id": .string(wallet.uppercased()), "index": 1]]
    record["pending"] = .object(pending)
    let signed = try #require(try vault.sign([record.line]).records.first?["signed"])
    #expect(signed["from"]?.string == KeyedVault.TestKey.ethAddress)
  }

  @Test func givesOneHundredTransactionsOfOneSenderConsecutiveNonces() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<100).map { try SampleRecord.eth("n\($0)", wallet: wallet, nonce: 5).line }
    let first = try vault.sign(lines).records.compactMap { $0["signed"]?["nonce"]?.string }
    #expect(first == (5..<105).map(String.init))
    // The node lags: it still reports 5.
    let later = try (100..<110).map { try SampleRecord.eth("n\($0)", wallet: wallet, nonce: 5).line }
    let second = try vault.sign(later).records.compactMap { $0["signed"]?["nonce"]?.string }
    #expect(second == (105..<115).map(String.init))
  }

  @Test func leavesNoNonceGapWhereOneOfManyIsRefused() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let lines = try (0..<20).map { i in
      // The tenth has an absurd gas price.
      try SampleRecord.eth(
        "g\(i)", wallet: wallet, nonce: 0, gasPrice: i == 9 ? "900000000000000000" : "25000000000"
      ).line
    }
    let records = try vault.sign(lines).records
    #expect(records[9].error?.code == .feeTooHigh)
    #expect(records[9].error?.outcome == .denied)
    #expect(records.compactMap { $0["signed"]?["nonce"]?.string } == (0..<19).map(String.init))
  }

  @Test func givesTheRecordedBytesAgain() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let first = try #require(
      try vault.sign([SampleRecord.eth("a1", wallet: wallet, nonce: 1).line]).records.first)
    // A newer nonce and gas price in the context do not matter (decision 13).
    let again = try #require(
      try vault.sign([SampleRecord.eth("a1", wallet: wallet, nonce: 2, gasPrice: "99").line]).records.first)
    #expect(again["signed"]?["txData"] == first["signed"]?["txData"])
    #expect(again["signed"]?["reused"]?.bool == true)
  }

  @Test func signsAnIDThatStandsTwiceInOneGroupOnce() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let line = try SampleRecord.eth("a1", wallet: wallet).line
    let other = try SampleRecord.eth("a1", wallet: wallet, value: "2").line
    let records = try vault.sign([line, line, other]).records
    #expect(records[0]["signed"]?["txData"] == records[1]["signed"]?["txData"])
    #expect(records.map { $0["signed"]?["reused"]?.bool } == [false, true, nil])
    #expect(records[2].error?.code == .changedAfterSigning)
  }

  @Test func signsAgainOnlyWhenAPersonSaysSo() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    _ = try vault.sign([SampleRecord.eth("a1", wallet: wallet).line])
    let changed = try SampleRecord.eth("a1", wallet: wallet, value: "2").line
    #expect(try vault.sign([changed]).records.first?.error?.code == .changedAfterSigning)
    // A person at a terminal: without one, nobody has said so.
    let nobody = try vault.run(
      "/usr/bin/setsid", key: .vault,
      ["-w", SourceTree.program("kms-sign"), "--path", vault.path, "--resign", "a1"], input: changed + "\n")
    #expect(nobody.status == 64 && nobody.outputText == "", "\(nobody.errorText)")
    #expect(nobody.errorText.contains("--yes"), "\(nobody.errorText)")
    let resigned = try vault.sign([changed], ["--resign", "a1", "--yes"])
    #expect(try resigned.records.first?["signed"]?["reused"]?.bool == false)
    #expect(resigned.errorText.contains("a1"))
  }

  /// Confined as it is then: records come through a pipe, the question is at the terminal.
  @Test(arguments: [("yes", Int32(0)), ("no", 64)])
  func asksAtTheTerminalBeforeItSignsAgain(answer: String, status: Int32) throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    _ = try vault.sign([SampleRecord.eth("a1", wallet: wallet).line])
    let input = try vault.write("in", SampleRecord.eth("a1", wallet: wallet, value: "2").line + "\n")
    let terminal = try TerminalProcess(
      "/bin/sh",
      [
        "-c", #"exec "$0" --path "$1" --password-file "$2" --resign a1 < "$3""#,
        SourceTree.program("kms-sign"),
        vault.path, vault.passwordFile, input,
      ])
    #expect(terminal.expect("Sign it again? Type yes", timeoutSeconds: 180), "\(terminal.screen)")
    terminal.type(answer + "\n")
    #expect(terminal.wait(timeoutSeconds: 180) == status, "\(terminal.screen)")
    #expect(terminal.screen.contains("\"reused\":false") == (answer == "yes"), "\(terminal.screen)")
  }

  @Test func passesOnRecordsThatEndedEarlier() throws {
    let vault = try KeyedVault()
    unlink(vault.journal)
    var record = try SampleRecord.eth("a1", wallet: "26d3883e-4e17-48b3-a0ee-09a3e484ac83")
    record.error = RecordError(.verify, .denied, .denied, "the server said no")
    let result = try vault.sign([record.line])
    #expect(result.outputLines == [record.line])
    #expect(result.status == 0, "nothing to sign, nothing opened")
  }

  @Test func asksForNothingWhenThereIsNothingToSign() throws {
    let result = try ProgramProcess.run("kms-sign", ["--path", "/nonexistent/wallet.dat"])
    #expect(result.status == 0)
    #expect(result.errorText == "")
  }
}
