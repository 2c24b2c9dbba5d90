/// A transaction to sign, with the outputs that it spends.
package struct UnsignedTransaction: Sendable {
  /// Without scripts and witnesses in its inputs.
  package var transaction: BitcoinTransaction
  /// What each input spends, in the order of the inputs.
  package var spent: [SpentOutput]

  /// An output that an input spends, as whoever prepared the transaction describes it.
  ///
  /// `context.previous` proves amount and script. Without it, a wrong amount makes the signature of a SegWit input, or one of
  /// Bitcoin Cash, invalid; of the others it would only make the fee look right.
  package struct SpentOutput: Sendable {
    /// In satoshi.
    package let value: UInt64
    package let script: [UInt8]
    package let lock: LockingScript
    /// The script behind a P2SH or P2WSH output, where it is known.
    let multisig: MultisigScript?

    init(value: UInt64, script: [UInt8], multisig: MultisigScript? = nil) {
      self.value = value
      self.script = script
      lock = LockingScript(script)
      self.multisig = multisig
    }
  }

  /// The input as messages name it.
  package func name(ofInput i: Int) -> String { "input \(i) (\(transaction.inputs[i].outPoint))" }
}
