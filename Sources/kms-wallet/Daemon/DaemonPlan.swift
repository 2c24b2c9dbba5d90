import ArgumentParser
import Glibc
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault

/// The options that the daemon itself has; the others are those of the four programs.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Seconds from one poll to the next.", valueName: "seconds"), transform: Self.period)
  var period = 5

  @Flag(help: "Poll once, then end.")
  var runOnce = false

  @Option(
    help: ArgumentHelp(
      "How results look on standard output: json, a record a line; text, a short line of each transaction. (default: text at "
        + "a terminal)", valueName: "form"))
  var output: ResultForm?

  @Option(
    help: ArgumentHelp(
      "Write numbers for Prometheus' node_exporter (textfile collector) to this file after each poll.",
      valueName: "file"), completion: .file())
  var metricsFile: String?

  @Flag(help: "Work on testnets.")
  var testnet = false

  @Option(
    help: ArgumentHelp("File with the API key, readable by its owner only.", valueName: "file"),
    completion: .file())
  var apiKeyFile: String?

  @Option(
    help: ArgumentHelp(
      "A file of mode 0600 with header lines for your server, such as 'Authorization: Bearer …'; read once, at the start.",
      valueName: "file"), completion: .file())
  var headerFile: String?

  @Option(help: ArgumentHelp("Read the header lines from this file descriptor.", valueName: "n"))
  var headerFd: Int32?

  @OptionGroup
  var access: VaultAccess

  func validate() throws {
    if headerFile != nil, headerFd != nil {
      throw ValidationError("--header-file and --header-fd exclude each other")
    }
  }

  /// The header lines for the operator's server, if there are any.
  ///
  /// - Throws: as `RequestHeaders.text`.
  func headers() throws -> SecretBytes? {
    if let headerFile { return try RequestHeaders.text(ofFile: headerFile) }
    return try headerFd.map { try RequestHeaders.text(ofDescriptor: $0) }
  }

  /// Whether the file of metrics can be replaced, as far as that can be known before.
  ///
  /// - Throws: `ProgramFailure` (78).
  func checkMetricsFile() throws {
    guard let metricsFile else { return }
    let folder = PrivateFile.folder(of: metricsFile)
    guard metricsFile.hasSuffix(".prom") else {
      throw ProgramFailure(
        .configuration, "--metrics-file must end in .prom: node_exporter reads no other files")
    }
    guard System.canAccess(folder, W_OK | X_OK) else {
      throw ProgramFailure(
        .configuration, "--metrics-file can't be written in \(folder): \(System.reason())",
        hint: "the folder must be there, and this user must be allowed to write in it")
    }
  }

  private static func period(_ text: String) throws -> Int {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), text.utf8.first != UInt8(ascii: "0"),
      let seconds = Int(text), (1...9_999_999).contains(seconds)
    else { throw ValidationError("--period must be a whole number of seconds, from 1 to 9999999") }
    return seconds
  }

  var hasHeaders: Bool { headerFile != nil || headerFd != nil }

  static let table = OptionTable(json: _dumpHelp())
}

/// What the daemon does, made of its command line before anybody is asked for a password.
struct DaemonPlan {
  let options: DaemonOptions
  /// The programs and what each is given.
  private(set) var stages: [(stage: Stage, arguments: [String])]

  /// Own options that programs get, too.
  private static let shared: Set = [
    "--path", "--testnet", "--log-format", "--quiet", "-q", "--verbose", "-v",
  ]

  /// Divides the command line between the daemon and the four programs.
  ///
  /// - Throws: `ProgramFailure` (64).
  init(_ words: [String], stages: [Stage]) throws {
    var given = stages.map { (stage: $0, arguments: [String]()) }
    var own: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "daemon" { continue }
      guard word.hasPrefix("-") else {
        throw ProgramFailure(.usage, "daemon takes no argument", hint: "\(TatumKMS.name) daemon --help")
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let ownOption = DaemonOptions.table?[parts[0]]
      let owners = given.indices.filter { given[$0].stage.option(parts[0]) != nil }
      guard let option = ownOption ?? owners.first.flatMap({ given[$0].stage.option(parts[0])?.option })
      else {
        throw Self.unknown(parts[0], known: stages.flatMap { $0.shown.flatMap(\.names) })
      }
      var value: String?
      if option.isFlag {
        guard try Self.isOn(parts) else { continue }
      } else {
        guard let given = parts.count > 1 ? parts[1] : rest.popFirst() else {
          throw ProgramFailure(.usage, "\(parts[0]) needs a value")
        }
        value = given
      }
      if ownOption != nil { own += [parts[0]] + (value.map { [$0] } ?? []) }
      guard ownOption == nil || Self.shared.contains(parts[0]) else { continue }
      for owner in owners {
        guard let name = given[owner].stage.option(parts[0])?.name else { continue }
        // In one word, so that a value may begin with a dash.
        given[owner].arguments.append(value.map { "\(name)=\($0)" } ?? name)
      }
    }
    self.stages = given
    do { options = try DaemonOptions.parse(own) } catch {
      let text = CommandLineText.withoutValues(DaemonOptions.fullMessage(for: error), arguments: own)
      throw ProgramFailure(.usage, CommandLineText.firstLine(text), hint: "\(TatumKMS.name) daemon --help")
    }
  }

