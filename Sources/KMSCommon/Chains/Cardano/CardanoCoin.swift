internal import KMSPrimitives

/// The output of an earlier transaction that is spent.
package struct CardanoCoin: Hashable, Sendable, CustomStringConvertible {
  /// The id of that transaction, 32 bytes.
  package let transactionID: [UInt8]
  /// Which of its outputs.
  package let index: UInt64

  /// Names an output.
  package init(transactionID: [UInt8], index: UInt64) {
    self.transactionID = transactionID
    self.index = index
  }

  /// As Rosetta writes it.
  package var description: String { "\(Hex.encode(transactionID)):\(index)" }
}

/// A native token.
package struct CardanoAsset: Hashable, Sendable {
  /// The hash of its minting policy, 28 bytes.
  package let policyID: [UInt8]
  /// Its name, at most 32 bytes.
  package let name: [UInt8]

  /// Names a token.
  package init(policyID: [UInt8], name: [UInt8]) {
    self.policyID = policyID
    self.name = name
  }
}

/// What is paid to an address.
package struct CardanoOutput: Hashable, Sendable {
  /// The bytes of the receiver's address.
  package let address: [UInt8]
  /// The amount in lovelace.
  package let lovelace: UInt64
  /// The native tokens that go with it.
  package let assets: [CardanoAsset: UInt64]

  /// An output with these parts.
  package init(address: [UInt8], lovelace: UInt64, assets: [CardanoAsset: UInt64]) {
    self.address = address
    self.lovelace = lovelace
    self.assets = assets
  }
}
