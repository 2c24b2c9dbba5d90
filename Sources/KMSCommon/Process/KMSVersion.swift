internal import CBuild
public import KMSCrypto

/// The version of these programs.
public enum KMSVersion {
  /// The first line of `--version`; see CHANGELOG.md.
  public static let current = "0.1.0"

  /// The version of the original whose behaviour towards the API ours has. It is what the API is told in
  /// `x-ttm-kms-client-version`, because it compares that header with the original's releases.
  public static let compatible = "8.0.1"

  /// What `--version` prints: the version, the commit, and the libraries that are inside, a line each.
  ///
  /// - Parameter libraries: those that the program has besides the ones that all have.
  public static func text(with libraries: [LibraryVersion] = []) -> String {
    let built = built
    let lines =
      [("commit", built["commit"] ?? "unknown: not installed by scripts/install")]
      + (LibraryVersion.crypto + libraries).map { ($0.name, built[$0.name] ?? $0.version) }
      + ["Swift", "swift-argument-parser", "swift-log"].compactMap { name in built[name].map { (name, $0) } }
    return ([current] + lines.map { "\($0.0): \($0.1)" }).joined(separator: "\n")
  }

  /// What was written into this program when it was installed: `name=value`, separated by spaces.
  static let built: [String: String] = {
    let words = unsafe String(cString: kms_build_note()).dropFirst(10).split(separator: " ")
    return Dictionary(
      words.compactMap { word in
        word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
      }, uniquingKeysWith: { first, _ in first })
  }()
}
