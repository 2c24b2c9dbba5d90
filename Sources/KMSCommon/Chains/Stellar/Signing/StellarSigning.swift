internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// Stellar.
  static let stellar = SigningChain(
    StellarChain(),
    wallets: SecretWallets(
      chain: "XLM", newSecret: { try StrKey.text(ofSeed: SecretBytes.random(count: 32)) },
      parse: { text in
        let key = try Ed25519PrivateKey(seed: StrKey.seed(of: text))
        return PrivateKeyMaterial(ed25519: key, address: StrKey.address(of: key.publicKey))
      }, forms: StrKey.forms))
}

extension StellarIntent: SigningIntent {
  /// 1 XLM; an operation costs 100 stroops when the network is not busy.
  private static let maximumFee: UInt64 = 10_000_000

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    try prepare(request, passphrase: StellarChain.passphrase(testnet: testnet))
  }

  /// Prepares signing for the network of `passphrase`.
  func prepare(_ request: SigningRequest, passphrase: String) throws(ChainError) -> PreparedSigning {
    let key = try request.onlyKey()
    try check(key, request)
    let signer = try key.ed25519Signer()
    return PreparedSigning { () throws(ChainError) in
      let hash = envelope.hash(passphrase: passphrase)
      return SignedTransaction(
        txData: Base64.encode(envelope.appending(signature: signer.sign(hash), publicKey: key.publicKey)),
        txID: Hex.encode(hash), from: .one(StrKey.address(of: envelope.feeSource)),
        expiresAt: envelope.transaction.maxTime.map { Int64(clamping: $0) },
        // Either of the two ends it; nobody tells the ledger here.
        lastValidHeight: envelope.transaction.maxTime == nil
          ? envelope.transaction.maxLedger.map { UInt64($0) - 1 } : nil)
    }
  }

  private func check(_ key: PrivateKeyMaterial, _ request: SigningRequest) throws(ChainError) {
    guard envelope.counts(signatureOf: key.publicKey) || request.policy.allowDelegatedKeys else {
      throw ChainError(
        .keyNotSender,
        "the key belongs to \(key.address), but the transaction is of \(StrKey.address(of: envelope.feeSource))"
          + (envelope.isFeeBump
            ? ", who pays for the fee bump" : " and no operation is of that key's account")
          + "; if it is a signer of that account, --allow-delegated-keys signs with it")
    }
    if let control = envelope.transaction.operations.lazy.compactMap(\.control).first,
      !request.policy.allowAccountControl
    {
      throw ChainError(.accountControlRefused, "\(control); --allow-account-control signs it")
    }
    try request.refuseOperation(
      envelope.transaction.operations.first { !$0.isKnown }.map {
        "the transaction has an operation of type \($0.type)"
      })
    try StatedFee(envelope.feeInStroops, unit: "stroops", chain: "XLM").check(
      defaultLimit: Self.maximumFee, request.policy)
    try checkValidity(request)
  }

  /// A transaction that has an end must not be over, and it must begin within a day. One without an end is valid until its number
  /// is used, as those of EVM chains are: wallets make such transactions, and refusing a far end alone would help nobody.
  private func checkValidity(_ request: SigningRequest) throws(ChainError) {
    let transaction = envelope.transaction
    if Int64(clamping: transaction.minTime) > request.time(after: 86_400) {
      try request.refuseValidity(
        "it is valid from \(transaction.minTime) (Unix time) on, more than 24 hours from now")
    }
    if let end = transaction.maxTime, Int64(clamping: end) < request.now {
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
