internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// BNB Beacon Chain: transfers of BNB and BEP-2 tokens. docs/chains/bnb.md is the manual.
///
/// The main network was switched off in November 2024. Transactions are signed as they always were; only a network that
/// still runs takes them.
struct BNBChain: Chain {
  let name = "BNB"
  let addresses: any AddressScheme = StoredAddress()
  var broadcast: any Broadcast { BNBBroadcast.row }

  /// The id for which alone this build signs (docs.bnbchain.org, "Chain ID").
  static func chainID(testnet: Bool) -> String { testnet ? "Binance-Chain-Ganges" : "Binance-Chain-Tigris" }

  /// The human-readable part of addresses (docs.bnbchain.org, "Address").
  static func hrp(testnet: Bool) -> String { testnet ? "tbnb" : "bnb" }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> BNBIntent {
    try BNBIntent(pending, chain: self, testnet: testnet)
  }
}

/// A transfer on BNB Beacon Chain, as it was read.
struct BNBIntent: Intent {
  /// The network of the record.
  let testnet: Bool
  let keyReferences: [KeyReference]
  /// What the pending transaction says.
  let transfer: PendingBNBTransfer
  /// The address of its one sender.
  let sender: String
  private let addresses: any AddressScheme

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `content-mismatch`.
  init(_ pending: PendingTransaction, chain: BNBChain, testnet: Bool) throws(ChainError) {
    self.testnet = testnet
    addresses = chain.addresses
    keyReferences = try chain.keyReferences(of: pending)
    let hrp = BNBChain.hrp(testnet: testnet)
    transfer = try PendingBNBTransfer(parsing: pending.serializedTransaction, hrp: hrp)
    guard transfer.inputs.count == 1, let input = transfer.inputs.first else {
      throw .malformed(
        "serializedTransaction.msg.inputs has \(transfer.inputs.count) items: a transfer with one sender has one"
      )
    }
    sender = Bech32.encodeBytes(hrp: hrp, bytes: input.address)
  }

  /// The account's number and sequence, and the chain id, which kms-fetch knows without asking (defect F18).
  func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let address = try addresses.sender(keyReferences.first, wallet)
    var needs: [Need] = []
    if let address { needs.append(.constant(member: "from", value: .string(address))) }
    needs.append(BNBFacts.chainID(testnet: testnet))
    if let address { needs.append(BNBFacts.account(address)) }
    return needs
  }
}
