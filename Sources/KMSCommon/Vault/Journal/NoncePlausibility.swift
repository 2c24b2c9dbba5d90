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
  public static func highest(of open: some Collection<UInt64>, from count: UInt64) -> UInt64? {
    guard let top = open.max() else { return nil }
    // What has no room for such a gap needs no look at each.
    if top - min(count, top) <= jump { return top }
    var highest: UInt64?
    for nonce in open.sorted() {
      let expected = highest.map { $0 + 1 } ?? count
      if nonce > expected, nonce - expected > jump { break }
      highest = nonce
    }
    return highest
  }
}
