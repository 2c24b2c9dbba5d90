import KMSProcess

/// The numbers of a `Tally` in the text format of Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/); docs/operations.md lists the names.
struct MetricsText {
  private(set) var text = ""

  init(_ tally: Tally, testnet: Bool) {
    let network = ("network", testnet ? "testnet" : "mainnet")
    begin("info", "gauge", "Version and network of this daemon; always 1.")
    add("info", [("version", KMSVersion.current), network], "1")
    begin("start_time_seconds", "gauge", "When the daemon began, in seconds since 1970.")
    add("start_time_seconds", [], "\(tally.started)")
    begin("polls_total", "counter", "Polls that began.")
    add("polls_total", [], "\(tally.polls)")
    for (name, help, value) in [
      ("last_poll_start_time_seconds", "When the latest poll began.", tally.pollBegan),
      ("last_poll_end_time_seconds", "When a poll ended last.", tally.pollEnded),
    ] {
      guard let value else { continue }
      begin(name, "gauge", help)
      add(name, [], "\(value)")
    }
    begin("poll_duration_seconds", "histogram", "From the beginning of a poll to its end.")
    add("poll_duration_seconds", [], tally.pollDurations)
    let kinds = tally.results.sorted { ($0.key.chain, $0.key.outcome) < ($1.key.chain, $1.key.outcome) }
    begin("results_total", "counter", "Results, those included that a later poll repeated.")
    for (kind, histogram) in kinds { add("results_total", Self.labels(kind), "\(histogram.count)") }
    begin(
      "result_duration_seconds", "histogram", "From the beginning of the oldest running poll to a result.")
    for (kind, histogram) in kinds { add("result_duration_seconds", Self.labels(kind), histogram) }
    begin("open_transactions", "gauge", "Transactions that are denied or unknown, and pending still.")
    let open = Dictionary(grouping: tally.open.values, by: \.kind).mapValues(\.count)
    // A kind that there was is 0, not absent.
    for (kind, _) in kinds where kind.outcome == "denied" || kind.outcome == "unknown" {
      add("open_transactions", Self.labels(kind), "\(open[kind] ?? 0)")
    }
    begin("messages_total", "counter", "Messages of the programs, by level, repeated ones included.")
    for (level, count) in tally.messages.sorted(by: { $0.key < $1.key }) {
      add("messages_total", [("level", level)], "\(count)")
    }
  }

  private static func labels(_ kind: Tally.Kind) -> [(String, String)] {
    [("chain", kind.chain), ("outcome", kind.outcome)]
  }

  private mutating func begin(_ name: String, _ type: String, _ help: String) {
    text += "# HELP tatum_kms_\(name) \(help)\n# TYPE tatum_kms_\(name) \(type)\n"
  }

  private mutating func add(_ name: String, _ labels: [(String, String)], _ value: String) {
    let inside = labels.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
    text += "tatum_kms_\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(value)\n"
  }

  private mutating func add(_ name: String, _ labels: [(String, String)], _ histogram: Tally.Histogram) {
    for (bound, count) in zip(Tally.Histogram.bounds, histogram.counts) {
      let shown = bound == bound.rounded() ? "\(Int(bound))" : "\(bound)"
      add("\(name)_bucket", labels + [("le", shown)], "\(count)")
    }
    add("\(name)_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
    let thousandths = "\(1000 + histogram.milliseconds % 1000)".dropFirst()
    add("\(name)_sum", labels, "\(histogram.milliseconds / 1000).\(thousandths)")
    add("\(name)_count", labels, "\(histogram.count)")
  }
}
