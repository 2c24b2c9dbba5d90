import KMSCrypto
import KMSPrimitives

/// A signed transaction of an Ethereum-like chain, read from its bytes, with the sender that its signature proves.
struct EVMTransaction {
  enum Kind: String {
    case legacy
    case accessList = "eip-2930"
    case dynamicFee = "eip-1559"
    case feeCurrency = "cip-64"
  }

  let kind: Kind
  let chainID: UInt64
  let nonce: UInt64
  let gasLimit: UInt64
  /// Price per gas that the sender offers at most, and its part for the block's producer; equal where there is one price.
  let maximumFee: [UInt8]
  let priorityFee: [UInt8]
  /// Nil creates a contract.
  let to: [UInt8]?
  let value: [UInt8]
  let data: [UInt8]
  let accessList: (addresses: UInt64, storageKeys: UInt64)
  let feeCurrency: [UInt8]?
  let sender: [UInt8]
  let txId: String

  /// Reads `raw` and recovers the sender.
  ///
  /// Refuses RLP that is not canonical, unprotected legacy transactions, signatures with a high s (EIP-2), and the
  /// legacy form of Celo with fee currency fields, which its network dropped in March 2025.
  init(_ raw: [UInt8], chain: String) throws(Refusal) {
    guard let first = raw.first else { throw Refusal("typed transaction too short") }
    guard raw.count <= 128 << 10 else {
      throw Refusal("oversized data: transaction size \(raw.count), limit 131072")
    }
    let isLegacy = first >= 0xC0
    let fields = try RLPItem.decode(isLegacy ? raw : Array(raw.dropFirst())).list("transaction")
    if isLegacy {
      kind = .legacy
    } else {
      switch first {
      case 1: kind = .accessList
      case 2: kind = .dynamicFee
      case 0x7B where chain == "CELO": kind = .feeCurrency
      default: throw Refusal("transaction type not supported: 0x\(String(first, radix: 16))")
      }
    }
    if chain == "CELO" && isLegacy && fields.count == 12 {
      throw Refusal("transaction type not supported: legacy transaction with Celo fields")
    }
    let layout = Layout(kind)
    guard fields.count == layout.unsignedCount + 3 else {
      throw Refusal(
        "rlp: \(fields.count) elements where \(layout.unsignedCount + 3) are expected for a \(kind.rawValue) transaction"
      )
    }

    nonce = try fields[layout.nonce].uint64("nonce")
    gasLimit = try fields[layout.gas].uint64("gas limit")
    maximumFee = try fields[layout.maximumFee].integer("gas price")
    priorityFee = try fields[layout.priorityFee].integer("priority fee")
    to = try fields[layout.gas + 1].address("to")
    value = try fields[layout.gas + 2].integer("value")
    data = try fields[layout.gas + 3].bytes("data")
    accessList = kind == .legacy ? (0, 0) : try Self.readAccessList(fields[layout.gas + 4])
    feeCurrency = kind == .feeCurrency ? try fields[9].address("feeCurrency", mayBeEmpty: false) : nil
    guard nonce < .max else { throw Refusal("nonce has max value") }  // EIP-2681
    guard !Quantity.isLess(maximumFee, priorityFee) else {
      throw Refusal("max priority fee per gas higher than max fee per gas")
    }

    let signed: [ArraySlice<UInt8>] = fields.prefix(layout.unsignedCount).map(\.encoded)
    let parity: UInt8
    var preimage: [UInt8]
    if kind == .legacy {
      let v = try fields[6].uint64("v")
      guard v != 27 && v != 28 else {
        throw Refusal("only replay-protected (EIP-155) transactions allowed over RPC")
      }
      guard v >= 37 else { throw Refusal("invalid transaction v, r, s values") }
      chainID = (v - 35) / 2
      parity = UInt8((v - 35) % 2)
      preimage = RLPItem.list(signed + [RLPItem.integer(chainID), [0x80], [0x80]])
    } else {
      chainID = try fields[0].uint64("chainId")
      let bit = try fields[layout.unsignedCount].uint64("yParity")
      guard bit <= 1 else { throw Refusal("invalid transaction v, r, s values") }
      parity = UInt8(bit)
      preimage = [first] + RLPItem.list(signed)
    }
    let r = try fields[layout.unsignedCount + 1].integer("r"),
      s = try fields[layout.unsignedCount + 2].integer("s")
    sender = try Self.recover(r: r, s: s, parity: parity, digest: Hash.keccak256(preimage))
    txId = "0x" + Hex.encode(Hash.keccak256(raw))
  }

