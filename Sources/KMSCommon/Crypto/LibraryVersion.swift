internal import COpenSSL
internal import CSodium

/// A C library that is in a program, and its version.
public struct LibraryVersion: Sendable {
  /// Its name.
  public let name: String
  /// Its version, as it says itself.
  public let version: String

  /// Creates an entry.
  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// What this library works with.
  public static var crypto: [LibraryVersion] {
    unsafe [
      LibraryVersion(
        name: "OpenSSL",
        version: OpenSSL_version(OPENSSL_VERSION_STRING).map { unsafe String(cString: $0) } ?? "unknown"),
      unsafe LibraryVersion(name: "libsodium", version: String(cString: sodium_version_string())),
      // It does not say its version.
      LibraryVersion(name: "libsecp256k1", version: "unknown"),
    ]
  }
}
