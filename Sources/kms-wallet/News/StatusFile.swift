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
    let temporary = "\(path).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    let bytes = json.encoded() + [UInt8(ascii: "\n")]
    do { try bytes.withUnsafeBytes { try Descriptor.write(descriptor, $0) } } catch {
      return (error as? Descriptor.Failure)?.reason ?? "\(error)"
    }
    return rename(temporary, path) == 0 ? nil : String(cString: strerror(errno))
  }

  /// Reads the file; nil when there is none, or no such content.
  func read() -> JSONValue? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // What can't be read, or is no such file, is told as if there were none.
    guard let bytes = try? Descriptor.bytes(descriptor, limit: StatusBoard.maximumLength) else { return nil }
    guard let json = try? JSONValue(parsing: bytes), json["v"]?.number?.uint64 == 1 else { return nil }
    return json
  }
}
