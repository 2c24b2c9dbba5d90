internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Cardano. docs/chains/ada.md is the manual.
///
/// The server builds the body of the transaction; it is signed only when inputs, outputs, fee and time to live are those
/// of the pending operations and nothing else is in it. What is hashed is the body itself, never a hash that the server
/// names (defect F14).
struct CardanoChain: Chain {
  let name = "ADA"
  let addresses: any AddressScheme = CardanoAddresses()
  var synonyms: ChainSynonyms { ChainSynonyms(names: ["CARDANO"]) }
  var broadcast: any Broadcast { CardanoBroadcast() }

  /// How many slots after the current one a transaction ends to be valid, as kms-fetch asks for it.
  static let relativeTTL: UInt64 = 1000

  /// All wallets of `hashes` (with `index`) and `signatures`, each place once.
  ///
  /// A wallet of `hashes` without an index that `signatures` names as well is taken from there. For withdrawals
  /// `signatures` alone counts, where there are any.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    let named = Set(pending.signatures.map(\.signatureID))
    var references: [KeyReference] = []
    if pending.withdrawalID == nil || pending.signatures.isEmpty {
      for id in pending.hashes where pending.index != nil || !named.contains(id) {
        references.append(KeyReference(signatureID: id, index: pending.index))
      }
    }
    var seen: Set<KeyReference> = []
    return (references + pending.signatures).filter { seen.insert($0).inserted }
  }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> CardanoIntent {
    CardanoIntent(
      testnet: testnet, keyReferences: try keyReferences(of: pending),
      operations: try RosettaOperations(parsing: pending.serializedTransaction, testnet: testnet))
  }
}

/// A transaction of Cardano, as it was read.
struct CardanoIntent: Intent {
  /// The network of the record.
  let testnet: Bool
  let keyReferences: [KeyReference]
  /// What the pending transaction says.
  let operations: RosettaOperations
  var skipsUnknownWallets: Bool { true }

  func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    [CardanoFacts.payloads(for: operations.json, testnet: testnet)]
  }
}

/// Enterprise addresses (CIP-0019, type 6) of the keys that an extended public key yields.
struct CardanoAddresses: AddressScheme {
  func address(of wallet: WalletView, index: UInt32) throws -> String? {
    guard wallet.kind == .mnemonic else { return wallet.address }
    guard let text = wallet.xpub else { return nil }
    guard let bytes = Hex.decode(text), bytes.count == 64 else {
      throw WalletError("invalid-xpub", "the extended public key of the wallet is not 128 hexadecimal digits")
    }
    try WalletError.check(index: index)
    let role = IcarusPublicKey(publicKey: Array(bytes[..<32]), chainCode: Array(bytes[32...]))
    let publicKey = try role.child(index).publicKey
    return CardanoAddress.enterprise(publicKey: publicKey, testnet: wallet.testnet).bech32Text
  }
}
