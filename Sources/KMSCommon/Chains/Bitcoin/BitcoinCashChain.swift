/// BCH: unsigned hex with input amounts, P2PKH inputs, fork-id digests, Schnorr signatures (or ECDSA).
struct BitcoinCashChain: BitcoinFamilyChain {
  let parameters: BitcoinParameters

  init(_ parameters: BitcoinParameters) { self.parameters = parameters }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> BitcoinCashIntent {
    try BitcoinCashIntent(pending, parameters: parameters, testnet: testnet)
  }
}
