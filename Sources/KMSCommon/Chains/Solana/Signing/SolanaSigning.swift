internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// Solana.
  static let solana = SigningChain(
    SolanaChain(), wallets: SLIP10Wallets.solana, height: SolanaIntent.height)
}

extension SolanaIntent: SigningIntent {
  /// 0.05 SOL: ten thousand times the fee of one signature.
  private static let maximumFee: UInt64 = 50_000_000

  /// How many blocks a blockhash is good for (solana-clock, MAX_PROCESSING_AGE).
  private static let blocksPerBlockhash: UInt64 = 150

  /// Seconds after which a blockhash is certainly too old: 150 blocks take one to two minutes; ten are counted.
  private static let longestValidity: Int64 = 600

  /// The block height when the context was made; nil where it names none.
  static func height(in context: JSONValue) -> UInt64? {
    guard let last = context["lastValidBlockHeight"]?.uint64 else { return nil }
    return last < blocksPerBlockhash ? 0 : last - blocksPerBlockhash
  }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let lastHeight = try lastValidHeight(request.context)
    let keys = try signers(of: transaction.message, request.keys, mintKey: mintKey())
    try checkPolicy(request.policy)
    try request.refuseOperation(transaction.message.unknownOperation)
    let isDurable = transaction.message.advancesNonce
    if isDurable {
      try request.refuseValidity(
        "the transaction uses a durable nonce (AdvanceNonceAccount): it would be valid until somebody uses that nonce"
      )
    }
    let expiresAt = request.time(after: Self.longestValidity)
    let bytes = transaction.message.bytes(blockhash: try blockhash(request.context))
    return PreparedSigning { () throws(ChainError) in
      // At most 19 signatures have room, so their number is one byte.
      var wire = [UInt8(truncatingIfNeeded: keys.count)]
      var first: [UInt8] = []
      for key in keys {
        let signature = key.sign(bytes)
        if first.isEmpty { first = signature }
        wire += signature
      }
      return SignedTransaction(
        txData: Base64.encode(wire + bytes), txID: Base58.encode(first), from: .one(feePayer.text),
        expiresAt: isDurable ? nil : expiresAt, lastValidHeight: isDurable ? nil : lastHeight)
    }
  }

  private func mintKey() throws(ChainError) -> Ed25519PrivateKey? {
    guard let text = transaction.mintKey else { return nil }
    do { return try SolanaKeyText.key(SolanaKeyText.bytes(text).bytes) } catch {
      throw PendingSolanaTransaction.invalidMintKey
    }
  }

  /// The key of each signer, in the message's order.
  ///
  /// - Throws: `key-not-sender` for a key that nobody asks for, `wallet-not-found` for a signer without a key. The fee
  ///   must be paid by a wallet: a key that came with the transaction can't take that place.
  private func signers(
    of message: SolanaMessage, _ keys: [SigningKey], mintKey: Ed25519PrivateKey?
  ) throws(ChainError) -> [Ed25519PrivateKey] {
    var found: [[UInt8]: Ed25519PrivateKey] = [:]
    let wanted = Set(message.signers.map(\.bytes))
    for key in keys where found[key.privateKey.publicKey] == nil {
      guard wanted.contains(key.privateKey.publicKey) else {
        throw ChainError(
          .keyNotSender,
          "wallet \(key.reference.signatureID) has the key of \(key.privateKey.address), which is not a signer of "
            + "this transaction")
      }
      found[key.privateKey.publicKey] = try key.privateKey.ed25519Signer()
    }
    if let payer = message.feePayer, found[payer.bytes] == nil {
      throw ChainError(
        .walletNotFound, "no wallet of this transaction has the key of \(payer.text), which pays the fee")
    }
    if let mintKey, found[mintKey.publicKey] == nil {
      guard wanted.contains(mintKey.publicKey) else {
        throw ChainError(
          .keyNotSender, "serializedTransaction.mintPK is the key of an account that is not a signer")
      }
      found[mintKey.publicKey] = mintKey
    }
    var ordered: [Ed25519PrivateKey] = []
    for signer in message.signers {
      guard let key = found[signer.bytes] else {
        throw ChainError(
          .walletNotFound, "no wallet of this transaction has the key of \(signer.text), which must sign it")
      }
      ordered.append(key)
    }
    return ordered
  }

  private func checkPolicy(_ policy: SigningPolicy) throws(ChainError) {
    if !policy.allowAccountControl, let words = transaction.message.accountControl {
      throw ChainError(.accountControlRefused, "the transaction \(words); --allow-account-control signs it")
    }
    guard let fee else {
      throw ChainError(.feeTooHigh, "the priority fee of the transaction is more than 2^64 lamports")
    }
    try StatedFee(fee, unit: "lamports", chain: "SOL").check(defaultLimit: Self.maximumFee, policy)
  }

  // MARK: Context

  private func blockhash(_ context: JSONValue) throws(ChainError) -> SolanaAddress {
    guard let value = context["recentBlockhash"] else { throw .contextMissing("recentBlockhash") }
    guard let text = value.string, let blockhash = SolanaAddress(text) else {
      throw .malformed("context.recentBlockhash is not 32 bytes in Base58")
    }
    return blockhash
  }

  /// The height up to which the blockhash is good. Where it is not said, the recorded bytes never count as expired, so
  /// nothing is signed a second time.
  private func lastValidHeight(_ context: JSONValue) throws(ChainError) -> UInt64? {
    guard let value = context["lastValidBlockHeight"] else { return nil }
    guard let height = value.uint64 else {
      throw .malformed("context.lastValidBlockHeight is not an integer from 0 to 2^64 - 1")
    }
    return height
  }
}
