import Foundation
import KMSRecords
import Testing

/// The daemon and an approver that wants to know who asks, and to see what would be signed.
@Suite struct SupervisorApproverTests {
  private let run: PipelineRun

  init() throws { run = try PipelineRun() }

  private func pin(_ key: String) throws {
    let set = try ProgramProcess.run(
      "kms-wallet",
      ["approver", "set", key, "--path", run.vault.path, "--password-file", run.vault.passwordFile])
    try #require(set.status == 0, "\(set.errorText)")
  }

  /// The header lines are read once, and reach every poll's kms-verify from the key holder.
  @Test func everyPollMakesItselfKnownByTheHeader() throws {
    let token = try run.vault.write("token", "s3cret-token")
    let header = try run.vault.write("header", "Authorization: Bearer s3cret-token\n")
    let approver = try ApproverProcess(run.vault, ["--token-file", token])
    try pin(approver.publicKey)
    let ids = ["61dc00000000000000000001", "61dc00000000000000000002"]
    for id in ids { try approver.allow(ids[0], ids[1], id) }
    try run.addETH(ids[0])
    let daemon = try run.startSupervisor([
      "--testnet", "--testnet-approvals", "--period=1", "--external-url", approver.url,
      "--external-url-method", "POST", "--header-file", header,
    ])
    #expect(try eventually { try run.accepted() == [ids[0]] })
    // What the first poll had does not depend on the file any more.
    try FileManager.default.removeItem(atPath: header)
    try run.addETH(ids[1], value: "2000")
    #expect(try eventually { try run.accepted() == ids })
    let command = try String(contentsOfFile: "/proc/\(daemon.processID)/cmdline", encoding: .utf8)
    #expect(!command.contains("s3cret"))
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0 && !result.errorText.contains("s3cret"), "\(result.errorText)")
  }

  @Test func aHeaderThatComesOverADescriptorServesAllPolls() throws {
    let token = try run.vault.write("token", "s3cret-token")
    let header = try run.vault.write("header", "Authorization: Bearer s3cret-token\n")
    let approver = try ApproverProcess(run.vault, ["--token-file", token])
    let id = "61dc00000000000000000001"
    try approver.allow(id)
    try run.addETH(id)
    let descriptor = open(header, O_RDONLY)
    defer { close(descriptor) }
    let result = try run.startSupervisor(
      ["--testnet", "--run-once", "--external-url", approver.url, "--header-fd=7"],
      descriptors: [7: descriptor]
    ).wait()
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try run.accepted() == [id], "\(result.errorText)")
  }

  /// Before anybody is asked for a password.
  @Test(arguments: [
    ("--header-file", 0o644, 77, "chmod 600"), ("--client-certificate", 0o640, 77, "chmod 600"),
    ("--ca-file", 0o666, 77, "chmod go-w"), ("--header-file", 0, 66, "can't be read"),
    ("--client-certificate", 0, 66, "can't be read"), ("--ca-file", 0, 66, "can't be read"),
  ]) func filesForTheApproverAreCheckedAtTheStart(
    option: String, mode: Int, status: Int32, words: String
  ) throws {
    let file = try run.vault.write("file", "Authorization: Bearer s3cret-token\n")
    if mode == 0 { try FileManager.default.removeItem(atPath: file) } else { chmod(file, mode_t(mode)) }
    let result = try run.startSupervisor(
      ["--testnet", "--run-once", "--external-url", run.sandbox.url + "/approve", option, file],
      environment: ["TATUM_KMS_PASSWORD": "not the password"]
    ).wait()
    #expect(result.status == status && result.errorText.contains(words), "\(result.errorText)")
  }

  @Test func aMainnetDaemonSaysOnceWhatItsApprovalsDoNotCover() throws {
    _ = try run.vault.add("ETH", key: KeyedVault.TestKey.eth, testnet: false)
    let url = run.sandbox.url + "/approve"
    func start(_ options: [String] = []) throws -> String {
      let result = try run.startSupervisor(["--run-once", "--external-url", url] + options).wait()
      #expect(result.status == 0, "\(result.errorText)")
      return result.errorText
    }
    let get = try start()
    #expect(get.components(separatedBy: "approvals by GET cover the id").count == 2, "\(get)")
    #expect(get.contains("--external-url-method POST") && get.contains("tatum-kms approver set"))
    let post = try start(["--external-url-method", "POST"])
    #expect(post.contains("approvals are not signed") && !post.contains("by GET"), "\(post)")
    #expect(try !start(["--testnet"]).contains("approvals"), "testnet coins are worth nothing")
    try pin("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    #expect(try !start(["--external-url-method", "POST"]).contains("approvals are not"))
  }
}
