/// The version of these programs.
public enum KMSVersion {
  /// What `--version` prints; see CHANGELOG.md.
  public static let current = "0.1.0"

  /// The version of the original whose behaviour towards the API ours has. It is what the API is told in
  /// `x-ttm-kms-client-version`, because it compares that header with the original's releases.
  public static let compatible = "8.0.1"
}
