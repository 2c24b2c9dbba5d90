internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// What Tatum sends for BCH: `<hex of the unsigned transaction>:<JSON list of the input amounts in satoshi>`.
struct BitcoinCashTransaction: Sendable {
  /// The transaction as it came, version and lock time included; its inputs have no scripts.
  let transaction: BitcoinTransaction
  /// What each input spends, in satoshi.
  let amounts: [UInt64]

  /// Reads `text`.
  ///
  /// - Throws: `ChainError` `malformed-transaction`.
  init(_ text: String) throws(ChainError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw .malformed("serializedTransaction is not hex, one colon and a JSON list of amounts")
    }
    guard let bytes = Hex.decode(parts[0]), let transaction = BitcoinTransaction(decoding: bytes) else {
      throw .malformed("serializedTransaction: what is before the colon is no unsigned transaction in hex")
    }
    // Other versions are not valid in a block (CHIP-2021-01 restrict transaction version).
    guard transaction.version == 1 || transaction.version == 2 else {
      throw .malformed("serializedTransaction: the transaction version is not 1 or 2")
    }
    for (i, input) in transaction.inputs.enumerated() where !input.script.isEmpty {
      throw .malformed("input \(i) (\(input.outPoint)) has a script already")
    }
    let json: JSONValue
    do throws(JSONSyntaxError) {
      json = try JSONValue(parsing: String(parts[1]))
    } catch { throw .malformed("serializedTransaction: what is after the colon is not JSON: \(error)") }
    guard let items = json.array, items.count == transaction.inputs.count else {
      throw .malformed("serializedTransaction: the amounts are not a list with one item for each input")
    }
    var amounts: [UInt64] = []
    for (i, item) in items.enumerated() {
      guard let amount = item.uint64 else {
        throw .malformed("serializedTransaction: the amount of input \(i) is not an integer")
      }
      amounts.append(amount)
    }
    self.transaction = transaction
    self.amounts = amounts
  }
}
