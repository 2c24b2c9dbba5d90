internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// BNB Beacon Chain: transfers of BNB and BEP-2 tokens. docs/chains/bnb.md is the manual.
///
/// The main network was switched off in November 2024. Transactions are signed as they always were; only a network that
/// still runs takes them.
struct BNBChain: Chain {
  let name = "BNB"
  let wallets: any WalletScheme = BNBWallets()

  /// The id for which alone this build signs (docs.bnbchain.org, "Chain ID").
  static func chainID(testnet: Bool) -> String { testnet ? "Binance-Chain-Ganges" : "Binance-Chain-Tigris" }

  // MARK: What the network must say

  /// The account's number and sequence, and the chain id, which kms-fetch knows without asking (defect F18).
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    _ = try PendingBNBTransfer(
      parsing: pending.serializedTransaction, hrp: BNBWallets.hrp(testnet: testnet))
    var needs: [Need] = []
    if let address = wallet?.address { needs.append(.constant(member: "from", value: .string(address))) }
    needs.append(.chainID)
    if let address = wallet?.address { needs.append(.nonce(of: address)) }
    return needs
  }

  func nonceRequest(of request: SigningRequest) throws(ChainError) -> NonceRequest? {
    guard let sequence = try Self.integer(request.context, "sequence") else {
      throw .contextMissing("sequence")
    }
    return NonceRequest(
      sender: try key(of: request).privateKey.address, explicit: nil, networkCount: sequence)
  }

  // MARK: Signing

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let hrp = BNBWallets.hrp(testnet: request.testnet)
    let pending = try PendingBNBTransfer(parsing: request.pending.serializedTransaction, hrp: hrp)
    let key = try key(of: request)
    try check(key.privateKey.address, pending, request.context, hrp: hrp)
    guard let accountNumber = try Self.integer(request.context, "accountNumber") else {
      throw .contextMissing("accountNumber")
    }
    guard let sequence = request.nonce else { throw .contextMissing("sequence") }
    let transfer = BNBTransfer(
      inputs: pending.inputs, outputs: pending.outputs, memo: pending.memo, chainID: try chainID(request),
      accountNumber: accountNumber, sequence: sequence)
    let signed: BNBTransfer.Signed
    do throws(CryptoError) {
      signed = try transfer.signed(with: Secp256k1PrivateKey(key.privateKey.secret), hrp: hrp)
    } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
    return SignedTransaction(
      txData: Hex.encode(signed.bytes), txID: Hex.encode(signed.id).uppercased(),
      from: .one(key.privateKey.address), nonce: sequence)
  }

  private func key(of request: SigningRequest) throws(ChainError) -> SigningKey {
    guard let key = request.keys.first else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    return key
  }

  /// The key must be that of the only input, and of the sender for whom the facts were asked (decision 3).
  private func check(
    _ address: String, _ pending: PendingBNBTransfer, _ context: JSONValue, hrp: String
  ) throws(ChainError) {
    guard pending.inputs.count == 1, let input = pending.inputs.first else {
      throw .malformed("msg.inputs has \(pending.inputs.count) items: a transfer with one sender has one")
    }
    let sender = Bech32.encodeBytes(hrp: hrp, bytes: input.address)
    guard sender == address else {
      throw ChainError(
        .keyNotSender, "msg.inputs[0].address is \(sender), the wallet's key is that of \(address)")
    }
    guard let from = context["from"] else { return }
    guard from.string == address else {
      throw ChainError(.keyNotSender, "context.from is not \(address), the address of the wallet's key")
    }
  }

  private func chainID(_ request: SigningRequest) throws(ChainError) -> String {
    let pinned = Self.chainID(testnet: request.testnet)
    guard let named = request.context["chainId"] else { return pinned }
    guard named.string == pinned else {
      throw ChainError(
        .chainIDMismatch,
        "context.chainId is not \(pinned), that of BNB \(request.testnet ? "testnet" : "mainnet")")
    }
    return pinned
  }

  /// An integer of the context below 2^63: the network counts in signed numbers.
  private static func integer(_ context: JSONValue, _ member: String) throws(ChainError) -> UInt64? {
    guard let value = context[member] else { return nil }
    guard let number = value.uint64, number <= UInt64(Int64.max) else {
      throw .malformed("context.\(member) is not an integer from 0 to 2^63 - 1")
    }
    return number
  }
}
