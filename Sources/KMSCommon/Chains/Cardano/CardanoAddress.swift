internal import KMSCrypto
internal import KMSPrimitives

/// An address of Cardano: the bytes that a transaction output holds.
package struct CardanoAddress: Hashable, Sendable {
  /// Header and content (CIP-19), or the CBOR of a Byron address.
  package let bytes: [UInt8]

  /// The enterprise address of a public key of 32 bytes: header `61` on the main network, `60` on test networks, and the
  /// BLAKE2b-224 hash of the key (CIP-19, type 6).
  package static func enterprise(publicKey: [UInt8], testnet: Bool) -> CardanoAddress {
    enterprise(keyHash: keyHash(publicKey), testnet: testnet)
  }

  /// The same of the hash of the key (28 bytes).
  package static func enterprise(keyHash: [UInt8], testnet: Bool) -> CardanoAddress {
    CardanoAddress(bytes: [testnet ? 0x60 : 0x61] + keyHash)
  }

  /// The BLAKE2b-224 hash by which addresses name a key.
  package static func keyHash(_ publicKey: [UInt8]) -> [UInt8] { Hash.blake2b(publicKey, count: 28) }

  /// The Bech32 text of a Shelley address.
  package var bech32Text: String {
    let isTestnet = bytes.first.map { $0 & 15 == 0 } ?? false
    return Bech32.encodeBytes(hrp: isTestnet ? "addr_test" : "addr", bytes: bytes)
  }

  /// The hash of the key that spends what lies here (28 bytes); nil where a script does, and for Byron addresses.
  package var paymentKeyHash: [UInt8]? {
    // Base with a key or a script for the stake part, pointer, enterprise.
    guard let header = bytes.first, [0, 2, 4, 6].contains(header >> 4), bytes.count >= 29 else { return nil }
    return Array(bytes[1..<29])
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  // MARK: Reading

  /// Reads base, pointer and enterprise addresses (Bech32) and Byron addresses (Base58) of the given network.
  ///
  /// - Throws: `malformed-transaction` naming `member`: also for an address of the other network, a stake address, and a
  ///   Byron address with a wrong checksum.
  package init(_ text: String, testnet: Bool, member: String) throws(ChainError) {
    // Base addresses have 103 or 108 characters, Byron addresses of the first wallets 104; nothing is longer.
    guard text.utf8.count <= 160 else { throw .malformed("\(member) is too long for an address") }
    let prefix = testnet ? "addr_test" : "addr"
    if let bytes = Bech32.decodeBytes(text, hrp: prefix, maximumLength: 160) {
      guard Self.isShelley(bytes, testnet: testnet) else {
        throw .malformed("\(member) is not a payment address of this network")
      }
      self.bytes = bytes
    } else if Bech32.decodeBytes(text, hrp: testnet ? "addr" : "addr_test", maximumLength: 160) != nil {
      throw .malformed("\(member) is an address of \(testnet ? "mainnet" : "a testnet")")
    } else {
      guard let bytes = Base58.decode(text), let isOfTestnet = Self.byronNetwork(bytes) else {
        throw .malformed("\(member) is not an address of Cardano")
      }
      guard isOfTestnet == testnet else {
        throw .malformed("\(member) is an address of \(testnet ? "mainnet" : "a testnet")")
      }
      self.bytes = bytes
    }
  }

  /// CIP-19: the type in the upper half of the header says how much follows, the network is in the lower half.
  private static func isShelley(_ bytes: [UInt8], testnet: Bool) -> Bool {
    guard let header = bytes.first, header & 15 == (testnet ? 0 : 1) else { return false }
    switch header >> 4 {
    case 0...3: return bytes.count == 57
    // A pointer: three numbers of variable length, of at most ten bytes each.
    case 4, 5: return (32...59).contains(bytes.count)
    case 6, 7: return bytes.count == 29
    default: return false
    }
  }

  /// Whether a Byron address is for a test network; nil when the bytes are not one.
  ///
  /// `[24(<< [root hash, attributes, type] >>), CRC-32]` (CIP-19, Byron addresses); attribute 2 is the magic number of a
  /// test network.
  private static func byronNetwork(_ bytes: [UInt8]) -> Bool? {
    guard case .array(let parts)? = try? CBOR.decode(bytes), parts.count == 2,
      case .tag(24, .bytes(let payload)) = parts[0], case .unsigned(let checksum) = parts[1],
      checksum == UInt64(crc32(payload)),
      case .array(let fields)? = try? CBOR.decode(payload), fields.count == 3,
      case .bytes(let root) = fields[0], root.count == 28, case .map(let attributes) = fields[1],
      case .unsigned = fields[2]
    else { return nil }
    return attributes.contains { $0.key == .unsigned(2) }
  }

  /// CRC-32 as in ISO 3309 and zlib.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var remainder: UInt32 = .max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~remainder
  }
}
