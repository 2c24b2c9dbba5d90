import Glibc
import KMSProcess
import KMSRecords

/// What `tatum-kms status` reads: a small file beside the vault, which the daemon writes at the beginning and the end of each
/// poll.
enum StateFile {
  static let name = "status.json"

  /// How many open transactions are listed; `tatum-kms status` says how many more there are.
  private static let maximumListed = 1000

  static func json(_ tally: Tally, testnet: Bool, period: Int, isStopped: Bool) -> JSONValue {
    var object = JSONObject()
    object["version"] = .string(KMSVersion.current)
    object["process"] = .number(JSONNumber(Int(getppid())))
    object["testnet"] = .bool(testnet)
    object["period"] = .number(JSONNumber(period))
    object["started"] = number(tally.started)
    object["polls"] = .number(JSONNumber(tally.polls))
    object["pollBegan"] = tally.pollBegan.map(number) ?? .null
    object["pollEnded"] = tally.pollEnded.map(number) ?? .null
    object["stopped"] = isStopped ? number(Timestamp.unixTime()) : .null
    object["openCount"] = .number(JSONNumber(tally.open.count))
    let oldest = tally.open.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
    object["open"] = .array(
      oldest.prefix(maximumListed).map { id, open in
        var entry = JSONObject()
        entry["id"] = .string(id)
        entry["chain"] = .string(open.kind.chain)
        entry["outcome"] = .string(open.kind.outcome)
        entry["code"] = .string(open.code)
        entry["since"] = number(open.since)
        return .object(entry)
      })
    return .object(object)
  }

  /// Where it is for a vault.
  static func path(besides vault: String) -> String {
    (vault.lastIndex(of: "/").map { String(vault[...$0]) } ?? "./") + name
  }

  /// Opens it to be written; -1 with `errno` when that fails.
  static func open(_ path: String) -> Int32 {
    Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o600)
  }

  /// Replaces what stands there. Readers wait for that: a rename would need rights in the folder of the vault.
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    guard flock(descriptor, LOCK_EX) == 0 else { return false }
    defer { flock(descriptor, LOCK_UN) }
    let bytes = Array((text + "\n").utf8)
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return count == bytes.count && ftruncate(descriptor, off_t(count)) == 0
  }

  /// Its text, 1 MiB at most; nil when it can't be read.
  static func read(_ path: String) -> String? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      guard count > 0 else { break }
      filled += count
    }
    return filled > 0 ? String(decoding: bytes[..<filled], as: UTF8.self) : nil
  }

  private static func number(_ value: Int64) -> JSONValue { .number(JSONNumber(Int(value))) }
}

/// A file that is replaced as a whole, so that nobody reads half of it.
enum WholeFile {
  /// Writes `text`; false when that fails.
  static func write(_ text: String, to path: String, mode: mode_t) -> Bool {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { return false }
    let bytes = Array(text.utf8)
    let isWritten = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
    _ = fchmod(descriptor, mode)  // whatever the umask
    close(descriptor)
    return isWritten && rename(temporary, path) == 0
  }
}
