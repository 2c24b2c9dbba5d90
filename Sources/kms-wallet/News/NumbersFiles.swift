import Glibc
import KMSRecords

/// The files in which the daemon's numbers are.
struct NumbersFiles {
  var metrics: String?
  /// The descriptor of the state file.
  var state: Int32?
  var period = 5
  var testnet = false

  /// Replaces both files; what is wrong with one, in words.
  func write(_ tally: Tally, isStopped: Bool = false) -> [String] {
    var problems: [String] = []
    if let metrics {
      // For a collector that runs as another user.
      let isWritten = WholeFile.write(MetricsText(tally, testnet: testnet).text, to: metrics, mode: 0o644)
      if !isWritten {
        problems.append("the file of metrics can't be written: \(String(cString: strerror(errno)))")
      }
    }
    if let state {
      let text = StateFile.json(tally, testnet: testnet, period: period, isStopped: isStopped).text
      if !StateFile.write(text, to: state) {
        problems.append(
          "\(StateFile.name), for tatum-kms status, can't be written: \(String(cString: strerror(errno)))")
      }
    }
    return problems
  }
}