  /// What this transaction uses at least (Yellow Paper section 6.2, EIP-2028, EIP-2930).
  ///
  /// Without the price per word of a creation's code (EIP-3860), which not all of these chains have.
  var intrinsicGas: UInt64 {
    Self.gas(data: data, creates: to == nil) + accessList.addresses * 2400 + accessList.storageKeys * 1900
  }

  /// 21,000, the price of the data, and of a creation.
  static func gas(data: [UInt8], creates: Bool) -> UInt64 {
    let zeros = UInt64(data.count { $0 == 0 }), bytes = UInt64(data.count)
    return 21_000 + 4 * zeros + 16 * (bytes - zeros) + (creates ? 32_000 : 0)
  }

  /// The address text of 20 bytes.
  static func text(_ address: [UInt8]) -> String { "0x" + Hex.encode(address) }

  // MARK: Parts

  /// Where the fields of a kind stand.
  private struct Layout {
    let nonce: Int, maximumFee: Int, priorityFee: Int, gas: Int, unsignedCount: Int

    init(_ kind: Kind) {
      switch kind {
      case .legacy: (nonce, maximumFee, priorityFee, gas, unsignedCount) = (0, 1, 1, 2, 6)
      case .accessList: (nonce, maximumFee, priorityFee, gas, unsignedCount) = (1, 2, 2, 3, 8)
      case .dynamicFee: (nonce, maximumFee, priorityFee, gas, unsignedCount) = (1, 3, 2, 4, 9)
      case .feeCurrency: (nonce, maximumFee, priorityFee, gas, unsignedCount) = (1, 3, 2, 4, 10)
      }
    }
  }

  private static func readAccessList(_ item: RLPItem) throws(Refusal) -> (
    addresses: UInt64, storageKeys: UInt64
  ) {
    var counts: (addresses: UInt64, storageKeys: UInt64) = (0, 0)
    for entry in try item.list("access list") {
      let parts = try entry.list("access list entry")
      guard parts.count == 2 else { throw Refusal("rlp: an access list entry has two elements") }
      _ = try parts[0].address("access list address", mayBeEmpty: false)
      counts.addresses += 1
      for key in try parts[1].list("storage keys") {
        guard try key.bytes("storage key").count == 32 else {
          throw Refusal("rlp: a storage key has 32 bytes")
        }
        counts.storageKeys += 1
      }
    }
    return counts
  }

  private static func recover(r: [UInt8], s: [UInt8], parity: UInt8, digest: [UInt8]) throws(Refusal)
    -> [UInt8]
  {
    guard !r.isEmpty, !s.isEmpty, !Quantity.isLess(Secp256k1Order.half, s) else {
      throw Refusal("invalid transaction v, r, s values")
    }
    func padded(_ bytes: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 32 - bytes.count) + bytes }
    guard let signature = try? ECDSASignature(rs: padded(r) + padded(s), recoveryID: parity),
      let publicKey = Secp256k1.recover(signature, digest: digest),
      Secp256k1.verify(signature, digest: digest, publicKey: publicKey)
    else { throw Refusal("invalid sender") }
    return Array(Hash.keccak256(Array(publicKey.dropFirst())).suffix(20))
  }
}
