internal import KMSProcess
internal import KMSRecords

/// Text that a server wrote and that goes into logs, records or reports.
enum ServerText {
  /// The longest text that is passed on, in characters.
  static let maximumLength = 300

  /// Without control characters, which could forge log lines or move a terminal's cursor, and shortened.
  static func clean(_ text: String) -> String {
    let head = text.prefix(maximumLength * 2)
    let printable = LineLogHandler.printable(String(head)).trimmed
    guard printable.count > maximumLength || head.count < text.count else { return printable }
    return printable.prefix(maximumLength - 1) + "…"
  }

  /// What an error answer says: `errorCode` and `message` where there are any, with the causes of a validation error.
  static func summary(of json: JSONValue?, status: Int, body: [UInt8]) -> String {
    guard let json else {
      let text = String(decoding: body.prefix(1000), as: UTF8.self).trimmed
      return text.isEmpty ? "no text" : text
    }
    var parts: [String] = []
    if let code = json["errorCode"]?.string { parts.append(code) }
    if let message = json["message"]?.string {
      parts.append(message)
    } else if let message = json["error"]?["message"]?.string ?? json["error"]?.string {
      parts.append(message)
    }
    if let cause = json["cause"]?.string, !parts.contains(cause) { parts.append(cause) }
    for item in (json["data"]?.array ?? []).prefix(5) {
      guard let constraints = item["constraints"]?.object else { continue }
      parts.append(constraints.members.compactMap(\.value.string).joined(separator: ", "))
    }
    return parts.isEmpty ? "no text" : parts.joined(separator: ": ")
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
