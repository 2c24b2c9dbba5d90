internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Solana: SOL, SPL tokens, and every other message; docs/chains/sol.md is the manual.
struct SolanaChain: Chain {
  let name = "SOL"
  var wallets: any WalletScheme { SLIP10Wallets.solana }

  /// 0.05 SOL: ten thousand times the fee of one signature.
  private static let maximumFee: UInt64 = 50_000_000

  /// How many blocks a blockhash is good for (solana-clock, MAX_PROCESSING_AGE).
  private static let blocksPerBlockhash: UInt64 = 150

  /// Every named wallet: all of `hashes` at `index`, then all of `signatures` at their own index; a wallet that both
  /// name is taken from `signatures`, which knows more. Each may hold the key of one of the signers.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    let named = Set(pending.signatures.map(\.signatureID))
    let references =
      pending.hashes.filter { !named.contains($0) }
      .map { KeyReference(signatureID: $0, index: pending.index) }
      + pending.signatures.map { KeyReference(signatureID: $0.signatureID, index: $0.index ?? pending.index) }
    // No transaction has room for more signers (1232 bytes, 64 for each).
    guard references.count <= 64 else { throw .malformed("hashes and signatures name more than 64 wallets") }
    return references
  }

  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    _ = try PendingSolanaTransaction(parsing: pending.serializedTransaction)
    return [.recentBlockhash]
  }

  var hasSummaries: Bool { true }

  func summary(of pending: PendingTransaction) -> String? {
    try? PendingSolanaTransaction(parsing: pending.serializedTransaction).message.summary
  }

  func currentHeight(in context: JSONValue) -> UInt64? {
    guard let last = context["lastValidBlockHeight"]?.uint64 else { return nil }
    return last < Self.blocksPerBlockhash ? 0 : last - Self.blocksPerBlockhash
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try PendingSolanaTransaction(parsing: request.pending.serializedTransaction)
    let message = pending.message
    guard let feePayer = message.feePayer else {
      throw .malformed("serializedTransaction.txData has no accounts")
    }
    let lastHeight = try lastValidHeight(request.context)
    let keys = try signers(of: message, request.keys, mintKey: pending.mintKey)
    try checkPolicy(message, request.policy)

    let bytes = message.bytes(blockhash: try blockhash(request.context))
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
      lastValidHeight: lastHeight)
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

  private func checkPolicy(_ message: SolanaMessage, _ policy: SigningPolicy) throws(ChainError) {
    if !policy.allowAccountControl, let words = message.accountControl {
      throw ChainError(.accountControlRefused, "the transaction \(words); --allow-account-control signs it")
    }
    guard let fee = try SolanaFee(message).lamports else {
      throw ChainError(.feeTooHigh, "the priority fee of the transaction is more than 2^64 lamports")
    }
    try StatedFee.check(fee, unit: "lamports", chain: name, defaultLimit: Self.maximumFee, policy)
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
