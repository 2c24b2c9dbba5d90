internal import KMSChains
internal import KMSCrypto
internal import KMSRecords

/// How each input of a transaction will be signed; made before the first signature, so that a missing key leaves
/// nothing half signed.
struct SpendingPlan {
  /// How one input is signed.
  enum Spending {
    /// `<signature>`
    case publicKey(InputKeys.Signer)
    /// `<signature> <public key>`
    case publicKeyHash(InputKeys.Signer)
    /// Witness `<signature> <public key>`; nested in P2SH when so.
    case witnessPublicKeyHash(InputKeys.Signer, isNested: Bool)
    /// `OP_0 <signatures> <script>`, in the script or the witness.
    case multisig(MultisigScript, InputForm.MultisigPlace, own: [InputKeys.Signer])
  }

  let spendings: [Spending]

  /// What was found for one input.
  private enum Finding {
    case complete(Spending)
    /// There are fewer signatures than `needed`: `own` by the keys at hand, `carried` made by others.
    case incomplete(own: Int, carried: Int, needed: Int)

    /// The finding for an input that one key signs.
    init(_ spending: Spending?) {
      self = spending.map { .complete($0) } ?? .incomplete(own: 0, carried: 0, needed: 1)
    }
  }

  /// Finds the keys of every input.
  ///
  /// - Throws: `ChainError` `wallet-not-found` naming the first input without its key (decision 21);
  ///   `key-not-sender` when there are keys but none belongs to any input.
  init(_ intent: BitcoreIntent, keys: InputKeys) throws(ChainError) {
    let (unsigned, network) = (intent.unsigned, intent.network)
    var spendings: [Spending] = []
    var isForeign = true
    var missing: (input: Int, have: Int, needed: Int)?
    for (i, form) in intent.forms.enumerated() {
      switch Self.find(form, keys) {
      case .complete(let spending):
        spendings.append(spending)
        isForeign = false
      case .incomplete(let own, let carried, let needed):
        if own > 0 { isForeign = false }
        if missing == nil { missing = (i, own + carried, needed) }
      }
    }
    if let missing {
      if isForeign, !keys.isEmpty {
        throw ChainError(
          .keyNotSender, "none of the wallets that the transaction names has the key of any of its inputs")
      }
      let address = network.address(of: unsigned.spent[missing.input].lock).map { " of \($0)" } ?? ""
      let what =
        missing.needed == 1
        ? "has no key among the wallets that the transaction names"
        : "has \(missing.have) of the \(missing.needed) signatures that it needs, with the wallets that the transaction names"
      throw ChainError(
        .walletNotFound, "\(unsigned.name(ofInput: missing.input))\(address) \(what); nothing was signed")
    }
    self.spendings = spendings
  }

  private static func find(_ form: InputForm, _ keys: InputKeys) -> Finding {
    switch form {
    case .publicKey(let key): return Finding(keys[publicKey: key].map { .publicKey($0) })
    case .publicKeyHash(let hash): return Finding(keys[hash: hash].map { .publicKeyHash($0) })
    case .witnessPublicKeyHash(let hash):
      let signer = keys[hash: hash].flatMap { $0.isCompressed ? $0 : nil }
      return Finding(signer.map { .witnessPublicKeyHash($0, isNested: false) })
    case .nestedWitnessPublicKeyHash(let hash):
      return Finding(keys[nestedHash: hash].map { .witnessPublicKeyHash($0, isNested: true) })
    case .multisig(let multisig, let place):
      var own: [InputKeys.Signer] = []
      var carried = 0
      for key in multisig.publicKeys {
        if multisig.signatures[key] != nil {
          carried += 1
        } else if let signer = keys[publicKey: key] {
          own.append(signer)
        }
      }
      guard own.count + carried >= multisig.threshold else {
        return .incomplete(own: own.count, carried: carried, needed: multisig.threshold)
      }
      return .complete(.multisig(multisig, place, own: own))
    }
  }
}
