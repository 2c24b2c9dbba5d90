internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// BNB Beacon Chain.
  static let bnb = SigningChain(BNBChain(), wallets: BNBWallets())
}

extension BNBIntent: SigningIntent {
  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let key = try request.onlyKey()
    guard sender == key.address else {
      throw ChainError(
        .keyNotSender,
        "serializedTransaction.msg.inputs[0].address is \(sender), the wallet's key is that of \(key.address)"
      )
    }
    if let from = request.context["from"], from.string != sender {
      throw ChainError(.keyNotSender, "context.from is not \(sender), the address of the wallet's key")
    }
    let sequence = try Self.integer(request.context, "sequence")
    let unsigned = BNBTransfer(
      inputs: transfer.inputs, outputs: transfer.outputs, memo: transfer.memo,
      chainID: try chainID(request.context),
      accountNumber: try Self.integer(request.context, "accountNumber"), sequence: 0)
    let signer = try key.secp256k1Signer()
    let hrp = BNBChain.hrp(testnet: testnet)
    return PreparedSigning(
      NonceRequest(sender: sender, explicit: nil, networkCount: sequence)
    ) { nonce throws(ChainError) in
      var transfer = unsigned
      transfer.sequence = nonce
      let signed: BNBTransfer.Signed
      do throws(CryptoError) { signed = try transfer.signed(with: signer, hrp: hrp) } catch {
        throw .cannotSign(error)
      }
      return SignedTransaction(
        txData: Hex.encode(signed.bytes), txID: Hex.encode(signed.id).uppercased(), from: .one(sender),
        nonce: nonce)
    }
  }

  private func chainID(_ context: JSONValue) throws(ChainError) -> String {
    let pinned = BNBChain.chainID(testnet: testnet)
    guard let named = context["chainId"] else { return pinned }
    guard named.string == pinned else {
      throw ChainError(
        .chainIDMismatch, "context.chainId is not \(pinned), that of BNB \(testnet ? "testnet" : "mainnet")")
    }
    return pinned
  }

  private static func integer(_ context: JSONValue, _ member: String) throws(ChainError) -> UInt64 {
    guard let value = context[member] else { throw .contextMissing(member) }
    guard let number = value.uint64, number <= UInt64(Int64.max) else {
      throw .malformed("context.\(member) is not an integer from 0 to 2^63 - 1")
    }
    return number
  }
}
