internal import KMSCrypto
internal import KMSPrimitives

/// A transaction envelope: what is signed, byte for byte as it came, and the signatures that it has.
package struct StellarEnvelope {
  /// What the signature is by: the source of the transaction, or who pays for a fee bump.
  package let feeSource: [UInt8]
  /// The most that it may cost, in stroops.
  package let feeInStroops: UInt64
  /// The transaction; within a fee bump the inner one.
  package let transaction: StellarTransaction
  /// Whether it is a fee bump around a transaction that others sign (CAP-15).
  package let isFeeBump: Bool

  /// Everything before the signatures, the type of the envelope included.
  private let content: [UInt8]
  /// What is hashed after the network's id (`TransactionSignaturePayload`).
  private let payload: [UInt8]
  private let signatureCount: Int
  private let signatures: [UInt8]

  private static let transactionType: UInt32 = 2
  private static let feeBumpType: UInt32 = 5
  private static let maximumSignatures: UInt32 = 20

  /// Reads Base64 of a `TransactionEnvelope` (Stellar-transaction.x).
  ///
  /// - Throws: `ChainError` `malformed-transaction` when it is none, when something follows it, or for types that
  ///   are not known.
  package init(_ text: String) throws(ChainError) {
    guard let bytes = Base64.decode(text) else { throw .malformed("serializedTransaction is not Base64") }
    var reader = XDRReader(bytes)
    let type = try reader.uint32()
    switch type {
    case 0, Self.transactionType:
      let transaction = try StellarTransaction(&reader, isV0: type == 0)
      feeSource = transaction.source
      feeInStroops = UInt64(transaction.feeInStroops)
      self.transaction = transaction
      isFeeBump = false
    case Self.feeBumpType:
      feeSource = try reader.muxedAccount()
      guard let fee = UInt64(exactly: try reader.int64()) else { throw reader.error("the fee is negative") }
      feeInStroops = fee
      guard try reader.uint32() == Self.transactionType else {
        throw reader.error("an unknown type of inner transaction")
      }
      transaction = try StellarTransaction(&reader, isV0: false)
      _ = try Self.signatures(&reader)
      guard try reader.uint32() == 0 else { throw reader.error("an unknown extension of the fee bump") }
      isFeeBump = true
    default: throw reader.error("an unknown type of envelope, \(type)")
    }
    content = Array(reader.bytes(from: 0))
    // V0 transactions are hashed in the form of V1: with the type of the source account's key, 0, before them.
    payload = type == 0 ? [0, 0, 0, 2] + content : content
    (signatureCount, signatures) = try Self.signatures(&reader)
    guard reader.isAtEnd else { throw reader.error("more bytes follow") }
  }

  /// The hash that is signed, which is also the transaction's id.
  package func hash(passphrase: String) -> [UInt8] {
    Hash.sha256(Hash.sha256(Array(passphrase.utf8)) + payload)
  }

  /// Whether there is no room for one more signature.
  var isFull: Bool { signatureCount >= Self.maximumSignatures }

  /// The envelope with one more signature (64 bytes) at the end; it must not be full.
  package func appending(signature: [UInt8], publicKey: [UInt8]) -> [UInt8] {
    let count = UInt8(signatureCount + 1)
    // The hint that says whose it is: the last four bytes of the public key.
    let decorated = Array(publicKey.suffix(4)) + [0, 0, 0, 64] + signature
    return content + [0, 0, 0, count] + signatures + decorated
  }

  private static func signatures(_ reader: inout XDRReader) throws(ChainError) -> (count: Int, bytes: [UInt8])
  {
    let count = try reader.count(max: maximumSignatures)
    let start = reader.at
    for _ in 0..<count {
      try reader.skip(4)
      try reader.variable(max: 64)
    }
    return (count, Array(reader.bytes(from: start)))
  }
}
