internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// TRON: transfers of TRX, TRC-10 and TRC-20 tokens, staking, voting, smart contracts. docs/chains/tron.md is the manual.
package struct TronChain: Chain {
  package let name = "TRON"
  package let addresses: any AddressScheme = BIP32Addresses.tron
  package var synonyms: ChainSynonyms { ChainSynonyms(names: ["TRX"], tokens: ["INRT_TRON", "USDT_TRON"]) }
  package var broadcast: any Broadcast { TronBroadcast.row }

  package init() {}

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> TronIntent {
    TronIntent(
      keyReferences: try keyReferences(of: pending),
      transaction: try PendingTronTransaction(parsing: pending.serializedTransaction))
  }
}

/// A transaction of TRON, as it was read. Nothing is asked of the network: reference block and expiration are fixed when
/// the transaction is created.
package struct TronIntent: Intent {
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let transaction: PendingTronTransaction

  /// What it lets others dispose of.
  package var allowances: [Allowance] { transaction.allowances }
}

extension BIP32Addresses {
  /// The addresses of TRON. Besides `xpub…`, an extended public key may be 130 digits, the public key (33 bytes) and the
  /// chain code (32 bytes), which older versions of the SDK wrote.
  package static let tron = BIP32Addresses(
    node: { xpub in
      guard xpub.utf8.count == 130, let bytes = Hex.decode(xpub) else { return HDPublicKey(serialized: xpub) }
      return HDPublicKey(publicKey: Array(bytes.prefix(33)), chainCode: Array(bytes.suffix(32)))
    },
    text: { publicKey, _ in
      guard let address = TronAddress(publicKey: publicKey) else { throw CryptoError.invalidPublicKey }
      return address.text
    })
}
