/// What a node's refusal to take a transaction says about it.
enum Refusal: Hashable {
  /// The network has this very transaction: what was wanted.
  case alreadyThere
  /// What a node says of a transaction that it took before and whose inputs or nonce are therefore used, but also of
  /// one that really collides with another. Asking for the transaction by its id tells.
  case perhapsThere
  /// Anything else.
  case rejected

  init(_ text: String) {
    let text = text.lowercased()
    if Self.there.contains(where: { Self.occurs($0, in: text) }) {
      self = .alreadyThere
    } else if Self.perhaps.contains(where: { Self.occurs($0, in: text) }) {
      self = .perhapsThere
    } else {
      self = .rejected
    }
  }

  /// In the order: geth and its kin, Nethermind, OpenEthereum; Bitcoin Core and its kin; java-tron; rippled; Algorand;
  /// Solana; Thor (VeChain); Tendermint (BNB).
  private static let there = [
    "already known", "known transaction", "alreadyknown", "already imported",
    "txn-already-in-mempool", "txn-already-known", "transaction already in block chain",
    "transaction outputs already in utxo set",
    "dup_transaction_error", "dup transaction",
    "tefalready",
    "transaction already in ledger",
    "already been processed", "alreadyprocessed",
    "known tx",
    "tx already exists in cache",
  ]

  private static let perhaps = [
    "nonce too low", "nonce is too low", "old nonce", "lowernonceintx", "invalid nonce",
    "missingorspent", "missing inputs", "inputs-spent", "bad-txns-inputs",
    "tefpast_seq", "tx_bad_seq", "txbadseq", "badinputsutxo",
    // Tatum's own: it does not wait for this one any more.
    "withdrawal.unexpected.state", "kms.missing",
  ]

  /// Whether `words` stands in `text` and no letter before it: "unknown transaction type" is no known transaction.
  private static func occurs(_ words: String, in text: String) -> Bool {
    let text = Array(text.utf8)
    let words = Array(words.utf8)
    guard text.count >= words.count else { return false }
    for start in 0...(text.count - words.count) where text[start..<start + words.count].elementsEqual(words) {
      if start == 0 || !(97...122).contains(text[start - 1]) { return true }
    }
    return false
  }
}
