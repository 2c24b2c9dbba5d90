internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

extension SigningChain {
  /// Flow.
  static let flow = SigningChain(FlowChain(), wallets: BIP32Wallets.flow)
}

extension FlowIntent: SigningIntent {
  /// After how many seconds a transaction has certainly expired: it may enter 600 blocks after its reference block
  /// (onflow/flow-go, `DefaultTransactionExpiry`), which come every one to two seconds; six are counted.
  static let longestValidity: Int64 = 3600

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    guard !transaction.isCustom || request.policy.allowCustomScripts else {
      throw ChainError(
        .customScriptRefused,
        "the transaction runs a Cadence script that the server supplies; --allow-custom-scripts signs it")
    }
    let context = try FlowContext(request.context)
    let key = try key(of: request, context)
    let (script, arguments) = transaction.script(testnet: testnet)
    let payload = FlowPayload(
      script: Array(script.utf8), arguments: arguments.map(\.bytes),
      referenceBlockID: context.referenceBlockID,
      gasLimit: context.gasLimit, proposer: context.proposer, proposerKeyID: context.proposerKeyID,
      sequenceNumber: context.sequenceNumber, payer: context.payer, authorizers: [transaction.account]
    ).encoded
    let expiresAt = min(request.now, .max - Self.longestValidity) + Self.longestValidity
    return PreparedSigning { () throws(ChainError) in
      let signature: [UInt8]
      do throws(CryptoError) {
        signature = try FlowPayload.signature(of: FlowPayload.message(payload), key: key)
      } catch { throw .cannotSign(error) }
      return SignedTransaction(
        txData: Hex.encode(payload), txID: nil, from: .one(transaction.account.text),
        extra: [
          (
            "payloadSignature",
            [
              "address": .string(transaction.account.text), "keyId": .string(String(context.accountKeyID)),
              "signature": .string(Hex.encode(signature)),
            ]
          ), ("payerKeyId", .string(String(context.payerKeyID))),
        ], expiresAt: expiresAt)
    }
  }

  /// The key must be the account's (decision 3), the account the one that the transaction names (decision 21), and the
  /// fee not the account's to pay.
  private func key(
    of request: SigningRequest, _ context: FlowContext
  ) throws(ChainError) -> Secp256k1PrivateKey {
    guard context.account == transaction.account else {
      throw ChainError(
        .contentMismatch,
        "context.account is \(context.account.text), the transaction is for \(transaction.account.text)")
    }
    guard context.payer != transaction.account else {
      throw ChainError(
        .contentMismatch,
        "context.payer is the account \(transaction.account.text) itself; the API's payer pays, and it can't sign for this one"
      )
    }
    let material = try request.onlyKey()
    guard let point = Secp256k1.uncompressed(material.publicKey),
      Array(point.dropFirst()) == context.publicKey
    else {
      throw ChainError(
        .keyNotSender,
        "the wallet's key is not key \(context.accountKeyID) of the account \(transaction.account.text)")
    }
    return try material.secp256k1Signer()
  }
}
