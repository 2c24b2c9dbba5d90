internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// The part of a Flow transaction that proposer and authorizers sign (Flow documentation, "Transactions", and
/// onflow/flow-go-sdk `transaction.go`).
struct FlowPayload: Hashable, Sendable {
  /// The Cadence script.
  var script: [UInt8]
  /// Its arguments, each as JSON-Cadence.
  var arguments: [[UInt8]]
  /// The id of a recent final block, 32 bytes: the transaction is valid for 600 blocks after it.
  var referenceBlockID: [UInt8]
  /// How much computation the script may use.
  var gasLimit: UInt64
  /// Whose sequence number is used, with which key.
  var proposer: FlowAddress
  /// The index of that key in its account.
  var proposerKeyID: UInt64
  /// The sequence number of that key.
  var sequenceNumber: UInt64
  /// Who pays the fee.
  var payer: FlowAddress
  /// In whose name the script acts.
  var authorizers: [FlowAddress]

  /// The RLP encoding.
  var encoded: [UInt8] {
    RLP.encode(
      .list([
        .bytes(script), .list(arguments.map(RLP.Item.bytes)), .bytes(referenceBlockID),
        FlowTransaction.integer(gasLimit),
        .bytes(proposer.bytes), FlowTransaction.integer(proposerKeyID),
        FlowTransaction.integer(sequenceNumber),
        .bytes(payer.bytes), .list(authorizers.map { .bytes($0.bytes) }),
      ]))
  }

  /// What is hashed: the domain tag and `encoded`.
  static func message(_ encoded: [UInt8]) -> [UInt8] { FlowTransaction.message(encoded) }

  /// Signs a message: ECDSA over its SHA3-256 hash, r and s of 32 bytes each, s as it falls.
  static func signature(of message: [UInt8], key: Secp256k1PrivateKey) throws(CryptoError) -> [UInt8] {
    try key.signWithoutNormalizing(digest: Hash.sha3_256(message)).rs
  }
}
