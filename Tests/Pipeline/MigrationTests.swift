import Foundation
import KMSRecords
import Testing

/// docs/migration.md, followed as a user of the original would.
@Suite(.serialized)
struct MigrationTests {
  private let home: URL
  private let document: String

  init() throws {
    home = FileManager.default.temporaryDirectory.appendingPathComponent("kms-home-\(UUID().uuidString)")
    let folder = home.appendingPathComponent(".tatumrc")
    // As the original leaves it: everybody may look.
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    document = try String(
      contentsOf: SourceTree.root.appendingPathComponent("docs/migration.md"), encoding: .utf8)
  }

  private func shell(_ script: String) throws -> ProgramProcess.Result {
    let programs = URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path
    let scripts = SourceTree.root.appendingPathComponent("scripts").path
    return try ProgramProcess.run(
      "/bin/bash", ["-e", "-c", script],
      environment: [
        "HOME": home.path, "KMS_BIN_DIR": programs, "TATUM_KMS_PASSWORD": OriginalWalletFile.password,
        "PATH": "/usr/bin:/bin:\(scripts):\(programs)",
      ], timeoutSeconds: 120)
  }

  @Test func stepsLeadToAVaultAndABackupLeadsBack() throws {
    let file = home.appendingPathComponent(".tatumrc/wallet.dat").path
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic)
    wallets[OriginalWalletFile.id(2)] = OriginalWalletFile.entry(
      "ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try OriginalWalletFile.write(wallets, to: file)
    let block = try #require(document.firstMatch(of: #/```sh steps\n([^`]*)```/#))
    let steps = try shell(String(block.output.1))
    #expect(steps.status == 0, "\(steps.errorText)")
    #expect(steps.outputText.contains("ETH    mainnet  1 of 25000"))

    let address = "tatum-kms getaddress \(OriginalWalletFile.id(1)) 1"
    let before = try shell(address)
    #expect(try before.json["address"] == "0xaac8c73348f1f92b2f9647e1e4f3cf14e2a8b3cb")
    // The commands of docs/operations.md.
    let restored = try shell(
      """
      kms-wallet backup ~/wallet-2026-11-22.dat >/dev/null
      kms-wallet removewallet --yes \(OriginalWalletFile.id(1))
      rm ~/.tatumrc/wallet.dat
      install -m 0600 ~/wallet-2026-11-22.dat ~/.tatumrc/wallet.dat
      \(address)
      """.replacingOccurrences(
        of: "kms-wallet", with: "TATUM_KMS_PASSWORD='\(OriginalWalletFile.password)' kms-wallet"))
    #expect(restored.status == 0, "\(restored.errorText)")
    #expect(restored.outputText == before.outputText)
    // The way back.
    #expect(try shell("mv ~/.tatumrc/wallet.dat.original ~/.tatumrc/wallet.dat; tatum-kms list").status == 78)
  }

  @Test func namesEveryFlagVariableAndCommandOfTheOriginal() {
    for name in [
      "--apiKey", "--testnet", "--path", "--period", "--chain", "--envFile", "--aws", "--vgs", "--azure",
      "--externalUrl", "--externalUrlMethod", "--runOnce", "--wallets", "--transactionIds", "TATUM_API_KEY",
      "TATUM_API_URL", "TATUM_KMS_PASSWORD", "TATUM_KMS_DEBUG_MODE", "TATUM_KMS_VGS_ALIAS",
      "TATUM_KMS_VGS_USERNAME", "TATUM_KMS_VGS_PASSWORD", "TATUM_KMS_AZURE_SECRETVERSION",
      "TATUM_KMS_AZURE_SECRETNAME", "TATUM_KMS_AZURE_VAULTURL", "TATUM_KMS_AWS_REGION",
      "TATUM_KMS_AWS_SECRET_NAME", "TATUM_KMS_AWS_SECRET_KEY", "TATUM_KMS_AWS_ACCESS_KEY_ID",
      "TATUM_KMS_AWS_SECRET_ACCESS_KEY", "TATUM_RETRIES", "TATUM_RETRY_DELAY", "TESTNET_TYPE",
      "TRON_PRO_API_KEY", "daemon", "generatewallet", "storemanagedwallet", "storemanagedprivatekey",
      "generatemanagedprivatekeybatch", "getprivatekey", "getaddress", "getmanagedwallet", "removewallet",
      "export", "report", "checkconfig",
    ] { #expect(document.contains("`\(name)`"), "\(name)") }
  }
}
