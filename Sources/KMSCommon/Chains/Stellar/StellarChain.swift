internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// XLM: the transaction is an envelope in XDR; it is checked, and one signature is appended.
struct StellarChain: Chain {
  let name = "XLM"

  let wallets: any WalletScheme = SecretWallets(
    chain: "XLM", newSecret: { try StrKey.text(ofSeed: SecretBytes.random(count: 32)) },
    parse: { text in
      let key = try Ed25519PrivateKey(seed: StrKey.seed(of: text))
      return PrivateKeyMaterial(ed25519: key, address: StrKey.address(of: key.publicKey))
    })

  /// 1 XLM; an operation costs 100 stroops when the network is not busy.
  private static let defaultFeeLimit: UInt64 = 10_000_000

  /// The networks are told apart by these texts, which every signature covers.
  static func passphrase(testnet: Bool) -> String {
    testnet ? "Test SDF Network ; September 2015" : "Public Global Stellar Network ; September 2015"
  }

  /// Nothing: all is in the pending transaction.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    []
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    try sign(request, passphrase: Self.passphrase(testnet: request.testnet))
  }

  /// Signs for the network of `passphrase`.
  func sign(_ request: SigningRequest, passphrase: String) throws(ChainError) -> SignedTransaction {
    let key = try request.onlyKey()
    let envelope = try StellarEnvelope(request.pending.serializedTransaction)
    try check(envelope, key, request)

    let hash = envelope.hash(passphrase: passphrase)
    let signature = try key.ed25519Signer().sign(hash)
    return SignedTransaction(
      txData: Base64.encode(try envelope.appending(signature: signature, publicKey: key.publicKey)),
      txID: Hex.encode(hash), from: .one(StrKey.address(of: envelope.feeSource)),
      expiresAt: envelope.transaction.maxTime.map { Int64(clamping: $0) },
      lastValidHeight: envelope.transaction.maxLedger.map { UInt64($0) - 1 })
  }

  /// What is refused whatever the bytes say.
  private func check(_ envelope: StellarEnvelope, _ key: PrivateKeyMaterial, _ request: SigningRequest)
    throws(ChainError)
  {
    guard envelope.counts(signatureOf: key.publicKey) || request.policy.allowDelegatedKeys else {
      throw ChainError(
        .keyNotSender,
        "the key belongs to \(key.address), but the transaction is of \(StrKey.address(of: envelope.feeSource))"
          + (envelope.isFeeBump
            ? ", who pays for the fee bump" : " and no operation is of that key's account")
          + "; if it is a signer of that account, allow delegated keys")
    }
    if let control = envelope.transaction.operations.lazy.compactMap(\.control).first,
      !request.policy.allowAccountControl
    {
      throw ChainError(.accountControlRefused, "\(control); allow account control if it is meant")
    }
    try StatedFee.check(
      envelope.feeInStroops, unit: "stroops", chain: name, defaultLimit: Self.defaultFeeLimit, request.policy)
    if let end = envelope.transaction.maxTime, Int64(clamping: end) < request.unixTime {
      throw ChainError(
        .expired, "the transaction was valid until \(end) (Unix time), which is over; it must be made anew")
    }
  }
}

extension StellarEnvelope {
  /// Whether the network has a use for a signature of that key: of the source of the transaction or of an operation,
  /// and on a fee bump of who pays for it, since the inner transaction has signatures of its own.
  fileprivate func counts(signatureOf publicKey: [UInt8]) -> Bool {
    feeSource == publicKey
      || !isFeeBump && transaction.operations.contains { $0.source == publicKey }
  }
}
