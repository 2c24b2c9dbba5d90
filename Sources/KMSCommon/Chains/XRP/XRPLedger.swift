internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// XRP: the transaction is the ledger's JSON, complete; it is encoded, signed and identified here.
struct XRPLedger: Chain {
  let name = "XRP"

  let wallets: any WalletScheme = SecretWallets(
    chain: "XRP", newSecret: XRPSeed.generate, parse: XRPSeed.key, forms: XRPSeed.forms)

  /// 2 XRP, the limit that the ledger's own library (xrpl.js, `maxFeeXRP`) has.
  private static let defaultFeeLimit: UInt64 = 2_000_000
  /// `asfDisableMaster`: the flag of AccountSet that takes the master key its power, or gives it back.
  private static let disableMaster: UInt32 = 4

  /// Nothing: all is in the pending transaction.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    []
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let key = try request.onlyKey()
    let transaction = try XRPTransaction(
      request.pending.serializedTransaction, testnet: request.testnet)
    try check(transaction, key, request.policy)

    let data = try transaction.signingData(publicKey: key.publicKey)
    let blob = try transaction.encoded(publicKey: key.publicKey, signature: Self.signature(key, data))
    return SignedTransaction(
      txData: Hex.encode(blob).uppercased(), txID: Hex.encode(Self.identifier(blob)).uppercased(),
      from: .one(transaction.account.address),
      lastValidHeight: transaction.lastLedgerSequence.map(UInt64.init))
  }

  /// What is refused whatever the bytes say.
  private func check(_ transaction: XRPTransaction, _ key: PrivateKeyMaterial, _ policy: SigningPolicy)
    throws(ChainError)
  {
    let sender = transaction.account.address
    guard XRPAccount(publicKey: key.publicKey) == transaction.account || policy.allowDelegatedKeys else {
      throw ChainError(
        .keyNotSender,
        "the key belongs to \(key.address), but Account is \(sender); if it is the regular key of that account, "
          + "allow delegated keys")
    }
    if let stated = transaction.statedPublicKey, stated != key.publicKey {
      throw ChainError(.contentMismatch, "SigningPubKey is not the public key of the wallet that signs")
    }
    guard !Self.changesControl(transaction) || policy.allowAccountControl else {
      throw ChainError(
        .accountControlRefused,
        "\(transaction.type) changes who controls \(sender), or deletes it; allow account control if it is meant"
      )
    }
    try StatedFee.check(
      transaction.feeInDrops, unit: "drops", chain: name, defaultLimit: Self.defaultFeeLimit, policy)
  }

  private static func changesControl(_ transaction: XRPTransaction) -> Bool {
    switch transaction.type {
    case "SetRegularKey", "SignerListSet", "AccountDelete": true
    case "AccountSet": transaction.setFlag == disableMaster || transaction.clearFlag == disableMaster
    default: false
    }
  }

  /// DER of ECDSA over SHA-512Half, or Ed25519 over the data itself.
  private static func signature(_ key: PrivateKeyMaterial, _ data: [UInt8]) throws(ChainError) -> [UInt8] {
    if key.publicKey.first == XRPSeed.ed25519Marker { return try key.ed25519Signer().sign(data) }
    do throws(CryptoError) {
      return try Secp256k1PrivateKey(key.secret).sign(digest: Hash.sha512Half(data)).der
    } catch { throw ChainError(.walletUnreadable, "the key can't sign: \(error.message)") }
  }

  /// The id of a signed transaction: SHA-512Half of `TXN\0` and its bytes.
  private static func identifier(_ blob: [UInt8]) -> [UInt8] {
    Hash.sha512Half([0x54, 0x58, 0x4e, 0x00] + blob)
  }
}
