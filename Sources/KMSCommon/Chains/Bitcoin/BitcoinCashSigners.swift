internal import KMSCrypto
internal import KMSRecords

/// Which key signs which input of a Bitcoin Cash transaction, whose inputs do not say what they spend.
///
/// 1. With `context.utxos`: the key of the address that the input spends from (decision 9).
/// 2. Off-chain: the key of the address that `withdrawalResponses` names for the input, else the one derived
///    for it.
/// 3. Else by position: key i for input i, as the original; one key for all inputs when there is only one.
///
/// A wrong guess can't lose coins: the digest covers the amount and the script of the key, so that nodes refuse
/// the signature of a wrong key.
struct BitcoinCashSigners {
  /// One for each input.
  let signers: [InputKeys.Signer]

  /// - Throws: `ChainError` `context-missing` for an input that `utxos` lacks, `content-mismatch` for an amount
  ///   that differs, `malformed-transaction` for an address that is none or no P2PKH one of this network,
  ///   `wallet-not-found` naming the first input without key, `key-not-sender` when no key fits any input.
  init(_ pending: BitcoinCashTransaction, _ request: SigningRequest, _ network: BitcoinNetwork)
    throws(ChainError)
  {
    let found: [InputKeys.Signer?]
    if let utxos = request.context["utxos"] {
      found = try Self.byOutput(pending, utxos, InputKeys(request.keys), network)
    } else if request.pending.withdrawalID != nil, request.pending.withdrawalResponses != nil {
      found = try Self.byWithdrawal(pending, request, network)
    } else {
      found = try Self.byPosition(pending, request.keys)
    }
    var signers: [InputKeys.Signer] = []
    var missing: Int?
    for (i, signer) in found.enumerated() {
      if let signer { signers.append(signer) } else if missing == nil { missing = i }
    }
    if let missing {
      if signers.isEmpty, !request.keys.isEmpty {
        throw ChainError(
          .keyNotSender, "none of the wallets that the transaction names has the key of any of its inputs")
      }
      throw ChainError(
        .walletNotFound,
        "input \(missing) (\(pending.transaction.inputs[missing].outPoint)) has no key among the wallets that the "
          + "transaction names; nothing was signed")
    }
    self.signers = signers
  }

  private static func byOutput(
    _ pending: BitcoinCashTransaction, _ utxos: JSONValue, _ keys: InputKeys, _ network: BitcoinNetwork
  ) throws(ChainError) -> [InputKeys.Signer?] {
    guard let items = utxos.array else { throw .malformed("context.utxos is not a list") }
    var known: [BitcoinTransaction.OutPoint: JSONValue] = [:]
    for item in items {
      guard let hash = item["txHash"]?.string, let index = item["index"]?.uint64, index <= UInt32.max,
        let outPoint = BitcoinTransaction.OutPoint(transactionID: hash, index: UInt32(index))
      else { throw .malformed("context.utxos has an item without txHash or index") }
      known[outPoint] = item
    }
    var signers: [InputKeys.Signer?] = []
    for (i, input) in pending.transaction.inputs.enumerated() {
      let name = "input \(i) (\(input.outPoint))"
      guard let item = known[input.outPoint] else { throw .contextMissing("utxos for \(name)") }
      guard let value = item["value"]?.uint64, let address = item["address"]?.string else {
        throw .malformed("context.utxos has no value or address for \(name)")
      }
      guard value == pending.amounts[i] else {
        throw ChainError(
          .contentMismatch,
          "\(name) is worth \(value) satoshi by context.utxos, but \(pending.amounts[i]) by the pending transaction"
        )
      }
      signers.append(keys[hash: try hash(ofAddress: address, name, network)])
    }
    return signers
  }

  private static func byWithdrawal(
    _ pending: BitcoinCashTransaction, _ request: SigningRequest, _ network: BitcoinNetwork
  ) throws(ChainError) -> [InputKeys.Signer?] {
    let keys = try InputKeys(request.keys)
    let responses = request.pending.withdrawalInputs
    var derived: [UInt32: PrivateKeyMaterial] = [:]
    for key in request.keys {
      guard let index = key.reference.index, derived[index] == nil else { continue }
      derived[index] = key.privateKey
    }
    var signers: [InputKeys.Signer?] = []
    for (i, input) in pending.transaction.inputs.enumerated() {
      guard let response = responses.response(for: input.outPoint) else {
        signers.append(nil)
        continue
      }
      if let address = response.address {
        signers.append(keys[hash: try hash(ofAddress: address, "input \(i) (\(input.outPoint))", network)])
      } else {
        signers.append(derived[response.derivationKey].flatMap { keys[publicKey: $0.publicKey] })
      }
    }
    return signers
  }

  private static func byPosition(_ pending: BitcoinCashTransaction, _ keys: [SigningKey]) throws(ChainError)
    -> [InputKeys.Signer?]
  {
    let inputs = pending.transaction.inputs.count
    var distinct: [SigningKey] = []
    var seen: Set<[UInt8]> = []
    for key in keys where seen.insert(key.privateKey.publicKey).inserted { distinct.append(key) }
    let known = try InputKeys(distinct)
    // Keys listed per input may repeat; the original dropped repeats and shifted all that followed.
    let ordered = keys.count == inputs ? keys : distinct
    return (0..<inputs).map { i in
      let key = distinct.count == 1 ? distinct[0] : i < ordered.count ? ordered[i] : nil
      return key.flatMap { known[publicKey: $0.privateKey.publicKey] }
    }
  }

  private static func hash(ofAddress address: String, _ input: String, _ network: BitcoinNetwork)
    throws(ChainError) -> [UInt8]
  {
    switch network.script(ofAddress: address) {
    case .publicKeyHash(let hash): return hash
    case .some: throw .malformed("\(input) spends from \(address); only addresses of keys can be signed for")
    case nil: throw .malformed("\(address) of \(input) is no BCH address of the record's network")
    }
  }
}
