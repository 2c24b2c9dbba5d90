/// An output of an earlier transaction that a transaction spends, and the amount that its signature counts on.
///
/// The journal keeps these: one output has one amount, so two transactions that state different ones are a lie in at
/// least one of them (CVE-2020-14199: witnesses of both together may pay a fee that nobody saw).
public struct SpentCoin: Sendable, Hashable {
  /// The hash of the transaction that has the output: 32 bytes, in the order in which transactions carry it.
  public let transactionHash: [UInt8]
  /// The number of the output.
  public let index: UInt32
  /// The amount in the chain's smallest unit (satoshi, litoshi, koinu).
  public let amount: UInt64

  /// Creates a coin.
  public init(transactionHash: [UInt8], index: UInt32, amount: UInt64) {
    self.transactionHash = transactionHash
    self.index = index
    self.amount = amount
  }
}
