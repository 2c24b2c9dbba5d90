import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A signed transaction of VeChainThor, read from its bytes, with the sender that its signature proves.
struct VeChainTransaction {
  struct Clause: Equatable {
    /// Lower case with 0x; nil creates a contract.
    let to: String?
    let value: [UInt8]
    let data: [UInt8]
  }

  let chainTag: UInt64
  let blockRef: UInt64
  let expiration: UInt64
  let clauses: [Clause]
  let gasPriceCoef: UInt64
  let gas: UInt64
  let dependsOn: String?
  let nonce: UInt64
  let sender: String
  let id: String

  /// Reads `raw` and recovers the sender. Refuses features, as the delegation of fees, and signatures with a high s.
  init(_ raw: [UInt8]) throws(Refusal) {
    let fields = try RLPItem.decode(raw).list("transaction")
    guard fields.count == 10 else {
      throw Refusal("bad tx: rlp: \(fields.count) elements where 10 are expected")
    }
    chainTag = try fields[0].uint64("chain tag")
    blockRef = try fields[1].uint64("block ref")
    expiration = try fields[2].uint64("expiration")
    gasPriceCoef = try fields[4].uint64("gas price coef")
    gas = try fields[5].uint64("gas")
    nonce = try fields[7].uint64("nonce")
    guard chainTag < 256, gasPriceCoef < 256, expiration < 1 << 32 else {
      throw Refusal("bad tx: rlp: value too large")
    }
    let dependency = try fields[6].bytes("depends on")
    guard dependency.isEmpty || dependency.count == 32 else { throw Refusal("bad tx: rlp: depends on") }
    dependsOn = dependency.isEmpty ? nil : "0x" + Hex.encode(dependency)
    guard try fields[8].list("reserved").isEmpty else { throw Refusal("bad tx: unsupported features") }
    var clauses: [Clause] = []
    for item in try fields[3].list("clauses") {
      let parts = try item.list("clause")
      guard parts.count == 3 else { throw Refusal("bad tx: rlp: a clause has three elements") }
      clauses.append(
        Clause(
          to: try parts[0].address("to").map { "0x" + Hex.encode($0) }, value: try parts[1].integer("value"),
          data: try parts[2].bytes("data")))
    }
    self.clauses = clauses

    let bytes = try fields[9].bytes("signature")
    let digest = Hash.blake2b(RLPItem.list(fields.prefix(9).map(\.encoded)), count: 32)
    guard bytes.count == 65, bytes[64] <= 1,
      !Quantity.isLess(Secp256k1Order.half, Array(bytes[32..<64].drop { $0 == 0 })),
      let signature = try? ECDSASignature(rs: Array(bytes.prefix(64)), recoveryID: bytes[64]),
      let publicKey = Secp256k1.recover(signature, digest: digest),
      Secp256k1.verify(signature, digest: digest, publicKey: publicKey)
    else { throw Refusal("bad tx: invalid signature") }
    let address = Array(Hash.keccak256(Array(publicKey.dropFirst())).suffix(20))
    sender = "0x" + Hex.encode(address)
    id = "0x" + Hex.encode(Hash.blake2b(digest + address, count: 32))
  }

  /// What it uses at least (docs.vechain.org, "Transaction calculation").
  var intrinsicGas: UInt64 {
    if clauses.isEmpty { return 21_000 }
    return clauses.reduce(5000) { gas, clause in
      let zeros = UInt64(clause.data.count { $0 == 0 }), bytes = UInt64(clause.data.count)
      return gas + (clause.to == nil ? 48_000 : 16_000) + 4 * zeros + 68 * (bytes - zeros)
    }
  }
}

extension VeChainTransaction.Clause {
  /// What a pending transaction asks for.
  init(_ json: JSONValue) {
    to = json["to"]?.string.map { $0.lowercased().hasPrefix("0x") ? $0.lowercased() : "0x" + $0.lowercased() }
    value = json["value"].flatMap(Quantity.bytes) ?? []
    data = (json["data"] ?? json["input"])?.string.flatMap { Hex.decodePrefixed($0) } ?? []
  }

  var json: JSONValue {
    [
      "to": to.map { .string($0) } ?? .null, "value": .string(Quantity.decimal(value)),
      "data": .string("0x" + Hex.encode(data)),
    ]
  }
}
