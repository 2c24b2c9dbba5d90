internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// BTC, LTC and DOGE: transactions as bitcore's JSON, inputs that say what they spend, ECDSA.
package struct BitcoreChain: BitcoinFamilyChain {
  package let parameters: BitcoinParameters

  package init(_ parameters: BitcoinParameters) { self.parameters = parameters }

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> BitcoreIntent {
    try BitcoreIntent(pending, parameters: parameters, testnet: testnet)
  }
}

extension BIP32Addresses {
  /// P2WPKH where the chain pays to a witness, else P2PKH.
  package static func bitcoin(_ parameters: BitcoinParameters) -> BIP32Addresses {
    BIP32Addresses { publicKey, testnet in
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
    }
  }
}
