import Glibc
import KMSProcess
import KMSRecords

/// The file of `StatusBoard`: beside the vault, for its owner.
struct StatusFile {
  let path: String

  init(_ path: String) { self.path = path }

  /// That of a vault.
  init(besideVault vault: String) {
    let folder = vault.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(vault[...$0]) } ?? ""
    path = folder + "status.json"
  }

  /// Replaces the file. The reason when that fails: the daemon goes on without.
  func write(_ json: JSONValue) -> String? {
    WholeFile.replace(path, with: json.encoded() + [UInt8(ascii: "\n")], mode: 0o600)
  }

  /// Reads the file; nil when there is none, or no such content.
  func read() -> JSONValue? {
    let descriptor = System.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // What can't be read, or is no such file, is told as if there were none.
    guard let bytes = try? Descriptor.bytes(descriptor, limit: StatusBoard.maximumLength) else { return nil }
    guard let json = try? JSONValue(parsing: bytes), json["v"]?.number?.uint64 == 1 else { return nil }
    return json
  }
}

/// A file that is replaced as a whole, so that nobody reads half of it.
enum WholeFile {
  /// Replaces a file. The reason when that fails: the daemon goes on without.
  ///
  /// - Parameter mode: whatever the umask is.
  static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) -> String? {
    let temporary = "\(path).new"
    System.remove(temporary)
    let descriptor = System.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard descriptor >= 0 else { return System.reason() }
    defer { close(descriptor) }
    do throws(Descriptor.Failure) { try Descriptor.write(descriptor, bytes.span) } catch {
      return error.reason
    }
    guard fchmod(descriptor, mode) == 0, System.rename(temporary, to: path) else { return System.reason() }
    return nil
  }
}
