import KMSCrypto
import KMSPrimitives

/// The forms of scripts that the pipeline's transactions spend.
enum BitcoinScript {
  case payToPublicKeyHash([UInt8])
  case payToWitnessPublicKeyHash([UInt8])
  case payToWitnessScriptHash([UInt8])
  case payToScriptHash([UInt8])
  case payToPublicKey([UInt8])
  case multisig(required: Int, publicKeys: [[UInt8]])
  case other

  init(_ script: [UInt8]) {
    if script.count == 25, script.starts(with: [0x76, 0xA9, 0x14]), script.suffix(2) == [0x88, 0xAC] {
      self = .payToPublicKeyHash(Array(script[3..<23]))
    } else if script.count == 22, script.starts(with: [0x00, 0x14]) {
      self = .payToWitnessPublicKeyHash(Array(script[2...]))
    } else if script.count == 34, script.starts(with: [0x00, 0x20]) {
      self = .payToWitnessScriptHash(Array(script[2...]))
    } else if script.count == 23, script.starts(with: [0xA9, 0x14]), script.last == 0x87 {
      self = .payToScriptHash(Array(script[2..<22]))
    } else if [35, 67].contains(script.count), Int(script[0]) == script.count - 2, script.last == 0xAC {
      self = .payToPublicKey(Array(script[1..<(script.count - 1)]))
    } else {
      self = Self.multisig(script) ?? .other
    }
  }

  /// OP_m, keys, OP_n, OP_CHECKMULTISIG.
  private static func multisig(_ script: [UInt8]) -> BitcoinScript? {
    guard script.last == 0xAE, script.count > 3, let m = number(script[0]),
      let n = number(script[script.count - 2]),
      let keys = pushes(Array(script[1..<(script.count - 2)])), keys.count == n, m <= n
    else { return nil }
    return .multisig(required: m, publicKeys: keys)
  }

  private static func number(_ opcode: UInt8) -> Int? {
    (0x51...0x60).contains(opcode) ? Int(opcode) - 0x50 : nil
  }

  /// What a script that only pushes pushes, each in the shortest way (BIP-62 rules 2 and 3); nil otherwise.
  static func pushes(_ script: [UInt8]) -> [[UInt8]]? {
    var pushed: [[UInt8]] = []
    var rest = script[...]
    while let opcode = rest.popFirst() {
      var count = Int(opcode)
      switch opcode {
      case 0: break
      case 1...75: break
      case 0x4C:
        guard let length = rest.popFirst(), length > 75 else { return nil }
        count = Int(length)
      case 0x4D:
        guard rest.count >= 2, let low = rest.popFirst(), let high = rest.popFirst(), high > 0 else {
          return nil
        }
        count = Int(high) << 8 | Int(low)
      default: return nil
      }
      guard count <= rest.count else { return nil }
      pushed.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pushed
  }

  static func payToPublicKeyHash(_ hash: [UInt8]) -> [UInt8] { [0x76, 0xA9, 0x14] + hash + [0x88, 0xAC] }

  /// r and s, 32 bytes each, of a DER signature in the only form that BIP-66 allows; nil otherwise.
  static func strictDER(_ der: [UInt8]) -> [UInt8]? {
    guard (8...72).contains(der.count), der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
    var rest = der[2...]
    var out: [UInt8] = []
    for _ in 0..<2 {
      guard rest.popFirst() == 0x02, let length = rest.popFirst().map(Int.init), (1...33).contains(length),
        length <= rest.count
      else { return nil }
      var integer = rest.prefix(length)
      rest = rest.dropFirst(length)
      guard let first = integer.first, first < 0x80 else { return nil }  // negative
      if first == 0, length > 1 {
        integer = integer.dropFirst()
        guard let second = integer.first, second >= 0x80 else { return nil }  // a zero too many
      }
      guard integer.count <= 32 else { return nil }
      out += [UInt8](repeating: 0, count: 32 - integer.count) + integer
    }
    return rest.isEmpty ? out : nil
  }
}

/// Checks the signatures of one input against the script that it spends.
struct BitcoinInputCheck {
  let transaction: BitcoinTransaction
  let index: Int
  let amount: UInt64
  /// Bitcoin Cash: signatures commit to the amount and to SIGHASH_FORKID, and may be Schnorr.
  let isCash: Bool

  private var input: BitcoinTransaction.Input { transaction.inputs[index] }
  private var hashType: UInt8 { isCash ? 0x41 : 0x01 }

  /// Checks the input against `script`; without one it must be P2PKH of the key that it shows.
  func verify(_ script: [UInt8]?) throws(Refusal) {
    guard let script else {
      guard let shown = BitcoinScript.pushes(input.script), shown.count == 2 else {
        throw failure("Operation not valid with the current stack size")
      }
      return try verify(BitcoinScript.payToPublicKeyHash(Hash.hash160(shown[1])))
    }
    guard let pushed = BitcoinScript.pushes(input.script) else {
      throw failure("Only push operators allowed in signature scripts")
    }
    switch BitcoinScript(script) {
    case .payToPublicKeyHash(let hash):
      try noWitness()
      guard pushed.count == 2 else { throw failure("Operation not valid with the current stack size") }
      guard Hash.hash160(pushed[1]) == hash else {
        throw failure("Script failed an OP_EQUALVERIFY operation")
      }
      try verify(signature: pushed[0], publicKey: pushed[1], scriptCode: script)
    case .payToPublicKey(let key):
      try noWitness()
      guard pushed.count == 1 else { throw failure("Operation not valid with the current stack size") }
      try verify(signature: pushed[0], publicKey: key, scriptCode: script)
    case .payToWitnessPublicKeyHash(let hash):
      try noScript()
      try verifyWitness(hash)
    case .payToWitnessScriptHash(let hash):
      try noScript()
      try verifyWitness(scriptHash: hash)
    case .payToScriptHash(let hash):
      guard let redeem = pushed.last, Hash.hash160(redeem) == hash else {
        throw failure("Script evaluated without error but finished with a false/empty top stack element")
      }
      try verify(redeem: redeem, pushed: Array(pushed.dropLast()))
    case .multisig, .other:
      throw Refusal("the sandbox does not know how to spend script \(Hex.encode(script))")
    }
  }

