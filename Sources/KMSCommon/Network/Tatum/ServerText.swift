internal import KMSChains
internal import KMSProcess
internal import KMSRecords

/// Text that a server wrote and that goes into logs, records or reports.
enum ServerText {
  /// The longest text that is passed on to people, in characters.
  static let maximumLength = 300

  /// As it may be shown: one line, shortened.
  static func clean(_ text: String) -> String { short(CleanText.line(text)) }

  /// At most `maximumLength` characters; an ellipsis ends what was cut.
  static func short(_ text: String) -> String {
    guard text.count > maximumLength else { return text }
    return text.prefix(maximumLength - 1) + "…"
  }
}

/// The `x-ttm-kms-latest-version` header: `<version>;<LEVEL>;<message>`.
struct VersionNotice: Hashable {
  let version: String
  let isError: Bool
  let message: String

  /// Nil when the version is not a semantic version or not newer than the one that ours corresponds to.
  init?(_ header: String, than current: String = KMSVersion.compatible) {
    let parts = header.split(separator: ";", maxSplits: 2, omittingEmptySubsequences: false).map(\.trimmed)
    guard let version = parts.first, let theirs = Self.numbers(version), let ours = Self.numbers(current),
      ours.lexicographicallyPrecedes(theirs)
    else { return nil }
    self.version = version
    isError = parts.count > 1 && parts[1].uppercased() == "ERROR"
    message = parts.count > 2 && !parts[2].isEmpty ? parts[2] : "no text"
  }

  /// The three numbers of a release (semver.org, item 2); a pre-release is nobody's to upgrade to.
  private static func numbers(_ version: String) -> [UInt32]? {
    let core = version.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let parts = core.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (48...57).contains($0) } ? UInt32(part) : nil
    }
    return parts.count == 3 && numbers.count == 3 ? numbers : nil
  }
}