  private static func isOn(_ parts: [String]) throws -> Bool {
    guard parts.count > 1 else { return true }
    switch parts[1] {
    case "true", "1": return true
    case "false", "0": return false
    default: throw ProgramFailure(.usage, "\(parts[0]) takes no value")
    }
  }

  private static func unknown(_ name: String, known: [String]) -> ProgramFailure {
    let isName =
      name.utf8.count <= 32 && name.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    let hint =
      name == "--password"
      ? "a password is never an argument: --password-file, --password-fd, --password-command or the prompt"
      : nearest(name.hasPrefix("--") ? name : "-" + name, known).map { "did you mean \($0)?" }
        ?? "\(TatumKMS.name) daemon --help"
    return ProgramFailure(.usage, isName ? "unknown option \(name)" : "unknown option", hint: hint)
  }

  private static func nearest(_ name: String, _ known: [String]) -> String? {
    let names = known + (DaemonOptions.table?.options.filter(\.isShown).flatMap(\.names) ?? [])
    return names.contains(name) ? name : CommandLineText.nearest(to: name, among: names)
  }

  /// Whether an approver is named.
  var hasApprover: Bool { gives("verify") { $0.hasPrefix("--external-url=") } }

  /// Whether it is shown what would be signed, not just its id.
  var showsContent: Bool { gives("verify") { $0 == "--method=POST" } }

  private func gives(_ stage: String, _ isWanted: (String) -> Bool) -> Bool {
    stages.contains { $0.stage.name == stage && $0.arguments.contains(where: isWanted) }
  }

  /// Has each program check its options and files.
  ///
  /// - Throws: `ProgramFailure` with what the program says.
  func check(removing secrets: Set<String>) throws {
    for (stage, arguments) in stages { try check(stage, arguments, removing: secrets) }
  }

  /// Has one program check its options and files.
  ///
  /// - Throws: `ProgramFailure` with what the program says.
  func check(_ stage: Stage, _ arguments: [String], removing secrets: Set<String>) throws {
    let result = try ChildProcess.run(stage.path, arguments + ["--check-configuration"], removing: secrets)
    guard result.status != 0 else { return }
    let status = ExitStatus(rawValue: result.status) ?? .internalError
    throw Self.failure(status, said: result.errors, by: stage)
  }

  /// The values that an option of a stage is given.
  func values(of stage: String, _ option: String) -> [String] {
    stages.filter { $0.stage.name == stage }.flatMap(\.arguments).compactMap { word in
      word.hasPrefix(option + "=") ? String(word.dropFirst(option.count + 1)) : nil
    }
  }

  /// The error of a program as the daemon's.
  private static func failure(_ status: ExitStatus, said text: String, by stage: Stage) -> ProgramFailure {
    var message: String?
    var hint: String?
    for line in text.split(separator: "\n").map(String.init) {
      if let json = try? JSONValue(parsing: Array(line.utf8)), let said = json["message"]?.string {
        message = message ?? said
        hint = hint ?? json["hint"]?.string
      } else if line.hasPrefix("kms-\(stage.name): hint: ") {
        hint = hint ?? String(line.dropFirst("kms-\(stage.name): hint: ".count))
      } else if line.hasPrefix("kms-\(stage.name): error: ") {
        message = message ?? String(line.dropFirst("kms-\(stage.name): error: ".count))
      } else if line.hasPrefix("Error: ") {
        message = message ?? String(line.dropFirst(7))
      }
    }
    return ProgramFailure(
      status, message ?? "kms-\(stage.name) ended with status \(status.rawValue)", hint: hint)
  }

  /// What the supervising script is given: for each program the number of its words, then these: path and arguments.
  func words(keys: Int32, locks: Int32) -> [String] {
    stages.flatMap { stage, arguments -> [String] in
      var words = [stage.path] + arguments
      if ["sign", "broadcast"].contains(stage.name), values(of: stage.name, "--refusals").isEmpty {
        words.append("--refusals=\(PrivateFile.folder(of: options.access.options.file))/refused.jsonl")
      }
      switch stage.name {
      case "fetch": words += ["--key-fd=\(keys)", "--api-key-fd=\(keys)", "--lock-fd=\(locks)"]
      case "verify": words += ["--key-fd=\(keys)"] + (options.hasHeaders ? ["--header-fd=\(keys)"] : [])
      case "broadcast": words += ["--api-key-fd=\(keys)", "--lock-fd=\(locks)"]
      default: words += ["--key-fd=\(keys)"]
      }
      return ["\(words.count)"] + words
    }
  }
}

/// How results look.
enum ResultForm: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
