import ArgumentParser
import Glibc
import KMSChains
import KMSCrypto
import KMSNetwork
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault
import Logging

/// What the doctor looks at, one thing after the other.
struct Checkup {
  private let plan: DaemonPlan
  private var vault: Vault?

  init(_ plan: DaemonPlan) { self.plan = plan }

  /// All checks, in the order in which they are shown.
  static var all: [(inout Checkup) -> [Finding]] {
    [
      { $0.programs() }, { $0.vaultFile() }, { $0.openVault() }, { $0.memory() }, { $0.room() }, { $0.api() },
      { $0.approver() },
    ]
  }

  private var network: String { plan.options.testnet ? "testnets" : "mainnet" }

  // MARK: This machine

  /// Each program checks its options, and the files that these name.
  private func programs() -> [Finding] {
    let version = Finding.ok("version", "tatum-kms \(KMSVersion.current), for \(network)")
    return [version]
      + plan.stages.map { stage, arguments in
        let subject = "kms-\(stage.name)"
        do {
          try plan.check(stage, arguments, removing: Daemon.secretVariables)
          return .ok(subject, "its options and the files that they name are right")
        } catch { return Self.problem(subject, error) }
      }
  }

  private func vaultFile() -> [Finding] {
    let options = plan.options.access.options
    do {
      try options.checkVault()
      return [.ok("vault", "\(options.file) is a vault that only you can use")]
    } catch { return [Self.problem("vault", error)] }
  }

  private mutating func openVault() -> [Finding] {
    do {
      let access = plan.options.access
      try access.options.checkVault()
      let password = try access.configuredPassword()
      if password == nil, access.options.keyFd == nil, isatty(STDIN_FILENO) == 0 {
        return [
          .skipped(
            "wallets", "the vault was not opened: there is no password",
            advice: "TATUM_KMS_PASSWORD, --password-file, or ask at a terminal")
        ]
      }
      let vault = try password.map { try Vault.open(at: access.options.file, password: $0) } ?? access.open()
      self.vault = vault
      return [try wallets(of: vault)] + (try approvers(of: vault))
    } catch let error as VaultError where error.exitStatus == .noInput {
      return []  // said already
    } catch { return [Self.problem("wallets", error)] }
  }

  private func wallets(of vault: Vault) throws -> Finding {
    let counts = try vault.chains(testnet: plan.options.testnet)
    guard !counts.isEmpty else {
      return .problem(
        "wallets", "the vault has no wallets of \(network)",
        advice:
          "kms-wallet generatemanagedwallet makes one; \(plan.options.testnet ? "without" : "with") --testnet the "
          + "other network is looked at", .noInput)
    }
    let list = counts.map { "\($0.chain) \($0.wallets)" }.joined(separator: ", ")
    return .ok("wallets", "the password is right; wallets of \(network): \(list)")
  }

  private func approvers(of vault: Vault) throws -> [Finding] {
    let policy = try vault.policy()
    guard policy.required == 0 else {
      return [
        .ok("approvers", "\(policy.required) of \(policy.approvers.count) pinned keys must have signed")
      ]
    }
    guard !plan.options.testnet else { return [] }
    return [
      .note(
        "approvers",
        "no approver's key is pinned: who controls the network programs of this machine can approve",
        advice: "kms-wallet approver set KEY (docs/approvals.md)")
    ]
  }

  private func memory() -> [Finding] {
    guard SecretMemory.lockFailed() else {
      return [.ok("memory", "keys are kept in memory that is never written to a disk")]
    }
    return [
      .note(
        "memory", "memory for keys can't be locked and may be swapped to disk",
        advice: "raise the limit: ulimit -l, or LimitMEMLOCK= of the service")
    ]
  }

  /// Room for the journal, without which nothing is signed.
  private func room() -> [Finding] {
    let folder = plan.options.access.options.file.split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    var status = statvfs()
    guard unsafe statvfs(folder.isEmpty ? "/" : folder, &status) == 0 else {
      return [
        .skipped(
          "disk", "what is free in \(folder) is not told: \(System.reason())", advice: nil)
      ]
    }
    let mebibytes = UInt64(status.f_bavail) / 1024 * UInt64(status.f_frsize) / 1024
    guard mebibytes < 100 else { return [.ok("disk", "\(mebibytes) MiB are free beside the vault")] }
    return [
      .problem(
        "disk",
        "\(mebibytes) MiB are free beside the vault; nothing is signed when the journal can't be written",
        advice: "make room in \(folder)", .cannotCreate)
    ]
  }

  // MARK: The API

  private func api() -> [Finding] {
    do {
      let key = try plan.options.apiKeyFile.map { try APIKey.read(file: $0) } ?? APIKey.takeFromEnvironment()
      guard let key else {
        return [
          .problem(
            "API key", "there is none",
            advice: "set TATUM_API_KEY, in the environment or in the settings file (--env-file)",
            .configuration)
        ]
      }
      let base = try TatumOptions.parse(plan.values(of: "fetch", "--api-url").map { "--api-url=\($0)" })
        .address()
      let checkup = APICheckup(
        base: base, key: key, questions: try questions(), timeout: .seconds(15),
        logger: plan.options.access.log.logger(for: TatumKMS.name))
      return Self.findings(of: checkup)
    } catch { return [Self.problem("API", error)] }
  }

