internal import KMSChains
internal import KMSProcess
internal import KMSRecords

/// What calls to the Tatum API have cost in a run, by chain and by what they were for.
///
/// Counted are requests that may have arrived, each attempt of its own; the API's plans count in credits. What was turned
/// away unread (429) is not counted, and what the API itself charges for failed requests is not described.
struct Spending: Sendable {
  /// What calls are for.
  enum Purpose: String, CaseIterable, Sendable {
    case lists
    case facts
    case broadcasts
    case lookUps = "look-ups"
    /// Pending transactions are marked as complete, failures reported, what was lent is given back.
    case notices
  }

  /// What one call costs.
  struct Cost: Hashable, Sendable {
    let purpose: Purpose
    let credits: Int
  }

  private struct Key: Hashable {
    let chain: String
    let purpose: Purpose
  }

  private var sums: [Key: (calls: Int, credits: Int)] = [:]

  /// Whether nothing was spent.
  var isEmpty: Bool { sums.isEmpty }

  /// Adds a call; `chain` is empty for what concerns no single one.
  mutating func add(_ cost: Cost, chain: String) {
    sums[Key(chain: chain, purpose: cost.purpose), default: (0, 0)].calls += 1
    sums[Key(chain: chain, purpose: cost.purpose), default: (0, 0)].credits += cost.credits
  }

  /// The credits for a purpose, of one chain or of all.
  func credits(_ purpose: Purpose, chain: String? = nil) -> Int {
    var sum = 0
    for (key, value) in sums where key.purpose == purpose {
      if chain == nil || chain == key.chain { sum += value.credits }
    }
    return sum
  }

  /// All credits and calls.
  var total: (calls: Int, credits: Int) {
    var total = (calls: 0, credits: 0)
    for value in sums.values {
      total.calls += value.calls
      total.credits += value.credits
    }
    return total
  }

  /// The table of `--show-spent`: credits by chain and purpose, as far as there were calls for it.
  var table: [String] {
    let purposes = Purpose.allCases.filter { purpose in sums.keys.contains { $0.purpose == purpose } }
    let chains = ChainRegistry.names.all.filter { chain in sums.keys.contains { $0.chain == chain } }
    var rows: [[String]] = [["chain"] + purposes.map(\.rawValue) + ["credits"]]
    func row(_ name: String, chain: String?) {
      let numbers: [Int] = purposes.map { credits($0, chain: chain) }
      let sum = numbers.reduce(0, +)
      rows.append([name] + (numbers + [sum]).map { String($0) })
    }
    for chain in chains { row(chain, chain: chain) }
    // Reports of failures name many chains.
    if sums.keys.contains(where: { $0.chain.isEmpty }) { row("-", chain: "") }
    row("all", chain: nil)
    return TextTable.lines(rows) + ["This run made \(total.calls) calls for \(total.credits) credits."]
  }

  /// One line for the log.
  var summary: String {
    Purpose.allCases.filter { purpose in sums.keys.contains { $0.purpose == purpose } }
      .map { "\($0.rawValue) \(credits($0))" }.joined(separator: ", ")
  }
}
