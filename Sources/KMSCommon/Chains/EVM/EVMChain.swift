internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// A chain that runs the Ethereum Virtual Machine: data for what differs, one implementation for the rest.
///
/// Signs legacy transactions with EIP-155, and EIP-2930 or EIP-1559 ones when the pending transaction has their
/// members; on Celo also CIP-64. docs/chains/evm.md is the manual.
struct EVMChain: Chain {
  let name: String
  let wallets: any WalletScheme

  /// The chain ids for which this build signs; the network does not get to choose others.
  let chainIDs: ChainIDs
  /// How addresses are written.
  let form: EVMAddressForm
  /// The highest fee (gas limit × price) that is signed unless the operator raises it, in wei.
  let maximumFee: UInt256
  /// Whether fees may be paid in a token (CIP-64), and `serializedTransaction` is that of Celo's ethers.js wrapper.
  let hasFeeCurrencies: Bool

  /// The accepted chain ids of each network.
  struct ChainIDs: Sendable {
    /// Of the main network.
    let mainnet: [UInt64]
    /// Of the test networks, the one in general use first.
    let testnets: [UInt64]
  }

  /// Describes a chain.
  ///
  /// - Parameters:
  ///   - name: as Tatum writes it.
  ///   - coinType: the SLIP-44 number in the mainnet path of wallets.
  ///   - chainIDs: with a source each, in docs/chains/evm.md.
  ///   - maximumFeeInCoins: the fee limit in whole coins of 10^18 wei.
  ///   - form: how addresses are written.
  ///   - hasFeeCurrencies: Celo.
  init(
    name: String, coinType: UInt32, chainIDs: ChainIDs, maximumFeeInCoins: UInt16,
    form: EVMAddressForm = .hexadecimal, hasFeeCurrencies: Bool = false
  ) {
    self.name = name
    self.chainIDs = chainIDs
    self.form = form
    self.hasFeeCurrencies = hasFeeCurrencies
    wallets = BIP32Wallets.evm(coinType: coinType, form: form)
    // 2^16 × 10^18 is far below 2^256: never nil.
    maximumFee = UInt256(1_000_000_000_000_000_000).multiplied(by: UInt64(maximumFeeInCoins)) ?? .zero
  }

  private var senders: EVMSender { EVMSender(wallets: wallets, form: form) }

  /// Reads what the pending transaction says.
  func read(_ pending: PendingTransaction) throws(ChainError) -> PendingEVMTransaction {
    try PendingEVMTransaction(
      parsing: pending.serializedTransaction, form: form, celo: hasFeeCurrencies)
  }