  /// One wallet of each chain that would be polled; without a vault, one of a chain that nobody has.
  private func questions() throws -> [(chain: String, signatureID: String)] {
    let chosen = plan.values(of: "fetch", "--chain").flatMap { $0.split(separator: ",").map(String.init) }
    let testnet = plan.options.testnet
    let stocked = try vault?.chains(testnet: testnet).map(\.chain) ?? []
    let chains = stocked.filter { chosen.isEmpty || chosen.contains($0) }
    guard let vault, !chains.isEmpty else {
      let any = chosen.first ?? ChainRegistry.chains.keys.sorted()[0]
      return [(any, "00000000-0000-4000-8000-000000000000")]
    }
    return try chains.compactMap { chain in
      try vault.signatureIDs(chain: chain, testnet: testnet).first.map { (chain, $0) }
    }
  }

  private static func findings(of checkup: APICheckup) -> [Finding] {
    var findings: [Finding] = []
    for (chain, answer) in checkup.answers {
      switch answer {
      case .pending(let count): findings.append(.ok(chain, "the API lists \(count) pending of one wallet"))
      case .failed(let text, let status, isOfAll: true):
        // The key, the credits or the subscription: one line for all chains.
        return [.problem("API key", text, advice: nil, status)]
      case .failed(let text, let status, isOfAll: false):
        findings.append(.problem(chain, text, advice: nil, status))
      }
    }
    if findings.contains(where: { $0.verdict == .ok }) {
      findings.insert(.ok("API key", "the API takes it, and its credits are not used up"), at: 0)
    }
    guard let (theirs, ours) = checkup.clocks else { return findings }
    let seconds = ours - theirs
    let text =
      "this machine's clock is \(seconds.magnitude) s \(seconds < 0 ? "behind" : "ahead of") the API's"
    // Approvals may be 60 s from the future; some chains' transactions live for little longer.
    findings.append(
      seconds.magnitude < 30
        ? .ok("clock", text)
        : .problem(
          "clock", text, advice: "let it be set by the network: timedatectl set-ntp true", .configuration))
    return findings
  }

  // MARK: The approver

  /// Has kms-verify itself ask about an id that nobody has, as it would ask in earnest: the right answer is a no.
  private func approver() -> [Finding] {
    guard let verify = plan.stages.first(where: { $0.stage.name == "verify" }) else { return [] }
    guard plan.hasApprover else {
      return plan.options.testnet
        ? [.note("approver", "none: transactions of testnets are signed unseen", advice: "--external-url")]
        : [
          .problem(
            "approver", "none: mainnet transactions are never signed without one", advice: "--external-url",
            .configuration)
        ]
    }
    do { return [try answer(of: verify.stage, verify.arguments)] } catch {
      return [Self.problem("approver", error)]
    }
  }

  private func answer(of stage: Stage, _ arguments: [String]) throws -> Finding {
    let chain = ChainRegistry.chains.keys.sorted()[0]
    let id = "doctor-" + Hex.encode(try SecretBytes.random(count: 12).withBytes { Array($0) })
    let record: JSONValue = [
      "v": 1, "id": .string(id), "chain": .string(chain), "testnet": true,
      "pending": ["id": .string(id), "chain": .string(chain), "hashes": []],
    ]
    let input = try Self.file(SecretBytes(copying: record.encoded() + [UInt8(ascii: "\n")]))
    defer { close(input) }
    guard let key = StageKey(.approve, try SecretBytes.random(count: 32)) else {
      throw ProgramFailure(.internalError, "32 bytes are no key")
    }
    var inherited = [input, try Self.file(key.line())]
    var words = arguments + ["--key-fd=3"]
    if let headers = try plan.options.headers() {
      inherited.append(try Self.file(headers))
      words.append("--header-fd=4")
    }
    defer { for descriptor in inherited.dropFirst() { close(descriptor) } }
    let result = try ChildProcess.run(
      stage.path, words, removing: Daemon.secretVariables, input: input, others: Array(inherited.dropFirst()))
    guard
      let answer = try? Record(
        parsing: Array(result.output.utf8.prefix { $0 != UInt8(ascii: "\n") })[...],
        chains: ChainRegistry.names)
    else {
      return .problem(
        "approver", "kms-verify ended with status \(result.status)", advice: nil,
        ExitStatus(rawValue: result.status) ?? .internalError)
    }
    guard let error = answer.error else {
      return .problem(
        "approver", "it says yes to an id that nobody has: it would say yes to anything",
        advice: "let it confirm only what your application asked for (docs/approvals.md)", .configuration)
    }
    guard error.code == .denied else { return .problem("approver", error.message, advice: nil, .unavailable) }
    return .ok("approver", "it can be reached, and says no to an id that nobody has: \(error.message)")
  }

  /// A file in memory that holds a text, read from its beginning.
  private static func file(_ text: SecretBytes) throws -> Int32 {
    let descriptor = MemoryFile.create("tatum-kms-doctor")
    let isWritten = text.withBytes { (try? Descriptor.write(descriptor, $0)) != nil }
    guard descriptor >= 0, isWritten, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw ProgramFailure(.internalError, "no file in memory: \(System.reason())")
    }
    return descriptor
  }

  private static func problem(_ subject: String, _ error: any Error) -> Finding {
    guard let error = error as? any ProgramError else {
      return .problem(subject, "\(error)", advice: nil, .internalError)
    }
    return .problem(subject, error)
  }
}
