internal import KMSChains
internal import KMSCrypto
internal import KMSRecords

/// Which key signs which input of a Bitcoin Cash transaction, whose inputs do not say what they spend.
///
/// 0. Where `context.previous` has the transaction that made the output: the key of its script.
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
  init(
    _ intent: BitcoinCashIntent, _ request: SigningRequest, _ proof: AmountProof
  ) throws(ChainError) {
    var found: [InputKeys.Signer?]
    if let utxos = request.context["utxos"] {
      found = try Self.byOutput(intent, utxos, InputKeys(request.keys))
    } else if let owners = intent.withdrawal {
      found = try Self.byWithdrawal(owners, request.keys)
    } else {
      found = try Self.byPosition(intent, request.keys)
    }
    try Self.correct(
      &found, intent, proof, InputKeys(request.keys), isAddressed: request.context["utxos"] != nil)
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
        "\(intent.name(ofInput: missing)) has no key among the wallets that the "
          + "transaction names; nothing was signed")
    }
    self.signers = signers
  }

  private static func byOutput(
    _ intent: BitcoinCashIntent, _ utxos: JSONValue, _ keys: InputKeys
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
    for (i, input) in intent.transaction.inputs.enumerated() {
      let name = intent.name(ofInput: i)
      guard let item = known[input.outPoint] else { throw .contextMissing("utxos for \(name)") }
      guard let value = item["value"]?.uint64, let address = item["address"]?.string else {
        throw .malformed("context.utxos has no value or address for \(name)")
      }
      guard value == intent.amounts[i] else {
        throw ChainError(
          .contentMismatch,
          "\(name) is worth \(value) satoshi by context.utxos, but \(intent.amounts[i]) by the pending transaction"
        )
      }
      signers.append(keys[hash: try intent.network.hash(ofAddress: address, of: name)])
    }
    return signers
  }

  /// Takes the keys of the scripts that are proved.
  ///
  /// - Parameter isAddressed: whether the keys were found by the addresses of `context.utxos`.
  private static func correct(
    _ found: inout [InputKeys.Signer?], _ intent: BitcoinCashIntent, _ proof: AmountProof, _ keys: InputKeys,
    isAddressed: Bool
  ) throws(ChainError) {
    for (i, output) in proof.outputs.enumerated() {
      guard let output else { continue }
      guard case .publicKeyHash(let hash) = LockingScript(output.script) else {
        // CashTokens among them: whoever signs without them burns them.
        throw .malformed(
          "\(intent.name(ofInput: i)) spends a script that can't be signed: P2PKH is supported")
      }
      if isAddressed, let signer = found[i], signer.hash != hash {
        throw ChainError(
          .contentMismatch,
          "\(intent.name(ofInput: i)) has another address by the transaction that made it than by context.utxos"
        )
      }
      found[i] = keys[hash: hash]
    }
  }

  private static func byWithdrawal(
    _ owners: [BitcoinCashIntent.Owner?], _ keys: [SigningKey]
  ) throws(ChainError) -> [InputKeys.Signer?] {
    let known = try InputKeys(keys)
    var derived: [UInt32: PrivateKeyMaterial] = [:]
    for key in keys {
      guard let index = key.reference.index, derived[index] == nil else { continue }
      derived[index] = key.privateKey
    }
    return owners.map { owner in
      switch owner {
      case .hash(let hash): known[hash: hash]
      case .index(let index): derived[index].flatMap { known[publicKey: $0.publicKey] }
      case nil: nil
      }
    }
  }

  private static func byPosition(_ intent: BitcoinCashIntent, _ keys: [SigningKey]) throws(ChainError)
    -> [InputKeys.Signer?]
  {
    let inputs = intent.transaction.inputs.count
    var distinct: [SigningKey] = []
    var seen: Set<[UInt8]> = []
    for key in keys where seen.insert(key.privateKey.publicKey).inserted { distinct.append(key) }
    let known = try InputKeys(distinct)
    let references = intent.keyReferences
    let ordered: [SigningKey?]
    if references.count == inputs, keys.count < inputs {
      // One wallet for each input, and some are not there: nobody else takes their places.
      var left = keys[...]
      ordered = references.map { left.first?.reference == $0 ? left.removeFirst() : nil }
    } else {
      // Keys listed per input may repeat; the original dropped repeats and shifted all that followed.
      ordered = keys.count == inputs ? keys : distinct
    }
    let isOnlyKey = distinct.count == 1 && keys.count == references.count
    return (0..<inputs).map { i in
      let key = isOnlyKey ? distinct[0] : i < ordered.count ? ordered[i] : nil
      return key.flatMap { known[publicKey: $0.privateKey.publicKey] }
    }
  }
}
