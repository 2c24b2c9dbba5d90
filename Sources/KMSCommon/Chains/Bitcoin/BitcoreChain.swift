internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// BTC, LTC and DOGE: transactions as bitcore's JSON, inputs that say what they spend, ECDSA.
struct BitcoreChain: BitcoinFamilyChain {
  let parameters: BitcoinParameters
  let wallets: any WalletScheme

  init(_ parameters: BitcoinParameters) {
    self.parameters = parameters
    wallets = BIP32Wallets(parameters)
  }

  /// Nothing: all is in the pending transaction.
  func needs(of pending: PendingTransaction, wallet: WalletView?, testnet: Bool) throws(ChainError) -> [Need]
  {
    []
  }

  /// Signs every input, or none.
  ///
  /// A key that no input needs is ignored: one signature ID may stand for a wallet whose coins were not chosen,
  /// and an unused key signs nothing. When no key fits any input the transaction is somebody else's:
  /// `key-not-sender`.
  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let bitcore = try BitcoreTransaction(request.pending.serializedTransaction)
    let unsigned = bitcore.unsigned
    let network = parameters.network(request.testnet)
    let limits = TransactionLimits(parameters: parameters, network: network, policy: request.policy)
    let fee = try limits.check(
      unsigned, statedFee: bitcore.statedFee,
      droppedChange: bitcore.droppedItsChange ? parameters.droppedChange : 0)
    try checkAddresses(unsigned, request.pending, network)

    let plan = try SpendingPlan(unsigned, keys: InputKeys(request.keys), network: network)
    let signed = try InputSigning(unsigned).signed(plan)
    try limits.checkRate(fee: fee, signed: signed)
    return SignedTransaction(
      txData: Hex.encode(signed.encoded()), txID: signed.id,
      from: .inputs(network.addresses(of: unsigned.spent.map(\.lock))))
  }

  /// The addresses that a withdrawal shows must be those that it spends from.
  private func checkAddresses(
    _ unsigned: UnsignedTransaction, _ pending: PendingTransaction, _ network: BitcoinNetwork
  ) throws(ChainError) {
    let responses = pending.withdrawalInputs
    for (i, input) in unsigned.transaction.inputs.enumerated() {
      guard let address = responses.response(for: input.outPoint)?.address else { continue }
      guard let script = network.script(ofAddress: address) else {
        throw .malformed(
          "withdrawalResponses: \(address) is no address of \(parameters.name) on the record's network")
      }
      guard script == unsigned.spent[i].lock else {
        throw ChainError(
          .contentMismatch,
          "\(unsigned.name(ofInput: i)) does not spend from \(address) of withdrawalResponses")
      }
    }
  }
}

extension BIP32Wallets {
  /// The wallets of a chain of the Bitcoin family: WIF keys, `m/44'/coin'/0'/0/index`.
  init(_ parameters: BitcoinParameters) {
    self.init(
      mainnet: Network(coinType: parameters.coinType, versions: parameters.mainnet.extendedKeys),
      testnet: Network(coinType: parameters.testnetCoinType, versions: parameters.testnet.extendedKeys),
      keyText: { secret, testnet in
        try WIF.encode(secret, version: parameters.network(testnet).privateKeyVersion)
      },
      parseKey: { text, testnet in
        try WIF.decode(text, network: parameters.network(testnet), other: parameters.network(!testnet))
      },
      address: { publicKey, testnet in
        let hash = Hash.hash160(publicKey)
        // SegWit takes compressed keys only (BIP-143): coins sent to such an address would be lost.
        let lock: LockingScript =
          parameters.paysToWitness && publicKey.count == 33
          ? .witness(version: 0, program: hash) : .publicKeyHash(hash)
        // A hash of 20 bytes can always be written.
        guard let address = parameters.network(testnet).address(of: lock) else {
          throw WalletError("invalid-address", "the address can't be written")
        }
        return address
      })
  }
}
