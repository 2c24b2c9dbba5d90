internal import KMSCrypto
internal import KMSRecords

/// How the output that an input spends wants to be signed, whoever has the keys.
package enum InputForm: Sendable {
  /// `<signature>` by this key.
  case publicKey([UInt8])
  /// `<signature> <public key>` by the key with this hash.
  case publicKeyHash([UInt8])
  /// Witness `<signature> <public key>` by the compressed key with this hash.
  case witnessPublicKeyHash([UInt8])
  /// The same, nested in P2SH: this is the hash of the witness script.
  case nestedWitnessPublicKeyHash([UInt8])
  /// `OP_0 <signatures> <script>`, in the script or the witness.
  case multisig(MultisigScript, MultisigPlace)

  /// Where a multisig script is.
  package enum MultisigPlace: Sendable {
    case scriptHash
    case witness
    case witnessInScriptHash
  }

  /// Recognises what input `i` spends.
  ///
  /// - Throws: `malformed-transaction` for a script that can't be signed; `content-mismatch` when publicKeys and
  ///   threshold are not those of the script.
  package init(_ unsigned: UnsignedTransaction, _ i: Int, _ network: BitcoinNetwork) throws(ChainError) {
    let output = unsigned.spent[i]
    let hasWitness = network.witnessPrefix != nil
    switch output.lock {
    case .publicKey(let key): self = .publicKey(key)
    case .publicKeyHash(let hash): self = .publicKeyHash(hash)
    case .witness(0, let program) where hasWitness && program.count == 20:
      self = .witnessPublicKeyHash(program)
    case .scriptHash(let hash) where hash.count == 20 && output.multisig == nil && hasWitness:
      self = .nestedWitnessPublicKeyHash(hash)
    case .scriptHash(let hash) where hash.count == 20 && output.multisig != nil,
      .witness(0, let hash) where hasWitness && hash.count == 32 && output.multisig != nil:
      self = try Self.multisig(unsigned, i, hasWitness)
    default:
      throw .malformed(
        "\(unsigned.name(ofInput: i)) spends a script that can't be signed: P2PKH, P2PK"
          + (hasWitness ? ", P2WPKH, P2SH-P2WPKH" : "")
          + " and multisig with publicKeys and threshold are supported")
    }
  }

  private static func multisig(
    _ unsigned: UnsignedTransaction, _ i: Int, _ hasWitness: Bool
  ) throws(ChainError) -> InputForm {
    let output = unsigned.spent[i]
    guard let given = output.multisig else {
      throw .malformed("\(unsigned.name(ofInput: i)) has no publicKeys and threshold")
    }
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
      return .multisig(multisig, place)
    }
    throw ChainError(
      .contentMismatch, "\(unsigned.name(ofInput: i)): publicKeys and threshold are not those of its script")
  }
}
