internal import KMSRecords

/// The account that a transaction is sent from, on EVM chains and on VET, whose accounts are the same 20 bytes.
struct EVMSender {
  let wallets: any WalletScheme
  /// How the chain writes addresses.
  let form: EVMAddressForm

  /// The address of the key that will sign, from the public side of its wallet; nil when that does not tell.
  ///
  /// - Throws: `index-missing` for a mnemonic wallet without an index, `wallet-unreadable`.
  func address(
    of pending: PendingTransaction, wallet: WalletView?
  ) throws(ChainError) -> EVMAddress? {
    guard let wallet else { return nil }
    let index = try pending.firstKeyReference().index
    if wallet.kind == .mnemonic, index == nil {
      throw ChainError(.indexMissing, WalletError.indexMissing.message)
    }
    let text: String?
    do { text = try wallets.address(of: wallet, index: index ?? 0) } catch {
      throw ChainError(
        .walletUnreadable, "the address of wallet \(wallet.signatureID) can't be derived: \(error)")
    }
    guard let text else { return nil }
    return try form.read(text, member: "the wallet's address")
  }

  /// The key that signs, and its address.
  ///
  /// - Throws: `wallet-not-found` when there is none.
  func key(of request: SigningRequest) throws(ChainError) -> (
    material: PrivateKeyMaterial, address: EVMAddress
  ) {
    guard let key = request.keys.first?.privateKey else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    return (key, try form.read(key.address, member: "the key's address"))
  }

  /// The key must be the sender's, wherever one is named (decision 3): `named` by the transaction, or by `context`.
  ///
  /// - Throws: `key-not-sender`, `malformed-transaction`.
  func check(_ sender: EVMAddress, named: EVMAddress?, _ context: EVMContext) throws(ChainError) {
    for (member, from) in [("serializedTransaction.from", named), ("context.from", try context.from(form))] {
      guard let from, from != sender else { continue }
      throw ChainError(
        .keyNotSender, "\(member) is \(form.text(from)), the wallet's key is that of \(form.text(sender))")
    }
  }
}
