/// One side of a transfer.
struct BNBParty: Hashable, Sendable {
  /// HASH160 of the public key, 20 bytes.
  var address: [UInt8]
  /// The amounts, in the order of the transaction.
  var coins: [BNBCoin]
}

/// An amount of one token.
struct BNBCoin: Hashable, Sendable {
  /// The token's symbol.
  var denom: String
  /// In units of 10^-8.
  var amount: UInt64
}
