/// BCH: unsigned hex with input amounts, P2PKH inputs, fork-id digests, Schnorr signatures (or ECDSA).
package struct BitcoinCashChain: BitcoinFamilyChain {
  package let parameters: BitcoinParameters

  package init(_ parameters: BitcoinParameters) { self.parameters = parameters }

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> BitcoinCashIntent {
    try BitcoinCashIntent(pending, parameters: parameters, testnet: testnet)
  }
}
