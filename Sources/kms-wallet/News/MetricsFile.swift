import Glibc

/// The file in which the daemon's numbers are, for node_exporter's textfile collector. It is replaced as a whole, so that nobody
/// reads half of it.
struct MetricsFile {
  let path: String
  let testnet: Bool

  /// Writes the numbers; returns what is wrong, in words.
  func write(_ tally: Tally) -> String? {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { return problem() }
    defer { close(descriptor) }
    let bytes = Array(MetricsText(tally, testnet: testnet).text.utf8)
    let isWritten = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
    // For a collector that is another user, whatever the umask.
    guard isWritten, fchmod(descriptor, 0o644) == 0, rename(temporary, path) == 0 else { return problem() }
    return nil
  }

  private func problem() -> String {
    "the file of metrics can't be written: \(String(cString: strerror(errno)))"
  }
}
