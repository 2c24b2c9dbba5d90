/// What a node's refusal to take a transaction says about it.
enum Refusal: Hashable {
  /// The network has this very transaction: what was wanted.
  case alreadyThere
  /// What a node says of a transaction that it took before and whose inputs or nonce are therefore used, but also of
  /// one that really collides with another. Asking for the transaction by its id tells.
  case perhapsThere
  /// The network has not applied it, but keeps it and may do so later without being asked again.
  case held
  /// Anything else.
  case rejected

  init(_ text: String) {
    let text = text.lowercased()
    if Self.there.contains(where: { Self.occurs($0, in: text) }) {
      self = .alreadyThere
    } else if Self.perhaps.contains(where: { Self.occurs($0, in: text) }) {
      self = .perhapsThere
    } else if Self.kept.contains(where: { Self.occurs($0, in: text) }) {
      self = .held
    } else {
      self = .rejected
    }
  }

  /// In the order: geth and its kin, Nethermind, OpenEthereum; Bitcoin Core and its kin; java-tron; rippled; Algorand;
  /// Solana; Thor (VeChain); Tendermint (BNB); stellar-core as Horizon passes it on.
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
    #"tx_status":"duplicate""#, "tx_status: duplicate",
  ]

  private static let perhaps = [
    "nonce too low", "nonce is too low", "old nonce", "lowernonceintx", "invalid nonce",
    "missingorspent", "missing inputs", "inputs-spent", "bad-txns-inputs",
    "tefpast_seq", "tx_bad_seq", "txbadseq", "badinputsutxo",
    // Tatum's own: it does not wait for this one any more.
    "withdrawal.unexpected.state", "kms.missing",
  ]

  /// rippled: in the queue, or put aside to be tried again in later ledgers, which is what all codes with `ter` mean
  /// (<https://xrpl.org/docs/references/protocol/transactions/transaction-results/ter-codes>). stellar-core: busy.
  private static let kept = [
    "terqueued", "terpre_seq", "terpre_ticket", "terretry", "terinsuf_fee_b", "terno_account", "terno_auth",
    "terno_line", "terno_ripple", "terowners", "terlast",
    #"tx_status":"try_again_later""#, "tx_status: try_again_later",
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
