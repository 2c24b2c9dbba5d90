internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Flow. docs/chains/flow.md is the manual.
///
/// Signs the payload in the name of the account. Proposer and payer are accounts of the API, whose signatures
/// kms-broadcast asks for (decision 14); only then is there a transaction id.
struct FlowChain: Chain {
  let name = "FLOW"
  let wallets: any WalletScheme = BIP32Wallets.flow

  /// After how many seconds a transaction has certainly expired: it may enter 600 blocks after its reference block
  /// (onflow/flow-go, `DefaultTransactionExpiry`), which come every one to two seconds; six are counted.
  static let longestValidity: Int64 = 3600

  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    let transaction = try PendingFlowTransaction(parsing: pending.serializedTransaction, testnet: testnet)
    return [
      .flowProposal,
      .flowAccount(address: transaction.account.text, publicKey: try publicKey(of: pending, wallet: wallet)),
    ]
  }

  /// The public key that will sign, in hex; nil when the vault does not tell.
  private func publicKey(of pending: PendingTransaction, wallet: WalletView?) throws(ChainError) -> String? {
    guard let wallet else { return nil }
    let index = try pending.firstKeyReference().index
    if wallet.kind == .mnemonic, index == nil {
      throw ChainError(.indexMissing, WalletError.indexMissing.message)
    }
    do { return try wallets.address(of: wallet, index: index ?? 0) } catch {
      throw ChainError(
        .walletUnreadable, "the public key of wallet \(wallet.signatureID) can't be derived: \(error)")
    }
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let pending = try PendingFlowTransaction(
      parsing: request.pending.serializedTransaction, testnet: request.testnet)
    guard !pending.isCustom || request.policy.allowCustomScripts else {
      throw ChainError(
        .customScriptRefused,
        "the transaction runs a Cadence script that the server supplies; kms-sign --allow-custom-scripts signs such"
      )
    }
    let context = try FlowContext(request.context)
    let key = try key(of: request, pending, context)
    let (script, arguments) = pending.script(testnet: request.testnet)
    let payload = FlowPayload(
      script: Array(script.utf8), arguments: arguments.map(\.bytes),
      referenceBlockID: context.referenceBlockID,
      gasLimit: context.gasLimit, proposer: context.proposer, proposerKeyID: context.proposerKeyID,
      sequenceNumber: context.sequenceNumber, payer: context.payer, authorizers: [pending.account]
    ).encoded
    let signature: [UInt8]
    do throws(CryptoError) {
      signature = try FlowPayload.signature(of: FlowPayload.message(payload), key: key)
    } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
    return SignedTransaction(
      txData: Hex.encode(payload), txID: nil, from: .one(pending.account.text),
      extra: [
        (
          "payloadSignature",
          [
            "address": .string(pending.account.text), "keyId": .string(String(context.accountKeyID)),
            "signature": .string(Hex.encode(signature)),
          ]
        ), ("payerKeyId", .string(String(context.payerKeyID))),
      ],
      expiresAt: min(request.unixTime, .max - Self.longestValidity) + Self.longestValidity)
  }

  /// The key must be the account's (decision 3), the account the one that the transaction names (decision 21), and the
  /// fee not the account's to pay.
  private func key(
    of request: SigningRequest, _ pending: PendingFlowTransaction, _ context: FlowContext
  ) throws(ChainError) -> Secp256k1PrivateKey {
    guard context.account == pending.account else {
      throw ChainError(
        .contentMismatch,
        "context.account is \(context.account.text), the transaction is for \(pending.account.text)")
    }
    guard context.payer != pending.account else {
      throw ChainError(
        .contentMismatch,
        "context.payer is the account \(pending.account.text) itself; the API's payer pays, and it can't sign for this one"
      )
    }
    guard let material = request.keys.first?.privateKey else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    guard let point = Secp256k1.uncompressed(material.publicKey),
      Array(point.dropFirst()) == context.publicKey
    else {
      throw ChainError(
        .keyNotSender,
        "the wallet's key is not key \(context.accountKeyID) of the account \(pending.account.text)")
    }
    do throws(CryptoError) { return try Secp256k1PrivateKey(material.secret) } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
  }
}
