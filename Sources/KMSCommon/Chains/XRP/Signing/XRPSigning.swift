internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// The XRP Ledger.
  static let xrp = SigningChain(
    XRPLedger(),
    wallets: SecretWallets(
      chain: "XRP", newSecret: XRPSeed.generate, parse: XRPSeed.key, forms: XRPSeed.forms))
}

extension XRPIntent: SigningIntent {
  /// 2 XRP, the limit that the ledger's own library (xrpl.js, `maxFeeXRP`) has.
  private static let maximumFee: UInt64 = 2_000_000

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let key = try request.onlyKey()
    try check(key, request.policy)
    if !changesControl { try request.refuseOperation(transaction.unknownOperation) }
    try checkValidity(request)
    return PreparedSigning { () throws(ChainError) in
      let data = try transaction.signingData(publicKey: key.publicKey)
      let blob = try transaction.encoded(publicKey: key.publicKey, signature: Self.signature(key, data))
      return SignedTransaction(
        txData: Hex.encode(blob).uppercased(), txID: Hex.encode(Self.identifier(blob)).uppercased(),
        from: .one(transaction.account.address),
        lastValidHeight: transaction.lastLedgerSequence.map(UInt64.init))
    }
  }

  private func check(_ key: PrivateKeyMaterial, _ policy: SigningPolicy) throws(ChainError) {
    let sender = transaction.account.address
    guard XRPAccount(publicKey: key.publicKey) == transaction.account || policy.allowDelegatedKeys else {
      throw ChainError(
        .keyNotSender,
        "serializedTransaction.Account is \(sender), the wallet's key is that of \(key.address); if it is the regular "
          + "key of that account, --allow-delegated-keys signs with it")
    }
    if let stated = transaction.statedPublicKey, stated != key.publicKey {
      throw ChainError(
        .contentMismatch,
        "serializedTransaction.SigningPubKey is not the public key of the wallet that signs")
    }
    guard !changesControl || policy.allowAccountControl else {
      throw ChainError(
        .accountControlRefused,
        "\(transaction.type) changes who controls \(sender), or deletes it; --allow-account-control signs it")
    }
    try StatedFee(transaction.feeInDrops, unit: "drops", chain: "XRP").check(
      defaultLimit: Self.maximumFee, policy)
  }

  /// Ledgers close every three to four seconds; the first one that is kept is 32570, of 2013-01-01. Ledger 88550384 closed at
  /// 2024-06-08 15:16:51 UTC. Test networks, which begin anew from time to time, have lower numbers.
  private static let ledgers = BlockClock(
    start: 1_357_010_470, first: 32_570, seconds: 3, later: (88_550_384, 1_717_859_811))

  private func checkValidity(_ request: SigningRequest) throws(ChainError) {
    guard let last = transaction.lastLedgerSequence else {
      return try request.refuseValidity(
        "the transaction has no LastLedgerSequence: it would be valid until another one has used its number")
    }
    let highest = Self.ledgers.height(at: request.now)
    if UInt64(last) > highest {
      try request.refuseValidity(
        "LastLedgerSequence is \(last); by this machine's clock there are at most \(highest) ledgers")
    }
  }

  /// DER of ECDSA over SHA-512Half, or Ed25519 over the data itself.
  private static func signature(_ key: PrivateKeyMaterial, _ data: [UInt8]) throws(ChainError) -> [UInt8] {
    if key.publicKey.first == XRPSeed.ed25519Marker { return try key.ed25519Signer().sign(data) }
    let signer = try key.secp256k1Signer()
    do throws(CryptoError) { return try signer.sign(digest: Hash.sha512Half(data)).der } catch {
      throw .cannotSign(error)
    }
  }

  /// The id of a signed transaction: SHA-512Half of `TXN\0` and its bytes.
  private static func identifier(_ blob: [UInt8]) -> [UInt8] {
    Hash.sha512Half([0x54, 0x58, 0x4e, 0x00] + blob)
  }
}
