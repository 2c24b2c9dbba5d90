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
    case multisig(MultisigScript, MultisigPlace, own: [InputKeys.Signer])
  }

  /// Where a multisig script is.
  enum MultisigPlace {
    case scriptHash
    case witness
    case witnessInScriptHash
  }

  let spendings: [Spending]

  /// Finds the keys of every input.
  ///
  /// - Throws: `ChainError` `wallet-not-found` naming the first input without its key (decision 21);
  ///   `key-not-sender` when there are keys but none belongs to any input; `malformed-transaction` for a script
  ///   that can't be signed.
  init(_ unsigned: UnsignedTransaction, keys: InputKeys, network: BitcoinNetwork) throws(ChainError) {
    var spendings: [Spending] = []
    var missing: Int?
    for i in unsigned.spent.indices {
      if let spending = try Self.spending(unsigned, i, keys, network) {
        spendings.append(spending)
      } else if missing == nil {
        missing = i
      }
    }
    if let missing {
      let name = unsigned.name(ofInput: missing)
      let address = network.address(of: unsigned.spent[missing].lock).map { " of \($0)" } ?? ""
      if spendings.isEmpty, !keys.isEmpty {
        throw ChainError(
          .keyNotSender, "none of the wallets that the transaction names has the key of any of its inputs")
      }
      throw ChainError(
        .walletNotFound,
        "\(name)\(address) has no key among the wallets that the transaction names; nothing was signed")
    }
    self.spendings = spendings
  }

  private static func spending(
    _ unsigned: UnsignedTransaction, _ i: Int, _ keys: InputKeys, _ network: BitcoinNetwork
  ) throws(ChainError) -> Spending? {
    let output = unsigned.spent[i]
    let hasWitness = network.witnessPrefix != nil
    switch output.lock {
    case .publicKey(let key): return keys[publicKey: key].map { .publicKey($0) }
    case .publicKeyHash(let hash): return keys[hash: hash].map { .publicKeyHash($0) }
    case .witness(0, let program) where hasWitness && program.count == 20:
      guard let signer = keys[hash: program], signer.isCompressed else { return nil }
      return .witnessPublicKeyHash(signer, isNested: false)
    case .scriptHash(let hash) where hash.count == 20:
      if let multisig = output.multisig {
        return try self.multisig(multisig, unsigned, i, keys, hasWitness)
      }
      guard hasWitness else { break }
      return keys[nestedHash: hash].map { .witnessPublicKeyHash($0, isNested: true) }
    case .witness(0, let program) where hasWitness && program.count == 32:
      guard let multisig = output.multisig else { break }
      return try self.multisig(multisig, unsigned, i, keys, hasWitness)
    default: break
    }
    throw .malformed(
      "\(unsigned.name(ofInput: i)) spends a script that can't be signed: P2PKH, P2PK"
        + (hasWitness ? ", P2WPKH, P2SH-P2WPKH" : "")
        + " and multisig with publicKeys and threshold are supported")
  }

  private static func multisig(
    _ given: MultisigScript, _ unsigned: UnsignedTransaction, _ i: Int, _ keys: InputKeys, _ hasWitness: Bool
  ) throws(ChainError) -> Spending? {
    let output = unsigned.spent[i]
    for multisig in [given.sorted, given] {
      let script = multisig.script
      let program = LockingScript.witnessScript(version: 0, program: Hash.sha256(script))
      let place: MultisigPlace
      if output.script == LockingScript.scriptHashScript(Hash.hash160(script)) {
        place = .scriptHash
      } else if hasWitness, output.script == program {
        place = .witness
      } else if hasWitness, output.script == LockingScript.scriptHashScript(Hash.hash160(program)) {
        place = .witnessInScriptHash
      } else {
        continue
      }
      guard place == .scriptHash || multisig.publicKeys.allSatisfy({ $0.count == 33 }) else {
        throw .malformed("\(unsigned.name(ofInput: i)) has an uncompressed key, which SegWit does not take")
      }
      var own: [InputKeys.Signer] = []
      var available = 0
      for key in multisig.publicKeys {
        if multisig.signatures[key] != nil {
          available += 1
        } else if let signer = keys[publicKey: key] {
          available += 1
          own.append(signer)
        }
      }
      guard available >= multisig.threshold else { return nil }
      return .multisig(multisig, place, own: own)
    }
    throw ChainError(
      .contentMismatch, "\(unsigned.name(ofInput: i)): publicKeys and threshold are not those of its script")
  }
}
