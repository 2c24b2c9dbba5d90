import ArgumentParser
import KMSProcess
import KMSRecords

/// The options of a program, as its own argument parser describes them: they are defined in one place, and the daemon takes
/// what the stages take.
///
/// The form is that of swift-argument-parser's `--experimental-dump-help` (ToolInfoV0), made for tools like this.
struct OptionTable {
  struct Option {
    /// All spellings, with their dashes.
    fileprivate(set) var names: [String]
    /// Whether it has no value.
    let isFlag: Bool
    let isShown: Bool
    let valueName: String
    let text: String
    /// Whether its value is a file, and the values that there are, if they are few.
    let takesFile: Bool
    let values: [String]
  }

  private(set) var options: [Option] = []
  private var byName: [String: Int] = [:]

  /// Reads the description; nil when it is none.
  init?(json: String) {
    guard let value = try? JSONValue(parsing: Array(json.utf8)),
      let arguments = value["command"]?["arguments"]?.array
    else { return nil }
    for argument in arguments where argument["kind"]?.string != "positional" {
      let names = (argument["names"]?.array ?? []).compactMap { name in
        name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
      }
      for name in names { byName[name] = options.count }
      options.append(
        Option(
          names: names, isFlag: argument["kind"]?.string == "flag",
          isShown: argument["shouldDisplay"]?.bool ?? true,
          valueName: argument["valueName"]?.string ?? "value",
          text: [argument["abstract"], argument["discussion"]].compactMap { $0?.string }.joined(
            separator: " "),
          takesFile: argument["completionKind"]?["file"] != nil,
          values: (argument["completionKind"]?["list"]?["values"]?.array ?? []).compactMap { $0.string }))
    }
  }

  /// The option of a name.
  subscript(name: String) -> Option? { byName[name].map { options[$0] } }
}

/// One of the four programs.
struct Stage {
  /// `fetch`, `verify`, `sign` or `broadcast`.
  let name: String
  let path: String
  let table: OptionTable

  static let names = ["fetch", "verify", "sign", "broadcast"]

  /// What only the supervisor gives, what makes no sense in a daemon, and what is another thing in the daemon.
  private static let withheld: Set = [
    "--key-fd", "--api-key-file", "--api-key-fd", "--password-fd", "--password-file", "--password-command",
    "--dry-run", "--resign", "--yes", "--period", "--lock-fd", "--check-configuration", "--help", "-h",
    "--version",
  ]
  /// `--timeout` is for the API; how long the approver may take is kms-verify's default.
  private static let withheldOf: [String: Set<String>] = ["verify": ["--timeout"]]
  /// The original's name of kms-verify's `--method`; and in a daemon, what polls cost is what they have cost.
  private static let otherNames = ["--external-url-method": "--method", "--show-cost": "--show-spent"]

  /// The option that the daemon's `name` is in this program, and its name there.
  func option(_ name: String) -> (name: String, option: OptionTable.Option)? {
    let own = Self.otherNames[name] ?? name
    guard !Self.withheld.contains(own), Self.withheldOf[self.name]?.contains(own) != true else { return nil }
    return table[own].map { (own, $0) }
  }

  /// What `tatum-kms daemon --help` shows of it.
  var shown: [OptionTable.Option] {
    table.options.filter { option in
      option.isShown && option.names.contains { Self.otherNames[$0] == nil && self.option($0) != nil }
    }.map { option in
      var option = option
      option.names = option.names.map { name in Self.otherNames.first { $0.value == name }?.key ?? name }
      return option
    }
  }
}
