internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// VeChainThor: VET, VTHO and VIP-180 tokens. docs/chains/vet.md is the manual.
struct VeChain: Chain {
  let name = "VET"
  let wallets: any WalletScheme = BIP32Wallets.evm(coinType: 818, form: .hexadecimal)

  /// The last byte of the genesis block's id, for which alone this build signs (docs.vechain.org, "Connect to the
  /// network"): mainnet 0x4a, testnet 0x27.
  static func chainTag(testnet: Bool) -> UInt8 { testnet ? 0x27 : 0x4A }

  /// The highest fee (gas limit × price) that is signed unless the operator raises it: 1000 VTHO, in wei.
  static let maximumFee = UInt256(1_000_000_000_000_000_000).multiplied(by: 1000) ?? .zero

  private var senders: EVMSender { EVMSender(wallets: wallets, form: .hexadecimal) }

  // MARK: What the network must say

  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    let transaction = try PendingVeChainTransaction(parsing: pending.serializedTransaction)
    let sender = try senders.address(of: pending, wallet: wallet)
    var needs: [Need] = []
    if let sender { needs.append(.constant(member: "from", value: .string(sender.hexText))) }
    if transaction.blockRef == nil { needs.append(.blockReference) }
    if transaction.gas == nil {
      guard let clause = transaction.clauses.first, transaction.clauses.count == 1 else {
        throw .malformed("serializedTransaction.gas is missing: it can't be estimated for several clauses")
      }
      // Without a sender nothing can be signed (wallet-not-found); an estimate would only hide that.
      if let sender {
        needs.append(
          .gasLimit(
            ContractCall(
              from: sender.hexText, to: clause.to?.hexText,
              value: clause.value == .zero ? nil : clause.value.description,
              data: clause.data.isEmpty ? nil : HexText.encode(clause.data))))
      }
    }
    if transaction.nonce == nil { needs.append(.randomNonce) }
    return needs
  }

  func currentHeight(in context: JSONValue) -> UInt64? {
    guard let value = context["blockRef"],
      let blockRef = try? PendingVeChainTransaction.blockRef(value, "context.blockRef")
    else { return nil }
    return VeChainTransaction.blockNumber(of: blockRef)
  }

  // MARK: Signing

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try PendingVeChainTransaction(parsing: request.pending.serializedTransaction)
    let key = try senders.key(of: request)
    try senders.check(key.address, named: pending.from, EVMContext(request.context))
    let transaction = VeChainTransaction(
      chainTag: try chainTag(pending, request), blockRef: try blockRef(pending, request.context),
      expiration: pending.expiration, clauses: pending.clauses, gasPriceCoef: pending.gasPriceCoef,
      gas: try gas(pending, request.context), dependsOn: pending.dependsOn,
      nonce: try nonce(pending, request.context))
    try checkCost(of: transaction, policy: request.policy)
    if let height = currentHeight(in: request.context), height > transaction.lastValidBlock {
      throw ChainError(
        .expired,
        "the transaction could be included up to block \(transaction.lastValidBlock), the network is at \(height)"
      )
    }
    let signed: VeChainTransaction.Signed
    do throws(CryptoError) {
      signed = try transaction.signed(with: Secp256k1PrivateKey(key.material.secret), sender: key.address)
    } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
    return SignedTransaction(
      txData: HexText.encode(signed.bytes), txID: HexText.encode(signed.id), from: .one(key.address.hexText),
      lastValidHeight: transaction.lastValidBlock)
  }

  /// The pinned tag of the network, which transaction and context must name if they name one.
  private func chainTag(
    _ pending: PendingVeChainTransaction, _ request: SigningRequest
  ) throws(ChainError) -> UInt8 {
    let pinned = Self.chainTag(testnet: request.testnet)
    let fromContext =
      try request.context["chainTag"].map { (value) throws(ChainError) in
        try EVMQuantity.readUInt64(value, member: "context.chainTag")
      } ?? nil
    for (member, tag) in [
      ("serializedTransaction.chainTag", pending.chainTag.map(UInt64.init)),
      ("context.chainTag", fromContext),
    ] {
      guard let tag, tag != UInt64(pinned) else { continue }
      throw ChainError(
        .chainIDMismatch,
        "\(member) is \(tag), that of VET \(request.testnet ? "testnet" : "mainnet") is \(pinned)")
    }
    return pinned
  }

  private func blockRef(
    _ pending: PendingVeChainTransaction, _ context: JSONValue
  ) throws(ChainError) -> UInt64 {
    if let own = pending.blockRef { return own }
    guard let value = context["blockRef"] else { throw .contextMissing("blockRef") }
    return try PendingVeChainTransaction.blockRef(value, "context.blockRef")
  }

  private func gas(_ pending: PendingVeChainTransaction, _ context: JSONValue) throws(ChainError) -> UInt64 {
    if let own = pending.gas { return own }
    guard let value = context["gas"], let gas = try EVMQuantity.readUInt64(value, member: "context.gas"),
      gas != 0
    else { throw .contextMissing("gas") }
    return gas
  }

  private func nonce(_ pending: PendingVeChainTransaction, _ context: JSONValue) throws(ChainError) -> UInt64
  {
    if let own = pending.nonce { return own }
    guard let value = context["nonce"],
      let nonce = try PendingVeChainTransaction.nonce(value, "context.nonce")
    else { throw .contextMissing("nonce") }
    return nonce
  }

  /// Refuses what can't succeed and what costs too much.
  private func checkCost(of transaction: VeChainTransaction, policy: SigningPolicy) throws(ChainError) {
    guard let needed = transaction.intrinsicGas, needed <= transaction.gas else {
      throw .malformed(
        "the gas limit is \(transaction.gas); a transaction with this data needs "
          + "\(transaction.intrinsicGas.map { String($0) } ?? "more than 2^64")")
    }
    let limit = try StatedFee.limit(unit: "wei of VTHO", chain: name, defaultLimit: Self.maximumFee, policy)
    // 2^64 × 2^51 is below 2^256: never nil.
    guard let fee = UInt256(transaction.gas).multiplied(by: transaction.maximumGasPrice), fee <= limit else {
      throw ChainError(
        .feeTooHigh,
        "the fee may reach \(transaction.gas) gas × \(transaction.maximumGasPrice) wei of VTHO, the limit for VET is "
          + "\(limit)")
    }
  }
}
