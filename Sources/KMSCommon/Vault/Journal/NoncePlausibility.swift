internal import KMSPrimitives

/// Which counts of a sender's transactions can be true, as far as the journal knows.
///
/// The API's count is one witness. One that is far above what was signed here would leave a gap, at which the network
/// holds up everything that follows: it is refused by name instead of used, and what came of such a count before this rule,
/// or of the first one that was ever heard, does not count as signed here for those that follow.
public enum NoncePlausibility {
  /// By how many transactions another signer of the same account may be ahead: what a busy account sends in a few hours.
  public static let jump: UInt64 = 256

  /// The first count of an account that is believed: no account has sent more.
  public static let highestFirst: UInt64 = 1_000_000_000

  /// By how many transactions, and for how many seconds, nodes of one network may differ in what they count.
  public static let lag: (transactions: UInt64, seconds: Int64) = (16, 60)

  /// For how many seconds a count is held against a lower one: mempools drop what nobody mines, within a day.
  public static let memory: Int64 = 86_400

  /// Why `nonce` can't be true, in words; nil when it can.
  ///
  /// - Parameters:
  ///   - nonce: the network's count, or the nonce that the pending transaction carries.
  ///   - highest: the highest nonce that was signed here for the sender, outliers left out; nil for none.
  public static func objection(to nonce: UInt64, highest: UInt64?) -> String? {
    guard let highest else {
      return nonce <= highestFirst
        ? nil : "the nonce would be \(nonce), and no account has sent more than \(highestFirst) transactions"
    }
    guard nonce > highest, nonce - highest - 1 > jump else { return nil }
    return "the nonce would be \(nonce), but the last one that was signed here is \(highest): "
      + "\(nonce - highest - 1) transactions of this account would have been signed elsewhere"
  }

  /// The highest of `open` that follows `count` without a gap of more than `jump`; nil when there is none.
  ///
  /// - Parameters:
  ///   - open: nonces that are not below `count`, in any order.
  ///   - count: the network's count.
  ///   - told: the network's count by which a nonce was chosen, where it is above `count`: nil when there are none. A gap in
  ///     front of such a nonce is there because of that count alone, which this one contradicts.
  public static func highest(
    of open: some Collection<UInt64>, from count: UInt64, told: ((UInt64) -> UInt64?)? = nil
  ) -> UInt64? {
    guard let top = open.max() else { return nil }
    // What has no room for such a gap needs no look at each.
    if told == nil, top - min(count, top) <= jump { return top }
    var highest: UInt64?
    for nonce in open.sorted() {
      let expected = highest.map { $0 + 1 } ?? count
      if nonce > expected, nonce - expected > jump || told?(nonce) ?? 0 > expected { break }
      highest = nonce
    }
    return highest
  }

  /// Why nothing is signed by `count`, when something was signed by `told`, which is higher; nil when it is.
  ///
  /// - Parameter confirmedAt: when the network told a count that is above what was signed by `told`; nil when it never did. Such a
  ///   count is remembered for a day, one that nothing confirmed for as long as nodes may be behind.
  static func doubt(count: UInt64, told: UInt64, at: Int64, confirmedAt: Int64?, now: Int64) -> String? {
    if let confirmedAt { return objection(to: count, told: told, at: confirmedAt, now: now) }
    guard told - count <= lag.transactions else { return nil }
    let ago = now.subtractingClamped(at)
    guard (0..<lag.seconds).contains(ago) else { return nil }
    return "the network has counted \(told) transactions \(ago) seconds ago, and counts \(count) now"
  }

  /// Why `count` is not used, although the network has told a higher one; nil when that is long ago.
  static func objection(to count: UInt64, told: UInt64, at: Int64, now: Int64) -> String? {
    guard (0..<memory).contains(now.subtractingClamped(at)) else { return nil }
    return
      "the network has counted \(told) transactions of this account on \(Timestamp.text(unixTime: at)), and counts "
      + "\(count) now: a node is behind, has lost what it had, or repeats an old answer"
  }
}
