internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

extension SigningChain {
  /// BCH.
  static let bitcoinCash = SigningChain(
    BitcoinCashChain.bitcoinCash, wallets: BIP32Wallets(BitcoinCashChain.bitcoinCash.parameters))
}

extension BitcoinCashIntent: SigningIntent {
  /// Prepares the signing of every input, or of none; which key is whose, `BitcoinCashSigners` finds out.
  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let proof = try AmountProof(
      transaction, amounts: amounts, context: request.context,
      isDemanded: !testnet && !request.policy.trustAmounts)
    try LockTimePolicy(parameters: parameters, transaction: transaction).check(request)
    let signers = try BitcoinCashSigners(self, request, proof).signers
    let limits = FeePolicy(parameters: parameters, policy: request.policy)
    try limits.check(cost)
    let isECDSA = request.policy.bchECDSA
    return PreparedSigning(spending: transaction.coins(amounts)) { () throws(ChainError) in
      let digests = SignatureHash(transaction)
      var signed = transaction
      for (i, signer) in signers.enumerated() {
        let digest = digests.segregated(
          input: i, scriptCode: LockingScript.publicKeyHashScript(signer.hash), value: amounts[i],
          type: SignatureHash.allForkID)
        let signature = try Self.signature(signer.key, digest, isECDSA: isECDSA)
        signed.inputs[i].script = BitcoinWriter.pushes([
          signature + [SignatureHash.allForkID], signer.publicKey,
        ])
      }
      try limits.checkRate(fee: cost.fee, signed: signed)
      return SignedTransaction(
        txData: Hex.encode(signed.encoded()), txID: signed.id,
        from: .inputs(network.addresses(of: signers.map { .publicKeyHash($0.hash) })))
    }
  }

  private static func signature(_ key: Secp256k1PrivateKey, _ digest: [UInt8], isECDSA: Bool)
    throws(ChainError)
    -> [UInt8]
  {
    do throws(CryptoError) {
      return isECDSA ? try key.sign(digest: digest).der : try key.signBCHSchnorr(digest: digest)
    } catch { throw .cannotSign(error) }
  }
}