  private func verify(redeem: [UInt8], pushed: [[UInt8]]) throws(Refusal) {
    switch BitcoinScript(redeem) {
    case .payToWitnessPublicKeyHash(let hash) where pushed.isEmpty: try verifyWitness(hash)
    case .payToWitnessScriptHash(let hash) where pushed.isEmpty: try verifyWitness(scriptHash: hash)
    case .multisig(let required, let publicKeys):
      try noWitness()
      try verify(multisig: redeem, required, publicKeys, stack: pushed, commitsToAmount: false)
    default: throw Refusal("the sandbox does not know how to spend redeem script \(Hex.encode(redeem))")
    }
  }

  /// OP_CHECKMULTISIG: an empty item (BIP-147), then as many signatures as are required, in the order of their keys.
  private func verify(
    multisig script: [UInt8], _ required: Int, _ publicKeys: [[UInt8]], stack: [[UInt8]],
    commitsToAmount: Bool
  ) throws(Refusal) {
    guard stack.count == required + 1, stack.first == [] else {
      throw failure("Operation not valid with the current stack size")
    }
    var keys = publicKeys[...]
    for signature in stack.dropFirst() {
      while true {
        guard let key = keys.popFirst() else { throw failure("Script failed an OP_CHECKMULTISIG operation") }
        if (try? verify(
          signature: signature, publicKey: key, scriptCode: script, commitsToAmount: commitsToAmount)) != nil
        {
          break
        }
      }
    }
  }

  /// P2WSH (BIP-141) of multisig.
  private func verifyWitness(scriptHash: [UInt8]) throws(Refusal) {
    guard !isCash, let script = input.witness.last, Hash.sha256(script) == scriptHash else {
      throw failure("Witness program hash mismatch")
    }
    guard case .multisig(let required, let publicKeys) = BitcoinScript(script) else {
      throw Refusal("the sandbox does not know how to spend witness script \(Hex.encode(script))")
    }
    guard publicKeys.allSatisfy({ $0.count == 33 }) else {
      throw failure("Using non-compressed keys in segwit")
    }
    try verify(
      multisig: script, required, publicKeys, stack: input.witness.dropLast(), commitsToAmount: true)
  }

  private func verifyWitness(_ hash: [UInt8]) throws(Refusal) {
    let witness = input.witness
    guard !isCash, witness.count == 2, Hash.hash160(witness[1]) == hash else {
      throw failure("Witness program hash mismatch")
    }
    guard witness[1].count == 33 else { throw failure("Using non-compressed keys in segwit") }
    try verify(
      signature: witness[0], publicKey: witness[1], scriptCode: BitcoinScript.payToPublicKeyHash(hash),
      commitsToAmount: true)
  }

  private func noScript() throws(Refusal) {
    guard input.script.isEmpty else { throw failure("Witness requires empty scriptSig") }
  }

  private func noWitness() throws(Refusal) {
    guard input.witness.isEmpty else { throw failure("Witness provided for non-witness script") }
  }

  private func verify(
    signature: [UInt8], publicKey: [UInt8], scriptCode: [UInt8], commitsToAmount: Bool = false
  ) throws(Refusal) {
    guard signature.last == hashType else { throw failure("only SIGHASH_ALL is expected here") }
    let preimage =
      isCash || commitsToAmount
      ? transaction.amountPreimage(index, scriptCode: scriptCode, amount: amount, hashType: UInt32(hashType))
      : transaction.legacyPreimage(index, scriptCode: scriptCode, hashType: UInt32(hashType))
    let digest = Hash.sha256d(preimage)
    let bare = Array(signature.dropLast())
    if isCash && bare.count == 64 {
      guard Secp256k1.verifyBCHSchnorr(bare, digest: digest, publicKey: publicKey) else {
        throw wrongSignature
      }
      return
    }
    guard let rs = BitcoinScript.strictDER(bare) else { throw failure("Non-canonical DER signature") }
    guard !Quantity.isLess(Secp256k1Order.half, Array(rs.suffix(32).drop { $0 == 0 })) else {
      throw failure("Non-canonical signature: S value is unnecessarily high")  // BIP-146
    }
    guard let ecdsa = try? ECDSASignature(rs: rs, recoveryID: 0),
      Secp256k1.verify(ecdsa, digest: digest, publicKey: publicKey)
    else { throw wrongSignature }
  }

  private var wrongSignature: Refusal {
    failure("Signature must be zero for failed CHECK(MULTI)SIG operation")
  }

  private func failure(_ reason: String) -> Refusal {
    Refusal("mandatory-script-verify-flag-failed (\(reason)), input \(index)")
  }
}
