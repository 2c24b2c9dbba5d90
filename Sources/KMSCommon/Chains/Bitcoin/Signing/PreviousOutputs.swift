internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// What `context.previous` proves about the outputs that a transaction spends.
///
/// `previous` is a list of transactions in hexadecimal. Which one it is, its bytes say.
struct PreviousOutputs {
  private var known: [[UInt8]: [BitcoinTransaction.Output]] = [:]

  /// Reads `previous` of `context`; it may be missing.
  ///
  /// - Parameter spender: the transaction that spends.
  /// - Throws: `malformed-transaction` for what is no list of transactions; `content-mismatch` for a transaction that
  ///   makes nothing of what is spent: its bytes are not those of the id that an input names.
  init(_ context: JSONValue, of spender: BitcoinTransaction) throws(ChainError) {
    guard let previous = context["previous"] else { return }
    guard let items = previous.array else { throw .malformed("context.previous is not a list") }
    guard items.count <= spender.inputs.count else {
      throw .malformed("context.previous has more transactions than there are inputs")
    }
    let wanted = Set(spender.inputs.map(\.outPoint.hash))
    for (i, item) in items.enumerated() {
      guard let transaction = item.string.flatMap({ Hex.decode($0) }).flatMap({ PreviousTransaction($0) })
      else { throw .malformed("context.previous[\(i)] is no transaction in hexadecimal") }
      guard wanted.contains(transaction.hash) else {
        throw ChainError(
          .contentMismatch,
          "context.previous[\(i)] is transaction \(Hex.encode(transaction.hash.reversed())), from which nothing is "
            + "spent: somebody changed its bytes")
      }
      known[transaction.hash] = transaction.outputs
    }
  }

  /// The output that `input` spends; nil when the transaction that made it is not there.
  ///
  /// - Throws: `content-mismatch` when that transaction has no such output.
  func output(_ outPoint: BitcoinTransaction.OutPoint, spentBy input: String) throws(ChainError)
    -> BitcoinTransaction.Output?
  {
    guard let outputs = known[outPoint.hash] else { return nil }
    guard outPoint.index < outputs.count else {
      throw ChainError(.contentMismatch, "\(input) spends an output that its transaction does not have")
    }
    return outputs[Int(outPoint.index)]
  }
}

/// Which amounts of a transaction's inputs are proved, and what follows.
struct AmountProof {
  /// What each input spends by the bytes of the transaction that made it; nil where that is not known.
  let outputs: [BitcoinTransaction.Output?]

  /// Compares what a transaction states with what `context.previous` proves.
  ///
  /// - Parameters:
  ///   - amounts: the amounts that the pending transaction states, one for each input.
  ///   - isDemanded: whether every amount must be proved.
  /// - Throws: `content-mismatch` for an amount that is not the one that was proved, `amount-unproven` for one that is
  ///   not proved though it must be, `malformed-transaction` for a context that can't be read.
  init(
    _ transaction: BitcoinTransaction, amounts: [UInt64], context: JSONValue, isDemanded: Bool
  ) throws(ChainError) {
    let previous = try PreviousOutputs(context, of: transaction)
    var outputs: [BitcoinTransaction.Output?] = []
    outputs.reserveCapacity(amounts.count)
    for (i, (input, amount)) in zip(transaction.inputs, amounts).enumerated() {
      let name = "input \(i) (\(input.outPoint))"
      let output = try previous.output(input.outPoint, spentBy: name)
      if let output, output.value != amount {
        throw ChainError(
          .contentMismatch,
          "\(name) is worth \(output.value) satoshi by the transaction that made it, but \(amount) by the pending one; "
            + "the difference would be a fee")
      }
      if output == nil, isDemanded {
        throw ChainError(
          .amountUnproven,
          "nothing proves the amount of \(name): context.previous lacks the transaction that made it. kms-fetch asks "
            + "for it anew at the next poll; --trust-amounts signs without")
      }
      outputs.append(output)
    }
    self.outputs = outputs
  }
}

extension BitcoinTransaction {
  /// What each input spends, worth `amounts`.
  func coins(_ amounts: [UInt64]) -> [SpentCoin] {
    zip(inputs, amounts).map { input, amount in
      SpentCoin(transactionHash: input.outPoint.hash, index: input.outPoint.index, amount: amount)
    }
  }
}
