internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// Algorand.
  static let algorand = SigningChain(AlgorandChain(), wallets: AlgorandWallets())
}

extension AlgorandIntent: SigningIntent {
  /// 1 ALGO: a thousand times the least fee.
  private static let maximumFee: UInt64 = 1_000_000

  /// Rounds take 2.7 seconds or longer; the first one of the main network was on 2019-06-11. Round 40085294 of the main
  /// network was at 2024-06-25 10:25:10 UTC, round 55540769 of the test network at 2025-09-14 12:21:24 UTC.
  private static func rounds(testnet: Bool) -> BlockClock {
    BlockClock(
      start: 1_560_211_200, seconds: 2,
      later: testnet ? (55_540_769, 1_757_852_484) : (40_085_294, 1_719_311_110))
  }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let key = try request.onlyKey()
    let sender = transaction.sender
    if key.publicKey != sender.bytes, !request.policy.allowDelegatedKeys {
      throw ChainError(
        .keyNotSender,
        "serializedTransaction.from is \(sender.text), the wallet's key is that of \(key.address); a rekeyed account "
          + "needs --allow-delegated-keys")
    }
    if !transaction.accountControl.isEmpty, !request.policy.allowAccountControl {
      let members = transaction.accountControl.joined(separator: " and ")
      throw ChainError(
        .accountControlRefused,
        "serializedTransaction has \(members), which hands over or empties the account; --allow-account-control signs it"
      )
    }
    try request.refuseOperation(transaction.unknownOperation)
    try StatedFee(transaction.fee, unit: "microalgos", chain: "ALGO").check(
      defaultLimit: Self.maximumFee, request.policy)
    let highest = Self.rounds(testnet: testnet).height(at: request.now)
    if transaction.lastRound > highest {
      try request.refuseValidity(
        "lastRound is \(transaction.lastRound); by this machine's clock there are at most \(highest) rounds")
    }
    let signer = try key.ed25519Signer()
    return PreparedSigning { () throws(ChainError) in
      let signed = transaction.signed(with: signer)
      return SignedTransaction(
        txData: Hex.encode(signed.bytes), txID: signed.id, from: .one(sender.text),
        lastValidHeight: transaction.lastRound)
    }
  }
}

extension AlgorandTransaction {
  /// Signs; adds the public key as `sgnr` when it is not the sender's.
  ///
  /// - Returns: the encoding of the signed transaction, and its id.
  func signed(with key: Ed25519PrivateKey) -> (bytes: [UInt8], id: String) {
    let message = Self.prefix + encoded
    let isDelegated = key.publicKey != sender.bytes
    // A map of `sgnr`, `sig` and `txn`, in this order; the transaction is there as it was signed.
    var out: [UInt8] = [isDelegated ? 0x83 : 0x82]
    func append(_ name: String) { CanonicalMessagePack.text(name).append(to: &out) }
    if isDelegated {
      append("sgnr")
      CanonicalMessagePack.bytes(key.publicKey).append(to: &out)
    }
    append("sig")
    CanonicalMessagePack.bytes(key.sign(message)).append(to: &out)
    append("txn")
    return (out + encoded, Base32.encode(Hash.sha512_256(message)))
  }
}
