internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// A complete transaction of an EVM chain, ready to be hashed and signed.
struct EVMTransaction: Hashable, Sendable {
  /// The chain for which the signature is valid; below 2^62, so that the `v` of EIP-155 has 64 bits.
  var chainID: UInt64
  /// The sender's transaction count.
  var nonce: UInt64
  /// How much gas it may use.
  var gasLimit: UInt64
  /// The receiver; nil creates a contract.
  var to: EVMAddress?
  /// The amount in wei.
  var value: UInt256
  /// The call's input, or the code that creates the contract.
  var data: [UInt8]
  /// What decides the type: how the fee is offered.
  var fee: Fee
  /// The storage that the transaction announces; always empty in a legacy transaction.
  var accessList: [EVMAccessListEntry] = []

  /// The fee offer, per unit of gas, in wei (CIP-64: in the smallest unit of the fee currency).
  enum Fee: Hashable, Sendable {
    /// No type byte; protected against replay by EIP-155.
    case legacy(gasPrice: UInt256)
    /// Type 1, EIP-2930.
    case accessList(gasPrice: UInt256)
    /// Type 2, EIP-1559.
    case dynamic(maxPriorityFeePerGas: UInt256, maxFeePerGas: UInt256)
    /// Type 123, CIP-64 of Celo: type 2 with the token that pays the fee.
    case celoDynamic(maxPriorityFeePerGas: UInt256, maxFeePerGas: UInt256, feeCurrency: EVMAddress)
  }

  /// What goes to the network, and its hash, the transaction id.
  struct Signed: Hashable, Sendable {
    /// The encoded transaction.
    let bytes: [UInt8]
    /// Its Keccak-256 hash.
    let hash: [UInt8]
  }

  // MARK: Limits

  /// The most that a unit of gas can cost.
  var maximumGasPrice: UInt256 {
    switch fee {
    case .legacy(let price), .accessList(let price): price
    case .dynamic(_, let price), .celoDynamic(_, let price, _): price
    }
  }

  // MARK: Signing

  /// The digest that is signed.
  var signingDigest: [UInt8] {
    var out = fields()
    return digest(&out)
  }

  /// Signs with `key`. Deterministic (RFC 6979), s in the lower half.
  func signed(with key: Secp256k1PrivateKey) throws(CryptoError) -> Signed {
    var out = fields()
    let end = out.count
    let signature = try key.sign(digest: digest(&out))
    out.removeLast(out.count - end)
    switch fee {
    case .legacy: RLP.append(UInt64(signature.recoveryID) &+ 35 &+ 2 &* chainID, to: &out)  // EIP-155
    default: RLP.append(UInt64(signature.recoveryID), to: &out)
    }
    RLP.append(signature.r.drop { $0 == 0 }, to: &out)
    RLP.append(signature.s.drop { $0 == 0 }, to: &out)
    let bytes = Array(out[putHead(in: &out)...])
    return Signed(bytes: bytes, hash: Hash.keccak256(bytes))
  }

  /// Hashes what is signed: the fields in `out`, and after them EIP-155's chain id and two zeros in a legacy transaction.
  private func digest(_ out: inout [UInt8]) -> [UInt8] {
    if case .legacy = fee {
      RLP.append(chainID, to: &out)
      out.append(0x80)
      out.append(0x80)
    }
    let start = putHead(in: &out)
    return Hash.keccak256(out.span.extracting(start...))
  }

  /// Room in front of the fields, for the type byte and the longest header of a list: signed and unsigned form are made in
  /// one buffer.
  private static let room = 1 + RLP.longestHeader

  /// Puts the list's header, and the type byte (EIP-2718) unless legacy, in front of the items; returns where it begins.
  private func putHead(in out: inout [UInt8]) -> Int {
    let start = RLP.putListHeader(before: Self.room, in: &out)
    switch fee {
    case .legacy: return start
    case .accessList: out[start - 1] = 1
    case .dynamic: out[start - 1] = 2
    case .celoDynamic: out[start - 1] = 0x7B
    }
    return start - 1
  }

  /// The fields that signed and unsigned form have in common, encoded, behind `room`.
  private func fields() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(Self.room + 256 + data.count + accessListSize)
    for _ in 0..<Self.room { out.append(0) }
    switch fee {
    case .legacy(let gasPrice):
      RLP.append(nonce, to: &out)
      RLP.append(gasPrice, to: &out)
    case .accessList(let gasPrice):
      RLP.append(chainID, to: &out)
      RLP.append(nonce, to: &out)
      RLP.append(gasPrice, to: &out)
    case .dynamic(let priority, let maximum), .celoDynamic(let priority, let maximum, _):
      RLP.append(chainID, to: &out)
      RLP.append(nonce, to: &out)
      RLP.append(priority, to: &out)
      RLP.append(maximum, to: &out)
    }
    RLP.append(gasLimit, to: &out)
    Self.append(to, to: &out)
    RLP.append(value, to: &out)
    RLP.append(data, to: &out)
    if case .legacy = fee { return out }
    appendAccessList(to: &out)
    if case .celoDynamic(_, _, let feeCurrency) = fee { Self.append(feeCurrency, to: &out) }
    return out
  }

  private static func append(_ address: EVMAddress?, to out: inout [UInt8]) {
    guard let address else {
      out.append(0x80)
      return
    }
    out.append(0x80 + 20)
    address.append(to: &out)
  }

  /// The size of the encoded access list, give or take its headers.
  private var accessListSize: Int { accessList.reduce(0) { $0 + 40 + $1.storageKeys.count * 33 } }

  private func appendAccessList(to out: inout [UInt8]) {
    var payload: [UInt8] = []
    payload.reserveCapacity(accessListSize)
    for entry in accessList {
      var keys: [UInt8] = []
      keys.reserveCapacity(entry.storageKeys.count * 33)
      for key in entry.storageKeys { RLP.append(key, to: &keys) }
      var item: [UInt8] = []
      item.reserveCapacity(keys.count + 30)
      Self.append(entry.address, to: &item)
      RLP.appendListHeader(payloadCount: keys.count, to: &item)
      item += keys
      RLP.appendListHeader(payloadCount: item.count, to: &payload)
      payload += item
    }
    RLP.appendListHeader(payloadCount: payload.count, to: &out)
    out += payload
  }
}
