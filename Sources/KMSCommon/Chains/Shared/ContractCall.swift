/// A call whose gas is to be estimated. Amounts are decimal text in the smallest unit, bytes `0x` hex.
struct ContractCall: Hashable, Sendable {
  /// The sender; nil when the vault does not know its address.
  var from: String?
  /// The receiver; nil creates a contract.
  var to: String?
  /// The amount.
  var value: String?
  /// The input; plain text on chains whose calls are text.
  var data: String?
  /// The price, when the pending transaction has one.
  var gasPrice: String?
  /// The nonce, when the pending transaction has one.
  var nonce: String?

  init(
    from: String? = nil, to: String? = nil, value: String? = nil, data: String? = nil,
    gasPrice: String? = nil, nonce: String? = nil
  ) {
    self.from = from
    self.to = to
    self.value = value
    self.data = data
    self.gasPrice = gasPrice
    self.nonce = nonce
  }

  /// What tells it from other calls.
  var question: String {
    [from, to, value, data, gasPrice, nonce].map { $0 ?? "-" }.joined(separator: " ")
  }
}
