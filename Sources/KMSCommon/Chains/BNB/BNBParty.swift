/// One side of a transfer.
package struct BNBParty: Hashable, Sendable {
  /// HASH160 of the public key, 20 bytes.
  package var address: [UInt8]
  /// The amounts, in the order of the transaction.
  package var coins: [BNBCoin]
}

/// An amount of one token.
package struct BNBCoin: Hashable, Sendable {
  /// The token's symbol.
  package var denom: String
  /// In units of 10^-8.
  package var amount: UInt64
}
