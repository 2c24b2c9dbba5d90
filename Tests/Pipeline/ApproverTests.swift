import Foundation
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault
import Testing

/// The approver's own key: pinned by kms-wallet, used by scripts/approver, checked by kms-sign, all as processes.
@Suite struct ApproverTests {
  private func pin(_ vault: KeyedVault, _ arguments: [String]) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      "kms-wallet", ["approver"] + arguments + ["--path", vault.path, "--password-file", vault.passwordFile])
  }

  private func verify(
    _ vault: KeyedVault, _ approver: ApproverProcess, _ records: [Record],
    _ options: [String] = ["--method", "POST"]
  ) throws -> [Record] {
    try vault.run(
      "kms-verify", key: .approve, ["--external-url", approver.url] + options,
      input: records.map { $0.line + "\n" }.joined()
    ).records
  }

  @Test func signsOnlyWhatThePinnedKeySigned() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let (ours, other) = (try ApproverProcess(vault), try ApproverProcess(vault, name: "other"))
    let pinned = try pin(vault, ["set", ours.publicKey])
    #expect(pinned.status == 0 && pinned.outputText.contains(ours.publicKey), "\(pinned.errorText)")
    let record = try SampleRecord.eth("m1", wallet: wallet, testnet: false)
    for approver in [ours, other] { try approver.allow("m1") }

    let denied = try vault.sign([try #require(try verify(vault, other, [record]).first).line]).records.first
    #expect(denied?.error?.code == .approvalInvalid)
    // An answer to a GET has no signature.
    let unsigned = try vault.sign([try #require(try verify(vault, ours, [record], []).first).line]).records
      .first
    #expect(unsigned?.error?.code == .approvalMissing)
    let approved = try #require(try verify(vault, ours, [record]).first)
    #expect(approved["approval"]?["jws"]?.string?.hasPrefix("eyJ") == true)
    #expect(try vault.sign([approved.line]).records.first?["signed"]?["txId"] != nil)
  }

  /// Who holds the approve key and the view key, at the place of kms-verify, still approves nothing.
  @Test func theApproveKeyAloneIsNotEnough() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let ours = try ApproverProcess(vault)
    _ = try pin(vault, ["set", ours.publicKey])
    try ours.allow("m1")
    let honest = try SampleRecord.eth("m1", wallet: wallet, testnet: false)
    let jws = try #require(try verify(vault, ours, [honest]).first?["approval"]?["jws"]?.string)
    var forged = try SampleRecord.eth("m1", wallet: wallet, value: "9000000000000000", testnet: false)
    forged["approval"] = try Approval(
      of: forged, url: "https://a/m1", method: "POST", status: 200, at: Timestamp.now(), signed: [jws],
      key: vault.vault.key(for: .approve)
    ).json
    let error = try vault.sign([forged.line]).records.first?.error
    #expect(error?.code == .approvalInvalid && error?.outcome == .denied)
  }

  @Test func aListOfDigestsApprovesContentNotNames() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let approver = try ApproverProcess(vault)
    let expected = try SampleRecord.eth("a1", wallet: wallet)
    let hostile = try SampleRecord.eth("a1", wallet: wallet, value: "9000000000000000000")
    let digest = Approval.digest(of: expected).map { String(format: "%02x", $0) }.joined()
    try approver.allow("# expected today", "a1 \(digest)")
    #expect(try verify(vault, approver, [expected]).first?["approval"] != nil)
    #expect(try verify(vault, approver, [hostile]).first?.error?.code == .denied)
  }

  @Test func demandsTwoOfThree() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let approvers = try ["a", "b", "c"].map { try ApproverProcess(vault, name: $0) }
    _ = try pin(vault, ["set", "--require", "2"] + approvers.map(\.publicKey))
    var record = try SampleRecord.eth("m1", wallet: wallet, testnet: false)
    let signed = try approvers.map { approver in
      try approver.allow("m1")
      return try #require(try verify(vault, approver, [record]).first?["approval"]?["jws"]?.string)
    }
    func approve(_ places: Int...) throws -> Record? {
      record["approval"] = nil
      record["approval"] = try Approval(
        of: record, url: "https://a/m1", method: "POST", status: 200, at: Timestamp.now(),
        signed: places.map { signed[$0] }, key: vault.vault.key(for: .approve)
      ).json
      return try vault.sign([record.line]).records.first
    }
    #expect(try approve(0)?.error?.code == .approvalMissing)
    #expect(try approve(1, 1)?.error?.code == .approvalMissing)
    #expect(try approve(2, 0)?["signed"] != nil)
  }

  @Test func testnetsGoWithoutUnlessToldOtherwise() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let ours = try ApproverProcess(vault)
    _ = try pin(vault, ["set", ours.publicKey])
    let record = try SampleRecord.eth("t1", wallet: wallet)
    #expect(
      try vault.sign([record.line], ["--testnet-approvals"]).records.first?.error?.code == .approvalMissing)
    #expect(try vault.sign([record.line]).records.first?["signed"] != nil)
  }

  @Test func approversAreShownAndNeedThePassword() throws {
    let vault = try KeyedVault()
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    #expect(try pin(vault, ["show"]).outputText.contains("\"required\": 0"))
    let required = try vault.sign([], ["--require-approvers"])
    #expect(required.status == 0, "with nothing to sign no vault is opened")
    let record = try SampleRecord.eth("t1", wallet: "26d3883e-4e17-48b3-a0ee-09a3e484ac83")
    #expect(try vault.sign([record.line], ["--require-approvers"]).status == 78)
    #expect(try pin(vault, ["set", key]).status == 0)
    #expect(try pin(vault, ["show"]).outputText.contains(key))
    #expect(try vault.sign([record.line], ["--require-approvers"]).status == 0)
    for wrong in [["set"], ["set", "00"], ["set", "--require", "2", key], ["set", key, key]] {
      #expect(try pin(vault, wrong).status == 64, "\(wrong)")
    }
    let withKey = try vault.run(
      "kms-wallet", key: .vault, ["approver", "remove", "--yes", "--path", vault.path], input: "")
    #expect(withKey.status == 64 && withKey.errorText.contains("needs the password"))
    #expect(try pin(vault, ["remove", "--yes"]).status == 0)
    #expect(try pin(vault, ["show"]).outputText.contains("\"approvers\": []"))
  }

  // MARK: Reaching the server

  @Test func makesItselfKnownByAHeaderThatStandsInNoArgument() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let token = try vault.write("token", "s3cret-token")
    let approver = try ApproverProcess(vault, ["--token-file", token])
    try approver.allow("a1")
    let record = try SampleRecord.eth("a1", wallet: wallet)
    #expect(try verify(vault, approver, [record]).first?.error?.code == .denied)
    let header = try vault.write("header", "Authorization: Bearer s3cret-token\n")
    #expect(try verify(vault, approver, [record], ["--header-file", header]).first?["approval"] != nil)
    chmod(header, 0o644)
    let open = try vault.run(
      "kms-verify", key: .approve, ["--external-url", approver.url, "--header-file", header],
      input: record.line + "\n")
    #expect(open.status == 77 && open.errorText.contains("chmod 600"))
    let bad = try vault.write("bad", "s3cret-token\n")
    let refused = try vault.run(
      "kms-verify", key: .approve, ["--external-url", approver.url, "--header-file", bad],
      input: record.line + "\n")
    #expect(refused.status == 78 && !refused.errorText.contains("s3cret"), "\(refused.errorText)")
  }

  @Test(arguments: [
    ("http://203.0.113.7/x", "plain http"), ("http://10.0.0.1/x", "plain http"),
    ("https://me:pw@approver.internal/", "password or a query"),
    ("https://approver.internal/?token=1", "query"),
    ("approver.internal", "https://"),
  ]) func refusesAnAddressThatIsNoSecondPairOfEyes(url: String, words: String) throws {
    let vault = try KeyedVault()
    let result = try vault.run("kms-verify", key: .approve, ["--external-url", url], input: "")
    #expect(result.status == 78 && result.errorText.contains(words), "\(result.errorText)")
    #expect(!result.errorText.contains("pw@") && !result.errorText.contains("token=1"))
  }
}
