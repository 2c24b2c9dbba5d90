internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// BTC, LTC or DOGE.
  static func bitcore(_ chain: BitcoreChain) -> SigningChain {
    SigningChain(chain, wallets: BIP32Wallets(chain.parameters))
  }
}

extension BitcoreIntent: SigningIntent {
  /// Prepares the signing of every input, or of none.
  ///
  /// A key that no input needs is ignored: one signature ID may stand for a wallet whose coins were not chosen,
  /// and an unused key signs nothing. When no key fits any input the transaction is somebody else's:
  /// `key-not-sender`.
  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let limits = FeePolicy(parameters: parameters, policy: request.policy)
    try limits.check(cost)
    try checkAmounts(request)
    try LockTimePolicy(parameters: parameters, transaction: unsigned.transaction).check(request)
    let plan = try SpendingPlan(self, keys: InputKeys(request.keys))
    let coins = unsigned.transaction.coins(unsigned.spent.map(\.value))
    return PreparedSigning(spending: coins) { () throws(ChainError) in
      let signed = try InputSigning(unsigned).signed(plan)
      try limits.checkRate(fee: cost.fee, signed: signed)
      return SignedTransaction(
        txData: Hex.encode(signed.encoded()), txID: signed.id,
        from: .inputs(network.addresses(of: unsigned.spent.map(\.lock))))
    }
  }

  /// Refuses amounts and scripts that are not those of the transactions that made what is spent.
  private func checkAmounts(_ request: SigningRequest) throws(ChainError) {
    let proof = try AmountProof(
      unsigned.transaction, amounts: unsigned.spent.map(\.value), context: request.context,
      isDemanded: !testnet && !request.policy.trustAmounts)
    for (i, output) in proof.outputs.enumerated() {
      guard let output, output.script != unsigned.spent[i].script else { continue }
      throw ChainError(
        .contentMismatch,
        "\(unsigned.name(ofInput: i)) does not have the script that the transaction that made it gave it")
    }
  }
}
