import KMSProcess

/// The numbers of the daemon in the text format of Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). docs/operations.md, "Metrics", lists the names.
struct MetricsText {
  private(set) var text = ""

  init(_ tally: Tally, open: [StatusBoard.Open], testnet: Bool) {
    add("info", "gauge", "Version and network of this daemon; always 1.") { metric in
      metric.add([("version", KMSVersion.current), ("network", testnet ? "testnet" : "mainnet")], 1)
    }
    addTimes(tally)
    add("polls_total", "counter", "Polls that began.") { $0.add([], tally.polls) }
    add("poll_duration_seconds", "histogram", "From the beginning of a poll to its end.") {
      $0.add([], tally.pollDurations)
    }
    let results = tally.results.sorted { $0.key < $1.key }
    add(
      "results_total", "counter", "Transactions that came to this outcome; one that stays denied counts once."
    ) {
      for (kind, histogram) in results { $0.add(Self.labels(kind), histogram.count) }
    }
    add(
      "result_duration_seconds", "histogram",
      "From the beginning of the oldest poll that still ran to the result: at least as long as it took."
    ) {
      for (kind, histogram) in results { $0.add(Self.labels(kind), histogram) }
    }
    add("open_transactions", "gauge", "Transactions that are denied or unknown, and pending still.") {
      var counts: [Tally.Kind: Int] = [:]
      // A kind that there was is 0, not absent.
      for (kind, _) in results where kind.outcome == "denied" || kind.outcome == "unknown" {
        counts[kind] = 0
      }
      for one in open { counts[Tally.Kind(chain: one.chain, outcome: one.outcome), default: 0] += 1 }
      for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { $0.add(Self.labels(kind), count) }
    }
    add("messages_total", "counter", "Messages of all programs by level, repeated ones included.") {
      for (level, count) in tally.messages.sorted(by: { $0.key < $1.key }) {
        $0.add([("level", level)], count)
      }
    }
  }

  private mutating func addTimes(_ tally: Tally) {
    for (name, help, time) in [
      ("start_time_seconds", "When the daemon began, in seconds since 1970.", tally.began),
      ("last_poll_start_time_seconds", "When the latest poll began, in seconds since 1970.", tally.lastBegan),
      ("last_poll_end_time_seconds", "When a poll ended last, in seconds since 1970.", tally.lastEnded),
    ] {
      if let time { add(name, "gauge", help) { $0.add([], Int(time)) } }
    }
  }

  private static func labels(_ kind: Tally.Kind) -> [(String, String)] {
    [("chain", kind.chain), ("outcome", kind.outcome)]
  }

  private mutating func add(_ name: String, _ type: String, _ help: String, _ fill: (inout Metric) -> Void) {
    var metric = Metric(name: "tatum_kms_" + name)
    fill(&metric)
    text += "# HELP \(metric.name) \(help)\n# TYPE \(metric.name) \(type)\n" + metric.samples
  }
}

/// The samples of one metric.
private struct Metric {
  let name: String
  private(set) var samples = ""

  init(name: String) { self.name = name }

  mutating func add(_ labels: [(String, String)], _ value: Int) { add("", labels, "\(value)") }

  mutating func add(_ labels: [(String, String)], _ histogram: Tally.Histogram) {
    for (bound, count) in zip(Tally.Histogram.bounds, histogram.counts) {
      add("_bucket", labels + [("le", Self.seconds(bound))], "\(count)")
    }
    add("_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
    add("_sum", labels, Self.seconds(histogram.milliseconds))
    add("_count", labels, "\(histogram.count)")
  }

  private mutating func add(_ suffix: String, _ labels: [(String, String)], _ value: String) {
    let inside = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    samples += "\(name)\(suffix)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
  }

  /// The value of a label as the format wants it.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// Milliseconds in seconds, as `0.25` or `2`.
  private static func seconds(_ milliseconds: Int) -> String {
    guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000)" }
    var digits = "\(1000 + milliseconds % 1000)".dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(milliseconds / 1000).\(digits)"
  }
}
