internal import KMSChains
public import KMSProcess
internal import KMSRecords
public import Logging

/// Which chains are asked for which wallets, and what that costs.
public struct FetchPlan: Sendable {
  /// The chains to ask for, in the order in which their records will come.
  public let chains: [FetchRun.Chain]
  /// What the selection alone calls for: 78 when a chain was asked for that this build can't sign.
  public let status: ExitStatus

  /// Selects chains that have wallets: asking for others only burns credits.
  ///
  /// - Parameters:
  ///   - chosen: the chains asked for, in order; nil for all.
  ///   - wallets: when given, only these signature IDs are asked for.
  ///   - stocked: the chains that have wallets on this network.
  ///   - supported: the chains that this build can sign.
  ///   - signatureIDs: gives the wallets of a chain.
  public init(
    chosen: [String]?, wallets: Set<String>?, stocked: Set<String>, supported: Set<String>, logger: Logger,
    signatureIDs: (String) throws -> [String]
  ) rethrows {
    var status = ExitStatus.ok
    var chains: [FetchRun.Chain] = []
    var missing = wallets ?? []
    for name in chosen ?? ChainRegistry.names.all {
      guard supported.contains(name) else {
        if chosen != nil {
          status = .configuration
          logger.error("unsupported-chain: this build can't sign \(name); it is not asked for")
        } else if stocked.contains(name) {
          logger.warning("unsupported-chain: this build can't sign \(name); its wallets are not asked for")
        }
        continue
      }
      guard stocked.contains(name) else {
        if chosen != nil { logger.info("\(name) has no wallets and is not asked for") }
        continue
      }
      let all = try signatureIDs(name)
      var ids = all
      if let wallets {
        ids = ids.filter { wallets.contains($0) }
        missing.subtract(ids)
      }
      if !ids.isEmpty {
        chains.append(FetchRun.Chain(name: name, signatureIDs: ids, isAll: ids.count == all.count))
      }
    }
    for id in missing.sorted() {
      logger.warning(
        "no wallet of these chains and this network has that signature ID", metadata: ["wallet": "\(id)"])
    }
    if chosen != nil, chains.isEmpty, status == .ok, wallets == nil {
      logger.warning(
        "none of the chains that --chain names has wallets on this network: nothing is asked for")
    }
    self.chains = chains
    self.status = status
  }

  /// What one poll of a chain costs: a credit for every 500 signature IDs begun.
  static func credits(wallets: Int) -> Int { max(1, (wallets + 499) / 500) }

  /// The table of `--show-cost`: wallets and credits of each chain, for a poll and for 30 days at `period` seconds.
  public func costTable(period: Int) -> [String] {
    let polls = 30 * 86_400 / max(1, period)
    var rows = [["chain", "wallets", "credits per poll", "credits in 30 days"]]
    var total = (wallets: 0, credits: 0)
    for chain in chains {
      let credits = Self.credits(wallets: chain.signatureIDs.count)
      total.wallets += chain.signatureIDs.count
      total.credits += credits
      rows.append([chain.name, "\(chain.signatureIDs.count)", "\(credits)", "\(credits * polls)"])
    }
    rows.append(["all", "\(total.wallets)", "\(total.credits)", "\(total.credits * polls)"])
    return TextTable.lines(rows) + [
      "A poll every \(period) s. Each transaction costs some credits more: what it needs from the network, and its"
        + " broadcast."
    ]
  }
}
