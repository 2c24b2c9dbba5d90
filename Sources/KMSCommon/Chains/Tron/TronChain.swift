internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// TRON: transfers of TRX, TRC-10 and TRC-20 tokens, staking, voting, smart contracts. docs/chains/tron.md is the manual.
struct TronChain: Chain {
  let name = "TRON"
  let wallets: any WalletScheme = TronWallets()

  /// The highest `fee_limit` that is signed unless the operator raises it: 1000 TRX, in sun. The network takes up to
  /// 15000 TRX; a transfer of a token burns less than 30.
  static let maximumFee: UInt64 = 1_000_000_000

  /// Nothing: reference block and expiration are fixed when the transaction is created. What signing would refuse is
  /// refused here.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    _ = try PendingTronTransaction(parsing: pending.serializedTransaction)
    return []
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try PendingTronTransaction(parsing: request.pending.serializedTransaction)
    guard let key = request.keys.first else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    guard key.privateKey.address == pending.owner.text else {
      throw ChainError(
        .keyNotSender,
        "owner_address is \(pending.owner.text), the wallet's key is that of \(key.privateKey.address)")
    }
    if pending.contract.handsOverControl, !request.policy.allowAccountControl {
      throw ChainError(
        .accountControlRefused,
        "\(pending.contract.name) decides who may sign for \(pending.owner.text); allow it with "
          + "--allow-account-control")
    }
    try StatedFee.check(
      pending.feeLimit, unit: "sun", chain: name, defaultLimit: Self.maximumFee, request.policy)
    try checkExpiration(pending.expiration, unixTime: request.unixTime)
    let signature: ECDSASignature
    do throws(CryptoError) {
      signature = try Secp256k1PrivateKey(key.privateKey.secret).sign(digest: pending.txID)
    } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
    var object = pending.object
    object["signature"] = [.string(Self.text(signature))]
    return SignedTransaction(
      txData: JSONValue.object(object).text, txID: Hex.encode(pending.txID), from: .one(pending.owner.text),
      expiresAt: Int64(pending.expiration / 1000))
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
