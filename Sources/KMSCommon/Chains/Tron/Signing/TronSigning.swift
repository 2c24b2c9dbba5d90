internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// TRON.
  static let tron = SigningChain(TronChain(), wallets: BIP32Wallets.tron)
}

extension TronIntent: SigningIntent {
  /// The highest `fee_limit` that is signed unless the operator raises it: 1000 TRX, in sun. The network takes up to
  /// 15000 TRX; a transfer of a token burns less than 30.
  static let maximumFee: UInt64 = 1_000_000_000

  /// The network takes what expires within a day (java-tron, `MAXIMUM_TIME_UNTIL_EXPIRATION`): what expires later is not
  /// refused for good, but taken when that day has come.
  private static let longestValidity: Int64 = 86_400

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let owner = transaction.owner.text
    let key = try request.onlyKey()
    guard key.address == owner else {
      throw ChainError(
        .keyNotSender,
        "serializedTransaction.raw_data names \(owner) as owner_address, the wallet's key is that of \(key.address)"
      )
    }
    if transaction.contract.handsOverControl, !request.policy.allowAccountControl {
      throw ChainError(
        .accountControlRefused,
        "\(transaction.contract.name) decides who may sign for \(owner); allow it with --allow-account-control"
      )
    }
    try StatedFee(transaction.feeLimit, unit: "sun", chain: "TRON").check(
      defaultLimit: Self.maximumFee, request.policy)
    try request.refuseOperation(transaction.unknownOperation)
    try request.refuseAllowances(allowances)
    try checkExpiration(transaction.expiration, unixTime: request.now)
    for (name, time) in [("expiration", transaction.expiration), ("timestamp", transaction.timestamp)]
    where Int64(clamping: time / 1000) > request.time(after: Self.longestValidity) {
      try request.refuseValidity("raw_data.\(name) is more than 24 hours from now")
    }
    let signer = try key.secp256k1Signer()
    return PreparedSigning { () throws(ChainError) in
      let signature: ECDSASignature
      do throws(CryptoError) { signature = try signer.sign(digest: transaction.txID) } catch {
        throw .cannotSign(error)
      }
      var object = transaction.object
      object["signature"] = [.string(Self.text(signature))]
      return SignedTransaction(
        txData: JSONValue.object(object).text, txID: Hex.encode(transaction.txID), from: .one(owner),
        expiresAt: Int64(transaction.expiration / 1000))
    }
  }

  /// r and s in lower case, then 27 + recovery id in upper case, as TronWeb writes a signature.
  private static func text(_ signature: ECDSASignature) -> String {
    Hex.encode(signature.rs) + String(27 + signature.recoveryID, radix: 16, uppercase: true)
  }

  private func checkExpiration(_ expiration: UInt64, unixTime: Int64) throws(ChainError) {
    let (now, overflows) = UInt64(max(unixTime, 0)).multipliedReportingOverflow(by: 1000)
    guard !overflows, expiration > now else {
      throw ChainError(
        .expired,
        "raw_data.expiration was \(expiration / 1000) seconds after 1970, now it is \(unixTime): the transaction "
          + "must be created again")
    }
  }
}
