package import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// The m-of-n script behind a P2SH or P2WSH output, as bitcore's JSON carries it: `publicKeys` and `threshold` of
/// the input, and signatures that others have made.
package struct MultisigScript: Sendable {
  package let threshold: Int
  /// In the order of the script.
  package let publicKeys: [[UInt8]]
  /// Signatures that others have made, by public key; not verified yet.
  package let signatures: [[UInt8]: ECDSASignature]

  /// 15 compressed keys are all that P2SH's limit of 520 bytes holds (BIP-16).
  private static let maximumKeys = 15

  /// `OP_m <keys> OP_n OP_CHECKMULTISIG`.
  package var script: [UInt8] {
    var writer = BitcoinWriter()
    writer.append(byte: 0x50 + UInt8(threshold))
    for key in publicKeys { writer.append(push: key) }
    writer.append(byte: 0x50 + UInt8(publicKeys.count))
    writer.append(byte: 0xae)
    return writer.bytes
  }

  /// The same keys sorted, as bitcore puts them into the script unless it is told not to.
  package var sorted: MultisigScript {
    MultisigScript(
      threshold: threshold, publicKeys: publicKeys.sorted { $0.lexicographicallyPrecedes($1) },
      signatures: signatures)
  }

  private init(threshold: Int, publicKeys: [[UInt8]], signatures: [[UInt8]: ECDSASignature]) {
    self.threshold = threshold
    self.publicKeys = publicKeys
    self.signatures = signatures
  }

  /// Reads the members of an input; nil when it has none of them.
  package init?(_ input: BitcoreTransaction.Member) throws(ChainError) {
    guard let list = input.json["publicKeys"] else { return nil }
    guard let items = list.array, (1...Self.maximumKeys).contains(items.count) else {
      throw .malformed("\(input.name).publicKeys is not a list of 1 to \(Self.maximumKeys) keys")
    }
    var keys: [[UInt8]] = []
    for item in items {
      guard let key = item.string.flatMap({ Hex.decode($0) }), Secp256k1.isValidPublicKey(key) else {
        throw .malformed("\(input.name).publicKeys has an item that is no public key")
      }
      keys.append(key)
    }
    guard Set(keys).count == keys.count else {
      throw .malformed("\(input.name).publicKeys names a key twice")
    }
    let threshold = Int(try input.integer("threshold", atMost: UInt64(keys.count)))
    guard threshold > 0 else { throw .malformed("\(input.name).threshold is 0") }
    self.init(threshold: threshold, publicKeys: keys, signatures: try Self.signatures(input))
  }

  private static func signatures(_ input: BitcoreTransaction.Member) throws(ChainError)
    -> [[UInt8]: ECDSASignature]
  {
    guard let list = input.json["signatures"] else { return [:] }
    guard let items = list.array, items.count <= maximumKeys else {
      throw .malformed("\(input.name).signatures is not a list of at most \(maximumKeys) items")
    }
    var signatures: [[UInt8]: ECDSASignature] = [:]
    for item in items where !item.isNull {
      guard let key = item["publicKey"]?.string.flatMap({ Hex.decode($0) }),
        let der = item["signature"]?.string.flatMap({ Hex.decode($0) }),
        let signature = ECDSASignature(der: der),
        item["sigtype"]?.uint64 == UInt64(BitcoinTransaction.signatureHashAll)
      else {
        throw .malformed(
          "\(input.name).signatures has an item without publicKey, DER signature and sigtype 1 (SIGHASH_ALL)")
      }
      signatures[key] = signature
    }
    return signatures
  }
}
