public import ArgumentParser
internal import Glibc

/// A program of this project: what is wrong with its command line is said without quoting what may be a secret, typed in the
/// wrong place.
public protocol KMSProgram: ParsableCommand {}

extension KMSProgram {
  /// Parses the command line and runs the command.
  public static func main() { start(Array(CommandLine.arguments.dropFirst())) }

  /// Parses `arguments` and runs the command.
  public static func start(_ arguments: [String]) -> Never {
    let path = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    let place = CommandPlace(path, in: self)
    do {
      if arguments.first == "help", place?.isUnknown == true {
        throw ValidationError("there is no such command")
      }
      var command = try parseAsRoot(arguments)
      try command.run()
      exit()
    } catch {
      let code = exitCode(for: error).rawValue
      let text = CommandLineText.explained(
        CommandLineText.withoutValues(
          fullMessage(for: error), arguments: arguments, commands: CommandPlace.names(of: self)),
        arguments: arguments, place: place)
      guard !text.isEmpty else { Glibc.exit(code) }
      if code == 0 {
        print(text)
      } else if Program.logFormat == .json {
        StandardError.writeLine(
          LineLogHandler.json(
            level: "error", program: Self._commandName, message: CommandLineText.firstLine(text)))
      } else {
        StandardError.writeLine(text)
      }
      Glibc.exit(code)
    }
  }
}

/// Messages of the argument parser.
public enum CommandLineText {
  /// The message without what was typed, except names of options and short words in capitals (chains).
  ///
  /// A secret may be typed where none belongs, and messages end in logs and on screens.
  public static func withoutValues(_ message: String, arguments: [String], commands: [String] = []) -> String
  {
    guard message.hasPrefix("Error:") else { return message }
    var values: Set<String> = []
    for argument in arguments where !commands.contains(argument) {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      if !argument.hasPrefix("-") || !isOption(parts[0]) { values.insert(argument) }
      if argument.hasPrefix("-"), parts.count > 1 { values.insert(parts[1]) }
    }
    // What follows is of the program's own making.
    let end = ["\nHelp: ", "\nUsage: ", "\n  See "].compactMap { message.firstRange(of: $0)?.lowerBound }
      .min()
    let own = message[(end ?? message.endIndex)...]
    var text = String(message[..<(end ?? message.endIndex)])
    // Longest first: one may be a part of another. A short one may be a part of any word.
    for value in values.filter({ !isHarmless($0) }).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      let isLong = value.utf8.count >= 8
      text = replace(isLong ? value : "'\(value)'", with: isLong ? "…" : "'…'", in: text)
    }
    return shortened(text) + own
  }

  /// Without what only says that a hidden value is wrong: `<chain>: there is no blockchain …`.
  private static func shortened(_ text: String) -> String {
    let start = "Error: The value '…' is invalid for '"
    guard text.hasPrefix(start), let end = text.firstRange(of: "': ") else { return text }
    let (name, reason) = (text[..<end.lowerBound].dropFirst(start.count), text[end.upperBound...])
    return "Error: " + (reason.hasPrefix("-") ? "" : "\(name): ") + reason
  }

  /// The message with what a person can do about it, in the words of what was typed.
  static func explained(_ message: String, arguments: [String], place: CommandPlace?) -> String {
    guard message.hasPrefix("Error: ") else { return message }
    let (first, rest) = (firstLine(message), message.drop { $0 != "\n" })
    let isUnexpected = first.firstRange(of: "nexpected argument") != nil
    if let place, place.isUnknown, isUnexpected || first == "there is no such command" {
      let meant = place.nearest.map { ". Did you mean '\($0)'?" } ?? ""
      return "Error: there is no such command\(meant)\(rest)"
    }
    if arguments.contains(where: isNegative),
      first.hasPrefix("Unknown option") || first.hasPrefix("Missing expected")
    {
      return "Error: a number can't be negative here\(rest)"
    }
    for (option, others) in secretOptions where first.hasPrefix("Unknown option '\(option)'") {
      return
        "Error: what stands in an argument, everybody on this machine can read, and the history of your shell keeps it: "
        + "\(others) takes it from elsewhere\(rest)"
    }
    if isUnexpected, arguments.first?.hasPrefix("storemanaged") == true {
      return
        "Error: \(first). Keys, words and passwords are never arguments: they are asked for, or come from a pipe. What was "
        + "typed is in the history of your shell\(rest)"
    }
    return message
  }

  /// What people type first, and what there is in its place.
  private static let secretOptions = [
    ("--api-key", "--api-key-file or TATUM_API_KEY"),
    ("--password", "--password-file, --password-command or --password-fd"),
  ]

  private static func isNegative(_ word: String) -> Bool {
    word.utf8.count > 1 && word.hasPrefix("-") && word.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
  }

  /// The name from which a word differs in at most a third of its letters; nil when there is none, or it is that name.
  public static func nearest(to word: String, among names: [String]) -> String? {
    let found = names.map { (name: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
      .min { $0.distance < $1.distance }
    guard let found, found.distance > 0, found.distance <= max(1, found.name.utf8.count / 3) else {
      return nil
    }
    return found.name
  }

  /// How many letters must be put in, left out, changed, or swapped with the next one.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count <= 64 else { return .max }
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }

  private static func replace(_ part: String, with new: String, in text: String) -> String {
    var (rest, out) = (text[...], "")
    while let range = rest.firstRange(of: part) {
      out += rest[..<range.lowerBound] + new
      rest = rest[range.upperBound...]
    }
    return out + rest
  }

  /// The first line, without `Error: `.
  public static func firstLine(_ message: String) -> String {
    let line = message.split(separator: "\n").first.map(String.init) ?? message
    return line.hasPrefix("Error: ") ? String(line.dropFirst(7)) : line
  }

  private static func isOption(_ text: String) -> Bool {
    text.utf8.count <= 32
      && text.utf8.allSatisfy { (97...122).contains($0) || (65...90).contains($0) || $0 == UInt8(ascii: "-") }
  }

  private static func isHarmless(_ text: String) -> Bool {
    text.isEmpty
      || text.split(separator: ",").allSatisfy {
        $0.utf8.count <= 5 && $0.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) }
      }
  }
}

/// How far a command line leads among a program's commands.
struct CommandPlace {
  /// The commands that there are where it ends, and the word that is none of them; nil when there is none.
  private let names: [String]
  private let word: String?

  /// Nil when no command was typed at all.
  init?(_ words: ArraySlice<String>, in program: any ParsableCommand.Type) {
    var (command, rest) = (program, words)
    guard rest.first?.hasPrefix("-") == false else { return nil }
    while let next = Self.commands(of: command).first(where: { $0._commandName == rest.first }) {
      (command, rest) = (next, rest.dropFirst())
    }
    names = Self.names(of: command)
    word = rest.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
  }

  /// Whether a command that there is not was typed where one belongs.
  var isUnknown: Bool { word != nil && !names.isEmpty && word != "help" }

  /// The command that may be meant.
  var nearest: String? { word.flatMap { CommandLineText.nearest(to: $0.lowercased(), among: names) } }

  static func names(of command: any ParsableCommand.Type) -> [String] {
    commands(of: command).map { $0._commandName }
  }

  private static func commands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    command.configuration.subcommands + command.configuration.groupedSubcommands.flatMap(\.subcommands)
  }
}
