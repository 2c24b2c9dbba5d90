internal import KMSChains
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
    try request.refuseAllowances(allowances)
    try checkValidity(of: unsigned, request)
    let blocks = Int64(unsigned.lastValidBlock - VeChainTransaction.blockNumber(of: unsigned.blockRef) + 1)
    let expiresAt = request.time(after: blocks * 2 * Self.secondsPerBlock + 86_400)
    let key = try sender.key.secp256k1Signer()
    return PreparedSigning { () throws(ChainError) in
      let signed: VeChainTransaction.Signed
      do throws(CryptoError) { signed = try unsigned.signed(with: key, sender: sender.address) } catch {
        throw .cannotSign(error)
      }
      return SignedTransaction(
        txData: Hex.encodePrefixed(signed.bytes), txID: Hex.encodePrefixed(signed.id),
        from: .one(sender.address.hexText), expiresAt: expiresAt,
        lastValidHeight: unsigned.lastValidBlock)
    }
  }

  private static let secondsPerBlock: Int64 = 10

  /// A day of blocks; thorify, and so Tatum, asks for 720, two hours.
  private static let longestExpiration: UInt32 = 8640

  /// Blocks come every ten seconds or later, since the first one (vechain/thor, genesis/mainnet.go and testnet.go): a
  /// number above what the clock allows is that of a block that nobody has seen.
  private func checkValidity(of unsigned: VeChainTransaction, _ request: SigningRequest) throws(ChainError) {
    let clock = BlockClock(
      start: testnet ? 1_530_014_400 : 1_530_316_800, seconds: Self.secondsPerBlock)
    let number = VeChainTransaction.blockNumber(of: unsigned.blockRef)
    let highest = clock.height(at: request.now)
    if UInt64(number) > highest {
      try request.refuseValidity(
        "its block reference is block \(number); by this machine's clock there are at most \(highest)")
    }
    if unsigned.expiration > Self.longestExpiration {
      try request.refuseValidity(
        "it is to be valid for \(unsigned.expiration) blocks; the limit is \(Self.longestExpiration), a day")
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
    try StatedFee(fee, unit: "wei of VTHO", chain: "VET").check(
      defaultLimit: Self.maximumFee, policy,
      detail: "gas limit \(unsigned.gas) × price \(unsigned.maximumGasPrice)")
  }
}
