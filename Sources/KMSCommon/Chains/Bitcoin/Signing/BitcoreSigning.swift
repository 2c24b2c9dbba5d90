internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

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
    let plan = try SpendingPlan(self, keys: InputKeys(request.keys))
    return PreparedSigning { () throws(ChainError) in
      let signed = try InputSigning(unsigned).signed(plan)
      try limits.checkRate(fee: cost.fee, signed: signed)
      return SignedTransaction(
        txData: Hex.encode(signed.encoded()), txID: signed.id,
        from: .inputs(network.addresses(of: unsigned.spent.map(\.lock))))
    }
  }
}
