import Foundation
import Glibc
import KMSRecords
import Testing

/// kms-wallet --aws against moto, a stand-in for AWS that checks signatures and rights.
@Suite(.serialized)
struct AWSPasswordTests {
  private let folder: WalletFolder
  private let moto: ProgramProcess
  private let facts: JSONValue
  private let id: String

  init() throws {
    folder = try WalletFolder()
    moto = try ProgramProcess(
      "/usr/bin/env",
      [
        "python3", SourceTree.root.appendingPathComponent("Tests/Pipeline/moto_server.py").path,
        WalletFolder.password,
      ],
      environment: ["HOME": folder.url.path])
    facts = try JSONValue(
      parsing: moto.waitForLines(1, timeoutSeconds: 120).first ?? "no moto; scripts/test installs it")
    id = try folder.stored("generatemanagedwallet", "ETH")
  }

  /// What a user of AWS has in the environment.
  private func environment(
    _ who: String, original: Bool = true, secret: String = "kms/password", key: String? = "vault"
  ) -> [String: String] {
    let keys = facts["keys"]?[who]
    var variables = [
      "TATUM_KMS_AWS_SECRET_NAME": secret, "AWS_ENDPOINT_URL": facts["url"]?.string ?? "",
      original ? "TATUM_KMS_AWS_REGION" : "AWS_DEFAULT_REGION": facts["region"]?.string ?? "",
      original ? "TATUM_KMS_AWS_ACCESS_KEY_ID" : "AWS_ACCESS_KEY_ID": keys?["id"]?.string ?? "",
      original ? "TATUM_KMS_AWS_SECRET_ACCESS_KEY" : "AWS_SECRET_ACCESS_KEY": keys?["secret"]?.string ?? "",
    ]
    variables["TATUM_KMS_AWS_SECRET_KEY"] = key
    variables["AWS_SESSION_TOKEN"] = keys?["token"]?.string
    return variables
  }

  private func run(_ environment: [String: String], _ option: String = "--aws") throws
    -> ProgramProcess.Result
  {
    // Without a terminal: nobody is asked.
    try ProgramProcess.run(
      "/usr/bin/setsid",
      ["-w", SourceTree.program("kms-wallet"), "getaddress", id, "0", "--path", folder.vault, option],
      environment: environment)
  }

  @Test func opensTheVaultWithThePasswordOfAWS() throws {
    for environment in [
      environment("reader"), environment("reader", original: false), environment("session", original: false),
      environment("reader", secret: "plain", key: nil),
    ] {
      let result = try run(environment)
      #expect(result.status == 0, "\(result.errorText)")
    }
  }

  @Test func saysWhichOfFourTroublesItIs() throws {
    var wrongKey = environment("reader")
    wrongKey["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] = "wrong"
    var otherRegion = environment("reader")
    otherRegion["TATUM_KMS_AWS_REGION"] = "us-east-1"
    var down = environment("reader")
    down["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    var incomplete = environment("reader")
    incomplete["TATUM_KMS_AWS_SECRET_NAME"] = nil
    for (environment, status, word) in [
      (wrongKey, 77, "no-access"), (self.environment("stranger"), 77, "no-access"),
      (self.environment("reader", secret: "other"), 66, "no-such-secret"),
      (self.environment("reader", secret: "deleted"), 66, "no-such-secret"),
      (otherRegion, 66, "no-such-secret"),
      (self.environment("reader", key: "other"), 66, "no-such-key"),
      (self.environment("reader", key: "empty"), 66, "no-such-key"),
      (self.environment("reader", key: "n"), 66, "no-such-key"),
      (self.environment("reader", secret: "binary"), 66, "no-such-key"), (down, 69, "unreachable"),
      (incomplete, 78, "TATUM_KMS_AWS_SECRET_NAME"), (self.environment("reader", key: nil), 78, "SECRET_KEY"),
    ] {
      let result = try run(environment)
      #expect(result.status == status, "\(word): \(result.errorText)")
      #expect(result.errorText.contains(word), "\(result.errorText)")
      #expect(!result.errorText.contains(WalletFolder.password))
      if let secret = environment["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] {
        #expect(!result.errorText.contains(secret))
      }
    }
  }

  @Test func takesOneSourceOnly() throws {
    for options in [
      ["--aws", "--vgs"], ["--azure", "--password-file", folder.passwordFile], ["--aws", "--key-fd", "5"],
    ] {
      #expect(try ProgramProcess.run("kms-wallet", ["list", "--path", folder.vault] + options).status == 64)
    }
    #expect(try ProgramProcess.run("kms-sign", ["--aws"]).status == 64, "the signer has no network")
  }

  @Test func asksForWhatIsMissingAtATerminalOnly() throws {
    var incomplete = environment("reader")
    incomplete["TATUM_KMS_AWS_SECRET_NAME"] = nil
    let terminal = try TerminalProcess(
      "kms-wallet", ["getaddress", id, "0", "--path", folder.vault, "--aws"], environment: incomplete)
    #expect(terminal.expect("Enter TATUM_KMS_AWS_SECRET_NAME: "))
    terminal.type("kms/password\n")
    #expect(terminal.expect("\"address\""))
    #expect(terminal.wait() == 0)
  }

  /// They stay in the key holder.
  @Test func handsTheCredentialsToTheWalletAlone() throws {
    let sandbox = try SandboxProcess()
    var variables = environment("session", original: false)
    variables["KMS_BIN_DIR"] =
      URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path
    variables["TATUM_API_KEY"] = sandbox.apiKey
    variables["TATUM_API_URL"] = sandbox.url
    variables["HOME"] = folder.url.path
    let secrets =
      ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].compactMap { variables[$0] } + [WalletFolder.password]
    let daemon = try ProgramProcess(
      SourceTree.root.appendingPathComponent("scripts/tatum-kms").path,
      ["daemon", "--aws", "--testnet", "--period=1", "--path", folder.vault], environment: variables)
    // What a process is started with, its environment shows until it has read it; from then on nobody does.
    #expect(eventually { String(decoding: daemon.errorSoFar, as: UTF8.self).contains("polling every") })
    let deadline = Date().addingTimeInterval(6)
    var seen = 0
    while Date() < deadline {
      for process in ProcessTree.below(daemon.processID) {
        for file in ["cmdline", "environ"] {
          guard let data = FileManager.default.contents(atPath: "/proc/\(process)/\(file)"), !data.isEmpty
          else { continue }
          seen += 1
          let text = String(decoding: data, as: UTF8.self)
          for secret in secrets { #expect(!text.contains(secret), "\(file) of \(process)") }
        }
      }
      usleep(10_000)
    }
    #expect(seen > 100)
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0, "\(result.errorText)")
    for secret in secrets { #expect(!result.errorText.contains(secret)) }
  }
}
