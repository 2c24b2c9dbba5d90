internal import KMSRecords

/// What a transaction costs beside what it pays.
package struct TransactionCost: Sendable {
  /// What the inputs are worth more than the outputs, in satoshi.
  package let fee: UInt64
  /// What goes into data outputs, where nobody can spend it, in satoshi.
  package let burnt: UInt64
}

/// What is refused when a transaction is read, on every chain of the family.
struct TransactionLimits {
  let parameters: BitcoinParameters
  let network: BitcoinNetwork

  /// Bytes without scripts and witnesses. Nodes relay at most 100,000 (`MAX_STANDARD_TX_WEIGHT`); more than this
  /// would only keep the signer busy, since the original digests take quadratic time.
  private static let maximumSize = 400_000

  /// Checks amounts and outputs.
  ///
  /// - Parameters:
  ///   - unsigned: the transaction.
  ///   - statedFee: a fee that the pending transaction names, which must be the real one.
  ///   - droppedChange: how much more the real fee may be, because change was too small for an output.
  /// - Returns: what it costs, which the operator's limits decide about.
  /// - Throws: `malformed-transaction`, `content-mismatch`, `dust-output`.
  func check(_ unsigned: UnsignedTransaction, statedFee: UInt64? = nil, droppedChange: UInt64 = 0)
    throws(ChainError) -> TransactionCost
  {
    let transaction = unsigned.transaction
    guard !transaction.inputs.isEmpty, !transaction.outputs.isEmpty else {
      throw .malformed("the transaction has no inputs or no outputs")
    }
    guard transaction.encoded(includingWitness: false).count <= Self.maximumSize else {
      throw .malformed("the transaction is larger than \(Self.maximumSize) bytes; no node relays it")
    }
    var outPoints: Set<BitcoinTransaction.OutPoint> = []
    for (i, input) in transaction.inputs.enumerated() where !outPoints.insert(input.outPoint).inserted {
      throw .malformed("\(unsigned.name(ofInput: i)) spends an output that another input spends, too")
    }
    let spent = try sum(unsigned.spent.map(\.value), "inputs")
    let paid = try sum(transaction.outputs.map(\.value), "outputs")
    guard spent >= paid else {
      throw .malformed("the outputs pay \(paid) satoshi, more than the \(spent) of the inputs")
    }
    let fee = spent - paid
    if let statedFee, statedFee > fee || fee - statedFee > droppedChange {
      throw ChainError(
        .contentMismatch, "fee says \(statedFee) satoshi, but inputs minus outputs are \(fee)")
    }
    var burnt: UInt64 = 0
    for (i, output) in transaction.outputs.enumerated() {
      burnt += try check(output, named: "output \(i)")  // at most the sum of all outputs
    }
    return TransactionCost(fee: fee, burnt: burnt)
  }

  private func sum(_ amounts: [UInt64], _ name: String) throws(ChainError) -> UInt64 {
    var total: UInt64 = 0
    for amount in amounts {
      let (next, overflow) = total.addingReportingOverflow(amount)
      guard !overflow, next <= parameters.maximumMoney else {
        throw .malformed("the \(name) are worth more than all \(parameters.name) there can be")
      }
      total = next
    }
    return total
  }

  /// - Returns: what the output burns: the amount of a data output, which nobody can spend.
  private func check(_ output: BitcoinTransaction.Output, named name: String) throws(ChainError) -> UInt64 {
    let lock = LockingScript(output.script)
    if lock == .data { return output.value }
    guard isPayable(lock, output.script) else {
      if parameters.hasExtensionBlocks, case .witness(8...9, _) = lock {
        throw .malformed("\(name) pays into a MimbleWimble extension block (MWEB), which is not supported")
      }
      throw .malformed(
        "\(name) pays a script that is not a standard one of \(parameters.name): the coins could be lost")
    }
    let isWitness = if case .witness = lock { true } else { false }
    let threshold = network.dust.threshold(script: output.script, isWitness: isWitness)
    guard output.value >= threshold else {
      throw ChainError(
        .dustOutput,
        "\(name) pays \(output.value) satoshi; the network does not relay less than \(threshold) there")
    }
    return 0
  }

  /// Whether somebody holds the key to it: not an unknown witness version, which anyone may spend, nor any
  /// witness program on a chain without SegWit.
  private func isPayable(_ lock: LockingScript, _ script: [UInt8]) -> Bool {
    switch lock {
    case .publicKey, .publicKeyHash, .multisig: true
    case .scriptHash(let hash): hash.count == 20 || network.cashAddressPrefix != nil
    case .witness(0, let program): network.witnessPrefix != nil && [20, 32].contains(program.count)
    case .witness(1, let program): network.witnessPrefix != nil && program.count == 32  // taproot, BIP-341
    case .witness, .nonStandard: false
    case .data: true
    }
  }
}
