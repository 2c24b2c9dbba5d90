internal import CSQLite
public import KMSCrypto

extension LibraryVersion {
  /// What vault and journal work with.
  public static var sqlite: LibraryVersion {
    unsafe LibraryVersion(name: "SQLite", version: String(cString: sqlite3_libversion()))
  }
}
