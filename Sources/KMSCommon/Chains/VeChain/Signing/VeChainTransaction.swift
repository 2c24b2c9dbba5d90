internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// A complete transaction of VeChainThor in the format before VIP-251, ready to be hashed and signed
/// (docs.vechain.org, "Transaction model").
struct VeChainTransaction: Hashable, Sendable {
  /// The last byte of the genesis block's id: the network.
  var chainTag: UInt8
  /// The first 8 bytes of the id of a recent block; the first 4 of them are its number.
  var blockRef: UInt64
  /// How many blocks after that one it may be included.
  var expiration: UInt32
  /// What it does, in order, all or nothing.
  var clauses: [VeChainClause]
  /// How much more than the base price is paid for gas, in 255ths.
  var gasPriceCoef: UInt8
  /// How much gas it may use.
  var gas: UInt64
  /// The id of a transaction that must be included before, 32 bytes.
  var dependsOn: [UInt8]?
  /// Any number; tells otherwise equal transactions apart.
  var nonce: UInt64

  /// What goes to the network, and its id.
  struct Signed: Hashable, Sendable {
    /// The encoded transaction.
    let bytes: [UInt8]
    /// The BLAKE2b-256 hash of signing digest and sender.
    let id: [UInt8]
  }

  /// The number of the block that `blockRef` names.
  static func blockNumber(of blockRef: UInt64) -> UInt64 { blockRef >> 32 }

  // MARK: Limits

  /// The last block that may include it.
  var lastValidBlock: UInt64 { Self.blockNumber(of: blockRef) + UInt64(expiration) }

  /// The price of a unit of gas in wei of VTHO, at most: 10^15, the base price since the genesis block, and
  /// `gasPriceCoef` 255ths of it (docs.vechain.org, "Transaction calculation"). Never above 2 × 10^15.
  var maximumGasPrice: UInt64 {
    let base: UInt64 = 1_000_000_000_000_000
    return base + base * UInt64(gasPriceCoef) / 255
  }

  // MARK: Signing

  /// The digest that is signed: BLAKE2b-256 of the encoded fields.
  var signingDigest: [UInt8] { Hash.blake2b(Self.list(fields()), count: 32) }

  /// Signs with `key`, whose address is `sender`. Deterministic (RFC 6979), s in the lower half.
  func signed(with key: Secp256k1PrivateKey, sender: EVMAddress) throws(CryptoError) -> Signed {
    let digest = signingDigest
    let signature = try key.sign(digest: digest)
    var all = fields()
    RLP.append(signature.rs + [signature.recoveryID], to: &all)
    return Signed(bytes: Self.list(all), id: Hash.blake2b(digest + sender.bytes, count: 32))
  }

  /// The fields that signed and unsigned form have in common, encoded, without the list's header.
  private func fields() -> [UInt8] {
    var out: [UInt8] = []
    RLP.append(UInt64(chainTag), to: &out)
    RLP.append(blockRef, to: &out)
    RLP.append(UInt64(expiration), to: &out)
    var list: [UInt8] = []
    for clause in clauses {
      var item: [UInt8] = []
      RLP.append(clause.to?.bytes ?? [], to: &item)
      RLP.append(clause.value, to: &item)
      RLP.append(clause.data, to: &item)
      list += Self.list(item)
    }
    out += Self.list(list)
    RLP.append(UInt64(gasPriceCoef), to: &out)
    RLP.append(gas, to: &out)
    RLP.append(dependsOn ?? [], to: &out)
    RLP.append(nonce, to: &out)
    // Reserved: no features, so no delegation of fees (VIP-191).
    RLP.appendListHeader(payloadCount: 0, to: &out)
    return out
  }

  private static func list(_ payload: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    RLP.appendListHeader(payloadCount: payload.count, to: &out)
    return out + payload
  }
}
