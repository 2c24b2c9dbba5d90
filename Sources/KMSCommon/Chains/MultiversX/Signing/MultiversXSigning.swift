internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// MultiversX.
  static let multiversX = SigningChain(MultiversXChain(), wallets: SLIP10Wallets.multiversX)
}

extension MultiversXIntent: SigningIntent {
  /// 1 EGLD: gas limit × price of the largest call that a block takes is 0.6 EGLD at the minimum price.
  private static let maximumFee: UInt64 = 1_000_000_000_000_000_000

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let context = MultiversXContext(request.context)
    let key = try request.onlyKey()
    let sender = MultiversXAddress(publicKey: key.publicKey)
    try check(sender, context)
    try request.refuseOperation(
      MultiversXOperations(data: transaction.data, sender: sender, receiver: transaction.to).unknown)
    let networkCount = try context.nonce()
    guard transaction.nonce != nil || networkCount != nil else { throw .contextMissing("nonce") }
    let unsigned = try unsigned(from: sender, context)
    try checkFee(of: unsigned, request.policy)
    let signer = try key.ed25519Signer()
    return PreparedSigning(
      NonceRequest(sender: sender.text, explicit: transaction.nonce, networkCount: networkCount)
    ) { nonce throws(ChainError) in
      var transaction = unsigned
      transaction.nonce = nonce
      let signed = transaction.signed(with: signer)
      return SignedTransaction(txData: signed.text, txID: signed.id, from: .one(sender.text), nonce: nonce)
    }
  }

  /// The transaction but for its nonce.
  private func unsigned(
    from sender: MultiversXAddress, _ context: MultiversXContext
  ) throws(ChainError) -> MultiversXTransaction {
    let version = if let own = transaction.version { own } else { try context.version() }
    let gasPrice = if let own = transaction.gasPrice { own } else { try context.gasPrice() }
    let gasLimit = if let own = transaction.gasLimit { own } else { try context.gasLimit() }
    try Self.check(gasLimit: gasLimit)
    return MultiversXTransaction(
      nonce: 0, value: transaction.value, receiver: transaction.to, sender: sender, gasPrice: gasPrice,
      gasLimit: gasLimit, data: transaction.data, chainID: try chainID(context), version: version,
      options: transaction.options)
  }

  /// The key must be that of the named sender; when none is named, the context must name it (decision 10).
  private func check(_ sender: MultiversXAddress, _ context: MultiversXContext) throws(ChainError) {
    let fromContext = try context.from()
    for (member, from) in [("serializedTransaction.from", transaction.from), ("context.from", fromContext)] {
      guard let from, from != sender else { continue }
      throw ChainError(
        .keyNotSender, "\(member) is \(from.text), the wallet's key is that of \(sender.text)")
    }
    if transaction.from == nil, fromContext == nil { throw .contextMissing("from") }
  }

  private func chainID(_ context: MultiversXContext) throws(ChainError) -> String {
    let fromContext = try context.chainID()
    if let fromContext {
      try MultiversXChain.check(chainID: fromContext, "context.chainId", testnet: testnet)
    }
    if let named = transaction.chainID, let fromContext, named != fromContext {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.chainID is \(named), context.chainId is \(fromContext)")
    }
    guard let id = transaction.chainID ?? fromContext else { throw .contextMissing("chainId") }
    return id
  }

  private func checkFee(of unsigned: MultiversXTransaction, _ policy: SigningPolicy) throws(ChainError) {
    // 2^64 × 2^64 is below 2^256: never nil.
    guard let fee = UInt256(unsigned.gasLimit).multiplied(by: unsigned.gasPrice) else {
      throw .malformed("gas limit × gas price is 2^256 or more")
    }
    try StatedFee(fee, unit: "units of 10^-18 EGLD", chain: "EGLD").check(
      defaultLimit: Self.maximumFee, policy,
      detail: "gas limit \(unsigned.gasLimit) × price \(unsigned.gasPrice)")
  }
}
