internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// BCH: unsigned hex with input amounts, P2PKH inputs, fork-id digests, Schnorr signatures (or ECDSA).
struct BitcoinCashChain: BitcoinFamilyChain {
  let parameters: BitcoinParameters
  let wallets: any WalletScheme

  init(_ parameters: BitcoinParameters) {
    self.parameters = parameters
    wallets = BIP32Wallets(parameters)
  }

  /// What each input spends: the pending transaction has the amounts only.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    try BitcoinCashTransaction(pending.serializedTransaction).transaction.inputs.map {
      .utxo(hash: $0.outPoint.transactionID, index: $0.outPoint.index)
    }
  }

  /// Signs every input, or none; which key is whose, `BitcoinCashSigners` finds out.
  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try BitcoinCashTransaction(request.pending.serializedTransaction)
    let network = parameters.network(request.testnet)
    let signers = try BitcoinCashSigners(pending, request, network).signers
    var unsigned = UnsignedTransaction(transaction: pending.transaction, spent: [])
    for (signer, amount) in zip(signers, pending.amounts) {
      unsigned.spent.append(.init(value: amount, script: LockingScript.publicKeyHashScript(signer.hash)))
    }
    let limits = TransactionLimits(parameters: parameters, network: network, policy: request.policy)
    let fee = try limits.check(unsigned)

    let digests = SignatureHash(unsigned.transaction)
    var signed = unsigned.transaction
    for (i, signer) in signers.enumerated() {
      let digest = digests.segregated(
        input: i, scriptCode: unsigned.spent[i].script, value: unsigned.spent[i].value,
        type: SignatureHash.allForkID)
      let signature = try Self.signature(signer.key, digest, isECDSA: request.policy.bchECDSA)
      signed.inputs[i].script = BitcoinWriter.pushes([
        signature + [SignatureHash.allForkID], signer.publicKey,
      ])
    }
    try limits.checkRate(fee: fee, signed: signed)
    return SignedTransaction(
      txData: Hex.encode(signed.encoded()), txID: signed.id,
      from: .inputs(network.addresses(of: unsigned.spent.map(\.lock))))
  }

  private static func signature(_ key: Secp256k1PrivateKey, _ digest: [UInt8], isECDSA: Bool)
    throws(ChainError)
    -> [UInt8]
  {
    do throws(CryptoError) {
      return isECDSA ? try key.sign(digest: digest).der : try key.signBCHSchnorr(digest: digest)
    } catch { throw ChainError(.walletUnreadable, "the key can't sign: \(error.message)") }
  }
}
