import KMSCrypto
import KMSPrimitives
import KMSRecords

/// The signatures of one transaction, and which of them were of use.
struct StellarSignatures {
  private let signatures: [StellarEnvelopeRead.Signature]
  private let hash: [UInt8]
  private var used: Set<Int> = []

  init(_ signed: StellarEnvelopeRead.Signed, passphrase: String) {
    signatures = signed.signatures
    hash = signed.hash(passphrase: passphrase)
  }

  /// Whether every signature was needed; the network refuses others.
  var allUsed: Bool { used.count == signatures.count }

  /// Whether there is a signature by one of these keys, under its hint.
  mutating func authorizes(_ addresses: [String]) -> Bool {
    for (i, signature) in signatures.enumerated() {
      for key in addresses.compactMap({ StellarKey.key($0) })
      where signature.hint == key.suffix(4) && Ed25519.verify(signature.bytes, hash, publicKey: key) {
        used.insert(i)
        return true
      }
    }
    return false
  }

  /// The same for a signer that a transaction asks for in addition (CAP-21): a key or the preimage of a hash.
  mutating func authorizes(extra signer: JSONValue) -> Bool {
    if let key = signer["ed25519"]?.string { return authorizes([key]) }
    guard let digest = signer["hashX"]?.string.flatMap({ Hex.decode($0) }) else { return false }
    for (i, signature) in signatures.enumerated()
    where signature.hint == digest.suffix(4) && Hash.sha256(signature.bytes) == digest {
      used.insert(i)
      return true
    }
    return false
  }
}
