internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords

/// The keys of a request, by what they can sign; found in constant time, however many inputs there are.
struct InputKeys {
  /// A key with its public key as its wallet uses it.
  struct Signer {
    let key: Secp256k1PrivateKey
    /// 33 or 65 bytes.
    let publicKey: [UInt8]
    /// HASH160 of `publicKey`.
    let hash: [UInt8]

    init(_ key: PrivateKeyMaterial) throws(ChainError) {
      self.key = try key.secp256k1Signer()
      publicKey = key.publicKey
      hash = Hash.hash160(key.publicKey)
    }

    var isCompressed: Bool { publicKey.count == 33 }

    /// `OP_0 <hash>`: the program of P2WPKH and, hashed, of P2SH-P2WPKH.
    var witnessProgram: [UInt8] { LockingScript.witnessScript(version: 0, program: hash) }
  }

  private var byHash: [[UInt8]: Signer] = [:]
  private var byNestedHash: [[UInt8]: Signer] = [:]
  private var byPublicKey: [[UInt8]: Signer] = [:]

  init(_ keys: [SigningKey]) throws(ChainError) {
    for key in keys where byPublicKey[key.privateKey.publicKey] == nil {
      let signer = try Signer(key.privateKey)
      byPublicKey[signer.publicKey] = signer
      byHash[signer.hash] = signer
      // SegWit takes compressed keys only (BIP-143).
      if signer.isCompressed { byNestedHash[Hash.hash160(signer.witnessProgram)] = signer }
    }
  }

  var isEmpty: Bool { byPublicKey.isEmpty }

  subscript(publicKey publicKey: [UInt8]) -> Signer? { byPublicKey[publicKey] }
  subscript(hash hash: [UInt8]) -> Signer? { byHash[hash] }
  subscript(nestedHash hash: [UInt8]) -> Signer? { byNestedHash[hash] }
}
