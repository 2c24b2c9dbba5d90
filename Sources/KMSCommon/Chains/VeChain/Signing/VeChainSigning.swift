internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// VeChainThor.
  static let vechain = SigningChain(
    VeChain(), wallets: BIP32Wallets.evm(coinType: 818, form: .hexadecimal), height: VeChainIntent.height)
}

extension VeChainIntent: SigningIntent {
  /// The highest fee (gas limit × price) that is signed unless the operator raises it: 1000 VTHO, in wei.
  static let maximumFee = UInt256(1_000_000_000_000_000_000).multiplied(by: 1000) ?? .zero

  /// The block that `context` takes for the latest; nil where it names none.
  static func height(in context: JSONValue) -> UInt64? {
    guard let value = context["blockRef"],
      let blockRef = try? PendingVeChainTransaction.blockRef(value, "context.blockRef")
    else { return nil }
    return VeChainTransaction.blockNumber(of: blockRef)
  }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let sender = try EVMSender(request.onlyKey(), .hexadecimal)
    try sender.check(named: transaction.from, EVMContext(request.context))
    let unsigned = VeChainTransaction(
      chainTag: try chainTag(request.context), blockRef: try blockRef(request.context),
      expiration: transaction.expiration, clauses: transaction.clauses,
      gasPriceCoef: transaction.gasPriceCoef,
      gas: try gas(request.context), dependsOn: transaction.dependsOn, nonce: try nonce(request.context))
    try checkCost(of: unsigned, policy: request.policy)
    if let height = Self.height(in: request.context), height > unsigned.lastValidBlock {
      throw ChainError(
        .expired,
        "the transaction could be included up to block \(unsigned.lastValidBlock), the network is at \(height)"
      )
    }
    let key = try sender.key.secp256k1Signer()
    return PreparedSigning { () throws(ChainError) in
      let signed: VeChainTransaction.Signed
      do throws(CryptoError) { signed = try unsigned.signed(with: key, sender: sender.address) } catch {
        throw .cannotSign(error)
      }
      return SignedTransaction(
        txData: Hex.encodePrefixed(signed.bytes), txID: Hex.encodePrefixed(signed.id),
        from: .one(sender.address.hexText), lastValidHeight: unsigned.lastValidBlock)
    }
  }

  private func chainTag(_ context: JSONValue) throws(ChainError) -> UInt8 {
    if let value = context["chainTag"],
      let tag = try EVMQuantity.readUInt64(value, member: "context.chainTag")
    {
      try VeChain.check(chainTag: tag, "context.chainTag", testnet: testnet)
    }
    return VeChain.chainTag(testnet: testnet)
  }

  private func blockRef(_ context: JSONValue) throws(ChainError) -> UInt64 {
    if let own = transaction.blockRef { return own }
    guard let value = context["blockRef"] else { throw .contextMissing("blockRef") }
    return try PendingVeChainTransaction.blockRef(value, "context.blockRef")
  }

  private func gas(_ context: JSONValue) throws(ChainError) -> UInt64 {
    if let own = transaction.gas { return own }
    guard let value = context["gas"], let gas = try EVMQuantity.readUInt64(value, member: "context.gas"),
      gas != 0
    else { throw .contextMissing("gas") }
    return gas
  }

  private func nonce(_ context: JSONValue) throws(ChainError) -> UInt64 {
    if let own = transaction.nonce { return own }
    guard let value = context["nonce"],
      let nonce = try PendingVeChainTransaction.nonce(value, "context.nonce")
    else { throw .contextMissing("nonce") }
    return nonce
  }

  private func checkCost(of unsigned: VeChainTransaction, policy: SigningPolicy) throws(ChainError) {
    try transaction.check(gasLimit: unsigned.gas)
    // 2^64 × 2^51 is below 2^256: never nil.
    guard let fee = UInt256(unsigned.gas).multiplied(by: unsigned.maximumGasPrice) else {
      throw .malformed("gas limit × gas price is 2^256 or more")
    }
    try StatedFee(
      fee, unit: "wei of VTHO", chain: "VET",
      detail: "gas limit \(unsigned.gas) × price \(unsigned.maximumGasPrice)"
    ).check(defaultLimit: Self.maximumFee, policy)
  }
}
