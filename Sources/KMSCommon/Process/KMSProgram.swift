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
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      exit()
    } catch {
      let code = exitCode(for: error).rawValue
      let commands = (configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)).map
      {
        $0._commandName
      }
      let text = CommandLineText.suggesting(
        commands, for: arguments,
        in: CommandLineText.withoutValues(fullMessage(for: error), arguments: arguments, commands: commands))
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
    return text + own
  }

  /// The message about a command that does not exist, with the one that may be meant. Only names of ours are shown.
  public static func suggesting(_ commands: [String], for arguments: [String], in message: String) -> String {
    guard message.hasPrefix("Error: Unexpected argument"), let typed = arguments.first, !typed.hasPrefix("-"),
      let nearest = nearest(to: typed.lowercased(), among: commands),
      let end = message.firstIndex(of: "\n")
    else { return message }
    return "\(message[..<end]). Did you mean '\(nearest)'?\(message[end...])"
  }

  /// The name from which a word differs in at most a third of its letters; nil when there is none, or it is that name.
  static func nearest(to word: String, among names: [String]) -> String? {
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
