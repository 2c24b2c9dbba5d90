import Foundation
import Testing

/// What somebody new gets wrong, and what they read then: what to do instead.
@Suite struct MistakeTests {
  private let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  /// As it is typed: tatum-kms, which is a script.
  private func type(_ words: String..., environment: [String: String] = [:]) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      PipelineRun.supervisor, words,
      environment: ["HOME": folder.url.path, "KMS_BIN_DIR": PipelineRun.programs].merging(environment) { $1 })
  }

  @Test func secretsTypedAsArguments() throws {
    for (program, option, instead) in [
      ("kms-fetch", "--api-key", "--api-key-file"), ("kms-broadcast", "--api-key", "TATUM_API_KEY"),
      ("kms-sign", "--password", "--password-file"), ("kms-wallet", "--password", "--password-command"),
    ] {
      let words = program == "kms-wallet" ? ["list"] : []
      let result = try ProgramProcess.run(program, words + [option, "s3cret-word"])
      #expect(result.status == 64 && result.errorText.contains(instead), "\(result.errorText)")
      #expect(!result.errorText.contains("s3cret"), "\(result.errorText)")
    }
  }

  /// One program has two names; what is to be typed is said in the words that were.
  @Test func hintsAreInTheWordsThatWereTyped() throws {
    let path = folder.url.path + "/none/wallet.dat"
    let typed = try type("list", "--path", path, "--password-file", folder.passwordFile)
    #expect(
      typed.status == 66 && typed.errorText.contains("`tatum-kms generatemanagedwallet`"),
      "\(typed.errorText)")
    #expect(!typed.errorText.contains("`kms-wallet"))
    let other = try ProgramProcess.run(
      "kms-wallet", ["list", "--path", path, "--password-file", folder.passwordFile])
    #expect(other.errorText.contains("`kms-wallet generatemanagedwallet`"), "\(other.errorText)")
  }

  @Test func aSettingsFileWithoutSettings() throws {
    let file = folder.url.path + "/settings"
    try folder.writeSecret("my api key is 0123456789\n", to: file)
    let result = try type("daemon", "--testnet", "--run-once", "--env-file", file)
    #expect(result.status == 78, "\(result.errorText)")
    #expect(result.errorText.contains("has no setting of this program"), "\(result.errorText)")
    #expect(result.errorText.contains("TATUM_API_KEY=") && !result.errorText.contains("0123456789"))
  }

  @Test func chainsWithoutWallets() throws {
    _ = try folder.stored("generatemanagedwallet", "ETH", "--testnet")
    let result = try type(
      "daemon", "--testnet", "--run-once", "--chain=BTC,LTC", "--path", folder.vault, "--password-file",
      folder.passwordFile, environment: ["TATUM_API_KEY": "x"])
    #expect(result.status == 0 && result.errorText.contains("nothing is asked for"), "\(result.errorText)")
  }

  /// What is refused makes no vault, and says nothing of one.
  @Test func aRefusalMakesNoVault() throws {
    for (words, input) in [
      (["storemanagedprivatekey", "ETH"], "not a key"), (["storemanagedwallet", "ETH"], "not a mnemonic"),
      (["storemanagedwallet", "ETH", "--dry-run"], M1.mnemonic),
    ] {
      let result = try folder.store(words, input: input)
      #expect((result.status == 0) == words.contains("--dry-run"), "\(result.errorText)")
      #expect(!result.errorText.contains("there was no vault"), "\(result.errorText)")
      #expect(!FileManager.default.fileExists(atPath: folder.vault))
    }
    let made = try folder.store("generatemanagedwallet", "ETH")
    #expect(made.status == 0 && made.errorText.contains("there was no vault at \(folder.vault): it was made"))
    let next = try folder.store("generatemanagedwallet", "ETH")
    #expect(next.status == 0 && !next.errorText.contains("it was made"))
  }
}
