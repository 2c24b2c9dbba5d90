import ArgumentParser
import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault

/// What is different when scripts/tatum-kms starts this program: its name, the original's spellings, the daemon as the command
/// that is meant when none is typed, and the settings file.
enum TatumKMS {
  /// The script, when it started this program.
  static let script: String? = {
    defer { unsafe unsetenv(variable) }
    return System.hasVariable(variable) ? System.variable(variable) ?? "" : nil
  }()

  private static let variable = "TATUM_KMS_SCRIPT"

  /// What people typed.
  static var name: String { script == nil ? "kms-wallet" : "tatum-kms" }

  /// Takes the command line, today's spelling in place of the original's, and the settings of the file that counts.
  ///
  /// - Throws: `ProgramFailure`.
  static func arguments() throws -> [String] {
    let typed = Array(CommandLine.arguments.dropFirst())
    guard script != nil else { return typed }
    for name in Daemon.secretVariables { hide(name) }
    var words = OriginalSpelling.words(typed, commands: KMSWallet.commandNames)
    if let key = try take("--api-key", &words) {
      unsafe setenv("TATUM_API_KEY", key, 1)
      wipeArguments(containing: key)
    }
    let file = try take("--env-file", &words)
    try SettingsFile.read(file)
    return words
  }

  /// Takes an option and its value out of `words`; the last counts.
  private static func take(_ name: String, _ words: inout [String]) throws -> String? {
    var found: String?
    var kept: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == name {
        guard let value = rest.popFirst() else { throw ProgramFailure(.usage, "\(name) needs a value") }
        found = value
      } else if word.hasPrefix(name + "=") {
        found = String(word.dropFirst(name.count + 1))
      } else {
        kept.append(word)
      }
    }
    words = kept
    return found
  }

  /// Moves a variable out of the memory that the kernel shows as /proc/self/environ.
  private static func hide(_ name: String) {
    guard let value = unsafe getenv(name), let copy = unsafe strdup(value) else { return }
    unsafe explicit_bzero(value, strlen(value))
    unsafe setenv(name, copy, 1)
    unsafe explicit_bzero(copy, strlen(copy))
    unsafe free(copy)
  }

  /// Overwrites where the kernel shows arguments (/proc/self/cmdline) what holds a secret.
  private static func wipeArguments(containing secret: String) {
    guard !secret.isEmpty else { return }
    for i in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = unsafe CommandLine.unsafeArgv[i], let found = unsafe strstr(argument, secret)
      else { continue }
      unsafe memset(found, Int32(UInt8(ascii: "x")), strlen(found))
    }
  }
}

/// The original's command lines in today's spelling.
enum OriginalSpelling {
  /// What the original took with or without a value: `--testnet`, `--testnet true`, `--testnet=true`, `--no-testnet`.
  private static let switches: Set = [
    "--testnet", "--run-once", "--aws", "--vgs", "--azure", "--quiet", "--verbose",
  ]

  /// The words with the command first; `daemon` when there is none.
  static func words(_ typed: [String], commands: [String]) -> [String] {
    // What the scripts for shells ask: there the words are what is typed so far.
    if let first = typed.first, first.hasPrefix("---") { return typed }
    if typed == ["help", "daemon"] || typed == ["help", "doctor"] { return [typed[1], "--help"] }
    var words: [String] = []
    var rest = typed[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word != "--" else {
        words.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = kebab(parts[0])
      let positive = name.hasPrefix("--no-") ? "--" + name.dropFirst(5) : name
      guard switches.contains(positive) else {
        words.append(([name] + parts.dropFirst()).joined(separator: "="))
        continue
      }
      var value = parts.count > 1 ? truth(parts[1]) : true
      if parts.count == 1, let next = rest.first, let said = truth(next), next.count > 1 {
        value = said
        rest = rest.dropFirst()
      }
      guard let value else {
        words.append(word)  // refused where it is read
        continue
      }
      words.removeAll { $0 == positive }
      if value != name.hasPrefix("--no-") { words.append(positive) }
    }
    return withCommandFirst(words, commands)
  }

  private static func truth(_ text: String) -> Bool? {
    switch text {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }

  /// `--externalUrl` as `--external-url`.
  private static func kebab(_ name: String) -> String {
    var out = ""
    for scalar in name.unicodeScalars {
      if ("A"..."Z").contains(scalar) {
        out += "-" + Character(scalar).lowercased()
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func withCommandFirst(_ words: [String], _ commands: [String]) -> [String] {
    guard let first = words.first else { return ["daemon"] }
    if !first.hasPrefix("-") || ["--help", "-h", "--version"].contains(first) { return words }
    for (i, word) in words.enumerated().dropFirst() where commands.contains(word) {
      let before = words[i - 1]
      // After an option without "=" it may be that option's value.
      guard !before.hasPrefix("-") || before.contains("=") || switches.contains(before) else { continue }
      return [word] + words[..<i] + words[(i + 1)...]
    }
    return ["daemon"] + words
  }
}
