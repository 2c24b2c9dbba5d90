internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// The chain that `network` describes.
  static func evm(_ network: EVMNetwork) -> SigningChain {
    SigningChain(
      EVMChain(network),
      wallets: BIP32Wallets.evm(
        coinType: network.coinType, form: network.form, sdkCoinType: network.sdkCoinType))
  }
}

extension EVMIntent: SigningIntent {
  var looksIntoFacts: Bool { true }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let context = request.facts.map { EVMContext($0) } ?? EVMContext(request.context)
    let sender = try EVMSender(request.onlyKey(), chain.form)
    let networkCount = try context.nonce()
    guard transaction.nonce != nil || networkCount != nil else { throw .contextMissing("nonce") }
    try sender.check(named: transaction.from, context)
    let unsigned = try unsigned(context, request.policy)
    try checkCost(of: unsigned, policy: request.policy)
    try request.refuseAllowances(allowances)
    let key = try sender.key.secp256k1Signer()
    let from = sender.text
    return PreparedSigning(
      NonceRequest(
        sender: chain.network.account(from, chainID: unsigned.chainID, testnet: testnet),
        explicit: transaction.nonce, networkCount: networkCount)
    ) { nonce throws(ChainError) in
      var transaction = unsigned
      transaction.nonce = nonce
      let signed: EVMTransaction.Signed
      do throws(CryptoError) { signed = try transaction.signed(with: key) } catch { throw .cannotSign(error) }
      return SignedTransaction(
        txData: Hex.encodePrefixed(signed.bytes), txID: Hex.encodePrefixed(signed.hash), from: .one(from),
        nonce: nonce)
    }
  }

  /// The transaction but for its nonce.
  private func unsigned(_ context: EVMContext, _ policy: SigningPolicy) throws(ChainError) -> EVMTransaction {
    let gasLimit: UInt64
    if let gas = transaction.gas { gasLimit = gas } else { gasLimit = try context.gas() }
    let id = try chainID(context)
    if testnet, let chosen = policy.testnets[chain.name], chain.network.testnet(called: chosen)?.chainID != id
    {
      throw ChainError(
        .chainIDMismatch,
        "the chain id is \(id), and of the test networks of \(chain.name) only \(chosen) is signed for")
    }
    return EVMTransaction(
      chainID: id, nonce: 0, gasLimit: gasLimit, to: transaction.to,
      value: transaction.value, data: transaction.data, fee: try transaction.fee(context),
      accessList: transaction.accessList ?? [])
  }

  /// The chain id to sign for: named by the transaction or the context, or the only one of the network.
  private func chainID(_ context: EVMContext) throws(ChainError) -> UInt64 {
    let fromContext = try context.chainID()
    if let fromContext { try chain.check(chainID: fromContext, "context.chainId", testnet: testnet) }
    if let named = transaction.chainID, let fromContext, named != fromContext {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.chainId is \(named), context.chainId is \(fromContext)")
    }
    if let id = transaction.chainID ?? fromContext { return id }
    let pinned = chain.pinnedChainIDs(testnet: testnet)
    guard let only = pinned.first, pinned.count == 1 else { throw .contextMissing("chainId") }
    return only
  }

  private func checkCost(of unsigned: EVMTransaction, policy: SigningPolicy) throws(ChainError) {
    try transaction.check(gasLimit: unsigned.gasLimit)
    guard let fee = unsigned.maximumGasPrice.multiplied(by: unsigned.gasLimit),
      unsigned.value.adding(fee) != nil
    else { throw .malformed("gas limit × gas price + value is 2^256 or more") }
    try StatedFee(fee, unit: "wei", chain: chain.name).check(
      defaultLimit: chain.maximumFee, policy,
      detail: "gas limit \(unsigned.gasLimit) × price \(unsigned.maximumGasPrice)")
  }
}

extension EVMNetwork {
  /// The account whose nonces are counted: on test networks beside the usual one, another one of the same address.
  fileprivate func account(_ address: String, chainID: UInt64, testnet: Bool) -> String {
    chainID == network(testnet: testnet, chainID: nil).chainID ? address : "\(address) on \(chainID)"
  }
}

extension PendingEVMTransaction {
  /// The priority fee that web3.js offers when a transaction of EIP-1559 names none: 2.5 gwei.
  private static let defaultPriorityFee = UInt256(2_500_000_000)

  /// The fee offer, completed from the context.
  ///
  /// A price fills `maxFeePerGas`. CIP-64 transactions come with a gas price from a server that knows only the old
  /// format: it becomes both members, which costs what it would have cost there (EIP-1559 reads a legacy transaction
  /// in the same way). A missing priority fee is that of web3.js, but never above the maximum.
  func fee(_ context: EVMContext) throws(ChainError) -> EVMTransaction.Fee {
    let price = needsGasPrice ? try context.gasPrice() : gasPrice
    switch kind {
    case .legacy: return .legacy(gasPrice: price ?? .zero)
    case .accessList: return .accessList(gasPrice: price ?? .zero)
    case .dynamic, .celoDynamic: break
    }
    let maximum = maxFeePerGas ?? price ?? .zero
    let fallback = kind == .celoDynamic && maxFeePerGas == nil ? maximum : Self.defaultPriorityFee
    let priority = maxPriorityFeePerGas ?? min(fallback, maximum)
    guard priority <= maximum else {
      throw .malformed("maxPriorityFeePerGas (\(priority)) is above maxFeePerGas (\(maximum))")
    }
    guard kind == .celoDynamic, let feeCurrency else {
      return .dynamic(maxPriorityFeePerGas: priority, maxFeePerGas: maximum)
    }
    return .celoDynamic(maxPriorityFeePerGas: priority, maxFeePerGas: maximum, feeCurrency: feeCurrency)
  }
}
