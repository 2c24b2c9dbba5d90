internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords

/// Signs all inputs of a transaction with ECDSA, RFC 6979 nonces, low s and `SIGHASH_ALL`.
struct InputSigning {
  private let unsigned: UnsignedTransaction
  private let digests: SignatureHash

  init(_ unsigned: UnsignedTransaction) {
    self.unsigned = unsigned
    digests = SignatureHash(unsigned.transaction)
  }

  /// Returns the transaction with every input signed as `plan` says.
  func signed(_ plan: SpendingPlan) throws(ChainError) -> BitcoinTransaction {
    var transaction = unsigned.transaction
    for (i, spending) in plan.spendings.enumerated() {
      switch spending {
      case .publicKey(let signer):
        transaction.inputs[i].script = BitcoinWriter.pushes([try legacy(i, signer)])
      case .publicKeyHash(let signer):
        transaction.inputs[i].script = BitcoinWriter.pushes([try legacy(i, signer), signer.publicKey])
      case .witnessPublicKeyHash(let signer, let isNested):
        // BIP-143: the scriptCode of P2WPKH is the P2PKH script of its hash.
        let digest = segregated(i, scriptCode: LockingScript.publicKeyHashScript(signer.hash))
        transaction.inputs[i].witness = [try Self.signature(signer.key, digest), signer.publicKey]
        if isNested { transaction.inputs[i].script = BitcoinWriter.pushes([signer.witnessProgram]) }
      case .multisig(let multisig, let place, let own):
        try sign(multisig, place, own, &transaction.inputs[i], i)
      }
    }
    return transaction
  }

  private func legacy(_ i: Int, _ signer: InputKeys.Signer) throws(ChainError) -> [UInt8] {
    try Self.signature(signer.key, digests.legacy(input: i, scriptCode: unsigned.spent[i].script))
  }

  private func segregated(_ i: Int, scriptCode: [UInt8]) -> [UInt8] {
    digests.segregated(
      input: i, scriptCode: scriptCode, value: unsigned.spent[i].value, type: SignatureHash.all)
  }

  /// DER and the type byte.
  private static func signature(_ key: Secp256k1PrivateKey, _ digest: [UInt8]) throws(ChainError) -> [UInt8] {
    do throws(CryptoError) {
      return try key.sign(digest: digest).der + [SignatureHash.all]
    } catch { throw .cannotSign(error) }
  }

  private func sign(
    _ multisig: MultisigScript, _ place: InputForm.MultisigPlace, _ own: [InputKeys.Signer],
    _ input: inout BitcoinTransaction.Input, _ i: Int
  ) throws(ChainError) {
    let script = multisig.script
    let digest =
      place == .scriptHash
      ? digests.legacy(input: i, scriptCode: script) : segregated(i, scriptCode: script)
    // OP_CHECKMULTISIG wants signatures in the order of the keys, and takes one item too many off the stack.
    var items: [[UInt8]] = [[]]
    for key in multisig.publicKeys where items.count <= multisig.threshold {
      if let signature = multisig.signatures[key] {
        // A high s is valid, but not relayed (BIP-146).
        guard signature.hasLowS, Secp256k1.verify(signature, digest: digest, publicKey: key) else {
          throw .malformed("\(unsigned.name(ofInput: i)) carries a signature that is not valid")
        }
        items.append(signature.der + [SignatureHash.all])
      } else if let signer = own.first(where: { $0.publicKey == key }) {
        items.append(try Self.signature(signer.key, digest))
      }
    }
    items.append(script)
    switch place {
    case .scriptHash: input.script = BitcoinWriter.pushes(items)
    case .witness: input.witness = items
    case .witnessInScriptHash:
      input.witness = items
      input.script = BitcoinWriter.pushes([
        LockingScript.witnessScript(version: 0, program: Hash.sha256(script))
      ])
    }
  }
}