  // MARK: What the network must say

  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    let transaction = try read(pending)
    let sender = try senders.address(of: pending, wallet: wallet)
    var needs: [Need] = []
    if let sender { needs.append(.constant(member: "from", value: .string(sender.hexText))) }
    needs.append(.chainID)
    if let sender, transaction.nonce == nil { needs.append(.nonce(of: sender.hexText)) }
    // Without a sender nothing can be signed (wallet-not-found); an estimate would only hide that.
    if let sender, transaction.gas == nil { needs.append(.gasLimit(call(transaction, from: sender))) }
    if transaction.needsGasPrice {
      needs.append(.gasPrice(feeCurrency: transaction.feeCurrency?.hexText))
    }
    return needs
  }

  private func call(_ transaction: PendingEVMTransaction, from sender: EVMAddress) -> ContractCall {
    ContractCall(
      from: sender.hexText, to: transaction.to?.hexText,
      value: transaction.value == .zero ? nil : transaction.value.description,
      data: transaction.data.isEmpty ? nil : HexText.encode(transaction.data),
      gasPrice: transaction.gasPrice?.description, nonce: transaction.nonce.map { String($0) })
  }

  // MARK: Signing

  func nonceRequest(of request: SigningRequest) throws(ChainError) -> NonceRequest? {
    let sender = try senders.key(of: request).address
    return try nonceRequest(of: read(request.pending), EVMContext(request.context), sender: sender)
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    try unsigned(read(request.pending), request, key: senders.key(of: request)).sign(request.nonce)
  }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let pending = try read(request.pending)
    let key = try senders.key(of: request)
    let wanted = try nonceRequest(of: pending, EVMContext(request.context), sender: key.address)
    let unsigned = try unsigned(pending, request, key: key)
    return PreparedSigning(nonceRequest: wanted) { nonce throws(ChainError) in try unsigned.sign(nonce) }
  }

  private func nonceRequest(
    of pending: PendingEVMTransaction, _ context: EVMContext, sender: EVMAddress
  ) throws(ChainError) -> NonceRequest {
    let networkCount = try context.nonce()
    guard pending.nonce != nil || networkCount != nil else { throw .contextMissing("nonce") }
    return NonceRequest(sender: form.text(sender), explicit: pending.nonce, networkCount: networkCount)
  }

  /// What is signed, but for the nonce, after all checks.
  private func unsigned(
    _ pending: PendingEVMTransaction, _ request: SigningRequest,
    key: (material: PrivateKeyMaterial, address: EVMAddress)
  ) throws(ChainError) -> UnsignedEVMTransaction {
    let context = EVMContext(request.context)
    try senders.check(key.address, named: pending.from, context)
    let gasLimit: UInt64
    if let gas = pending.gas { gasLimit = gas } else { gasLimit = try context.gas() }
    let transaction = EVMTransaction(
      chainID: try chainID(pending, context, testnet: request.testnet), nonce: pending.nonce ?? 0,
      gasLimit: gasLimit, to: pending.to, value: pending.value, data: pending.data,
      fee: try pending.fee(context), accessList: pending.accessList ?? [])
    try checkCost(of: transaction, policy: request.policy)
    do throws(CryptoError) {
      return UnsignedEVMTransaction(
        transaction: transaction, explicitNonce: pending.nonce, from: form.text(key.address),
        key: try Secp256k1PrivateKey(key.material.secret))
    } catch { throw UnsignedEVMTransaction.cannotSign(error) }
  }

  /// The chain id to sign for: named by the transaction or the context, and always a pinned one.
  private func chainID(
    _ pending: PendingEVMTransaction, _ context: EVMContext, testnet: Bool
  ) throws(ChainError) -> UInt64 {
    let pinned = testnet ? chainIDs.testnets : chainIDs.mainnet
    let fromContext = try context.chainID()
    for (member, id) in [
      ("serializedTransaction.chainId", pending.chainID), ("context.chainId", fromContext),
    ] {
      guard let id, !pinned.contains(id) else { continue }
      let expected = pinned.map { String($0) }.joined(separator: ", ")
      throw ChainError(
        .chainIDMismatch,
        "\(member) is \(id), not a chain id of \(name) \(testnet ? "testnet" : "mainnet") (\(expected))")
    }
    if let named = pending.chainID, let fromContext, named != fromContext {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.chainId is \(named), context.chainId is \(fromContext)")
    }
    if let id = pending.chainID ?? fromContext { return id }
    guard let only = pinned.first, pinned.count == 1 else { throw .contextMissing("chainId") }
    return only
  }

  /// Refuses what can't succeed and what costs too much.
  private func checkCost(of transaction: EVMTransaction, policy: SigningPolicy) throws(ChainError) {
    guard let needed = transaction.intrinsicGas, needed <= transaction.gasLimit else {
      throw .malformed(
        "the gas limit is \(transaction.gasLimit); a transaction with this data needs "
          + "\(transaction.intrinsicGas.map { String($0) } ?? "more than 2^64")")
    }
    guard let fee = transaction.maximumGasPrice.multiplied(by: transaction.gasLimit),
      transaction.value.adding(fee) != nil
    else { throw .malformed("gas limit × gas price + value is 2^256 or more") }
    let limit = try StatedFee.limit(unit: "wei", chain: name, defaultLimit: maximumFee, policy)
    guard fee <= limit else {
      throw ChainError(
        .feeTooHigh,
        "the fee may reach \(fee) (gas limit \(transaction.gasLimit) × price \(transaction.maximumGasPrice)), "
          + "the limit for \(name) is \(limit)")
    }
  }
}

/// A checked transaction with the key that will sign it.
private struct UnsignedEVMTransaction: Sendable {
  /// Its nonce is replaced.
  let transaction: EVMTransaction
  /// The nonce that the pending transaction carries.
  let explicitNonce: UInt64?
  /// The sender as the chain writes it.
  let from: String
  let key: Secp256k1PrivateKey

  func sign(_ nonce: UInt64?) throws(ChainError) -> SignedTransaction {
    guard let nonce else { throw .contextMissing("nonce") }
    if let explicitNonce, explicitNonce != nonce {
      throw .malformed("serializedTransaction.nonce is \(explicitNonce), the nonce to sign with is \(nonce)")
    }
    var transaction = transaction
    transaction.nonce = nonce
    let signed: EVMTransaction.Signed
    do throws(CryptoError) { signed = try transaction.signed(with: key) } catch {
      throw Self.cannotSign(error)
    }
    return SignedTransaction(
      txData: HexText.encode(signed.bytes), txID: HexText.encode(signed.hash), from: .one(from), nonce: nonce)
  }

  static func cannotSign(_ error: CryptoError) -> ChainError {
    ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
  }
}

extension PendingEVMTransaction {
  /// The priority fee that web3.js offers when a transaction of EIP-1559 names none: 2.5 gwei.
  private static let defaultPriorityFee = UInt256(2_500_000_000)

  /// Whether the fee can't be settled without the network's gas price.
  var needsGasPrice: Bool {
    switch kind {
    case .legacy, .accessList: gasPrice == nil
    case .dynamic: maxFeePerGas == nil
    case .celoDynamic: gasPrice == nil && maxFeePerGas == nil
    }
  }

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
