internal import KMSChains
internal import KMSCrypto

/// The digests that the inputs of one transaction sign.
///
/// What all inputs share is computed once, so that BIP-143 digests take constant time each. The original
/// algorithm hashes the whole transaction for each input: quadratic in the number of inputs by design.
struct SignatureHash {
  /// `SIGHASH_ALL`: all inputs and outputs.
  static let all = BitcoinTransaction.signatureHashAll
  /// `SIGHASH_ALL | SIGHASH_FORKID` of Bitcoin Cash.
  static let allForkID: UInt8 = 0x41

  private let transaction: BitcoinTransaction
  /// The serialization without scripts and witnesses; each input is `emptyInputLength` bytes.
  private let scriptless: [UInt8]
  private let firstInput: Int
  private let hashPrevouts: [UInt8]
  private let hashSequence: [UInt8]
  private let hashOutputs: [UInt8]

  private static let emptyInputLength = 41
  private static let scriptOffset = 36

  init(_ transaction: BitcoinTransaction) {
    self.transaction = transaction
    var scriptless = transaction
    var prevouts = BitcoinWriter(capacity: transaction.inputs.count * 36)
    var sequences = BitcoinWriter(capacity: transaction.inputs.count * 4)
    for i in transaction.inputs.indices {
      scriptless.inputs[i].script = []
      prevouts.append(transaction.inputs[i].outPoint)
      sequences.append(littleEndian: transaction.inputs[i].sequence)
    }
    var outputs = BitcoinWriter(capacity: transaction.outputs.count * 34)
    for output in transaction.outputs { outputs.append(output) }
    self.scriptless = scriptless.encoded(includingWitness: false)
    firstInput = 4 + BitcoinWriter.compactSizeLength(transaction.inputs.count)
    hashPrevouts = Hash.sha256d(prevouts.bytes)
    hashSequence = Hash.sha256d(sequences.bytes)
    hashOutputs = Hash.sha256d(outputs.bytes)
  }

  /// The digest of the original algorithm with `SIGHASH_ALL`.
  ///
  /// It does not cover the amount that is spent: whoever names a wrong one makes the difference a fee.
  ///
  /// - Complexity: linear in the size of the transaction.
  func legacy(input: Int, scriptCode: [UInt8]) -> [UInt8] {
    let script = firstInput + input * Self.emptyInputLength + Self.scriptOffset
    var preimage = BitcoinWriter(capacity: scriptless.count + scriptCode.count + 16)
    preimage.append(scriptless[..<script])
    preimage.append(sized: scriptCode)
    preimage.append(scriptless[(script + 1)...])  // without the length byte of the empty script
    preimage.append(littleEndian: UInt32(Self.all))
    return Hash.sha256d(preimage.bytes)
  }

  /// The digest of BIP-143, also of Bitcoin Cash (replay protected sighash), for a type that covers everything.
  func segregated(input: Int, scriptCode: [UInt8], value: UInt64, type: UInt8) -> [UInt8] {
    Hash.sha256d(segregatedPreimage(input: input, scriptCode: scriptCode, value: value, type: type))
  }

  func segregatedPreimage(input: Int, scriptCode: [UInt8], value: UInt64, type: UInt8) -> [UInt8] {
    var preimage = BitcoinWriter(capacity: 156 + scriptCode.count)
    preimage.append(littleEndian: transaction.version)
    preimage.append(hashPrevouts)
    preimage.append(hashSequence)
    preimage.append(transaction.inputs[input].outPoint)
    preimage.append(sized: scriptCode)
    preimage.append(littleEndian: value)
    preimage.append(littleEndian: transaction.inputs[input].sequence)
    preimage.append(hashOutputs)
    preimage.append(littleEndian: transaction.lockTime)
    preimage.append(littleEndian: UInt32(type))
    return preimage.bytes
  }
}

extension BitcoinWriter {
  mutating func append(_ outPoint: BitcoinTransaction.OutPoint) {
    append(outPoint.hash)
    append(littleEndian: outPoint.index)
  }
}
