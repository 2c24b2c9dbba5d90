internal import KMSPrimitives
internal import KMSRecords

/// MultiversX (Elrond): EGLD and its tokens; docs/chains/egld.md is the manual.
struct MultiversXChain: Chain {
  let name = "EGLD"
  var wallets: any WalletScheme { SLIP10Wallets.multiversX }

  /// docs.multiversx.com, "Constants", chain id; T is testnet, D devnet.
  private static let mainnetIDs = ["1"]
  private static let testnetIDs = ["T", "D"]

  /// 1 EGLD: gas limit × price of the largest call that a block takes is 0.6 EGLD at the minimum price.
  private static let maximumFee: UInt64 = 1_000_000_000_000_000_000

  /// Bit 1 of `options`: a guardian must sign, too.
  private static let knownOptions: UInt32 = 1

  // MARK: What the network must say

  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    let transaction = try PendingMultiversXTransaction(parsing: pending.serializedTransaction)
    let reference = try pending.firstKeyReference()
    if wallet?.kind == .mnemonic, reference.index == nil {
      throw ChainError(.indexMissing, WalletError.indexMissing.message)
    }
    // The public side of a wallet has the address of index 0 or of its only key.
    let known = wallet.flatMap { $0.kind != .mnemonic || reference.index == 0 ? $0.address : nil }
    let from = transaction.from?.text ?? known
    var needs: [Need] = []
    if let from { needs.append(.constant(member: "from", value: .string(from))) }
    needs.append(.networkConfiguration)
    guard let from else { return needs }
    if transaction.nonce == nil { needs.append(.nonce(of: from)) }
    if transaction.gasLimit == nil {
      needs.append(
        .gasLimit(
          ContractCall(
            from: from, to: transaction.to.text, value: transaction.value.description,
            data: transaction.data.isEmpty ? nil : String(decoding: transaction.data, as: UTF8.self),
            gasPrice: transaction.gasPrice.map { String($0) }, nonce: transaction.nonce.map { String($0) })))
    }
    return needs
  }

  // MARK: Signing

  func nonceRequest(of request: SigningRequest) throws(ChainError) -> NonceRequest? {
    let explicit = try PendingMultiversXTransaction(parsing: request.pending.serializedTransaction).nonce
    let networkCount = try MultiversXContext(request.context).nonce()
    guard explicit != nil || networkCount != nil else { throw .contextMissing("nonce") }
    return NonceRequest(
      sender: try request.onlyKey().address, explicit: explicit, networkCount: networkCount)
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try PendingMultiversXTransaction(parsing: request.pending.serializedTransaction)
    let context = MultiversXContext(request.context)
    let key = try request.onlyKey()
    let sender = MultiversXAddress(publicKey: key.publicKey)
    try check(sender, against: pending, context)
    guard let nonce = request.nonce else { throw .contextMissing("nonce") }
    if let explicit = pending.nonce, explicit != nonce {
      throw .malformed("serializedTransaction.nonce is \(explicit), the nonce to sign with is \(nonce)")
    }
    let version = if let own = pending.version { own } else { try context.version() }
    guard version > 0 else { throw .malformed("serializedTransaction.version is 0") }
    guard pending.options & ~Self.knownOptions == 0 else {
      throw .malformed(
        "serializedTransaction.options is \(pending.options): guarded transactions need a second signature, which "
          + "is not supported")
    }
    let gasPrice = if let own = pending.gasPrice { own } else { try context.gasPrice() }
    let gasLimit = if let own = pending.gasLimit { own } else { try context.gasLimit() }
    let transaction = MultiversXTransaction(
      nonce: nonce, value: pending.value, receiver: pending.to, sender: sender,
      gasPrice: gasPrice, gasLimit: gasLimit, data: pending.data,
      chainID: try chainID(pending, context, testnet: request.testnet), version: version,
      options: pending.options)
    try checkFee(of: transaction, request.policy)
    let signed = transaction.signed(with: try key.ed25519Signer())
    return SignedTransaction(txData: signed.text, txID: signed.id, from: .one(sender.text), nonce: nonce)
  }

  /// The key must be the sender's (decision 3), and somebody must name the sender (decision 10): the original signed
  /// for whomever the key belonged to, with the nonce of another account.
  private func check(
    _ sender: MultiversXAddress, against pending: PendingMultiversXTransaction, _ context: MultiversXContext
  ) throws(ChainError) {
    let fromContext = try context.from()
    for (member, from) in [("serializedTransaction.from", pending.from), ("context.from", fromContext)] {
      guard let from, from != sender else { continue }
      throw ChainError(
        .keyNotSender, "\(member) is \(from.text), the wallet's key is that of \(sender.text)")
    }
    if pending.from == nil, fromContext == nil { throw .contextMissing("from") }
  }

  /// The chain id to sign for: named by the transaction or the context, and always a pinned one (decision 10).
  private func chainID(
    _ pending: PendingMultiversXTransaction, _ context: MultiversXContext, testnet: Bool
  ) throws(ChainError) -> String {
    let pinned = testnet ? Self.testnetIDs : Self.mainnetIDs
    let fromContext = try context.chainID()
    for (member, id) in [
      ("serializedTransaction.chainID", pending.chainID), ("context.chainId", fromContext),
    ] {
      guard let id, !pinned.contains(id) else { continue }
      throw ChainError(
        .chainIDMismatch,
        "\(member) is not a chain id of EGLD \(testnet ? "testnets" : "mainnet") "
          + "(\(pinned.joined(separator: ", ")))")
    }
    if let named = pending.chainID, let fromContext, named != fromContext {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.chainID is \(named), context.chainId is \(fromContext)")
    }
    guard let id = pending.chainID ?? fromContext else { throw .contextMissing("chainId") }
    return id
  }

  private func checkFee(of transaction: MultiversXTransaction, _ policy: SigningPolicy) throws(ChainError) {
    let (fee, overflow) = transaction.gasLimit.multipliedReportingOverflow(by: transaction.gasPrice)
    guard !overflow else {
      throw ChainError(
        .feeTooHigh,
        "gas limit \(transaction.gasLimit) × gas price \(transaction.gasPrice) is more than 18 EGLD")
    }
    try StatedFee.check(
      fee, unit: "units of 10^-18 EGLD", chain: name, defaultLimit: Self.maximumFee, policy)
  }
}
