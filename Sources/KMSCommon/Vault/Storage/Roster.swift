internal import KMSCrypto
internal import KMSPrimitives

/// Which wallets there are, authenticated: a hash tree over the signature IDs.
///
/// A lost or added row would go unnoticed if only rows were sealed. So the IDs of one chain and network, sorted,
/// fall into up to 256 buckets by their first two hexadecimal digits; the roster has the count and the SHA-256
/// of each bucket, and the sealed census has the SHA-256 of each roster. Storing one wallet hashes one bucket,
/// whatever the size of the vault; listing a chain checks all that it lists.
enum Roster {
  struct Bucket: Equatable {
    let prefix: UInt8
    let count: UInt32
    let digest: [UInt8]
  }

  private static let entrySize = 1 + 4 + 32

  /// Bytes of the column `buckets`: 37 for each bucket with wallets, in ascending order of the prefix.
  static func encode(_ buckets: [Bucket]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(buckets.count * entrySize)
    for bucket in buckets {
      out.append(bucket.prefix)
      for shift in [24, 16, 8, 0] as [UInt32] { out.append(UInt8(truncatingIfNeeded: bucket.count >> shift)) }
      out.append(contentsOf: bucket.digest)
    }
    return out
  }

  static func decode(_ bytes: [UInt8]) -> [Bucket]? {
    guard bytes.count % entrySize == 0 else { return nil }
    var buckets: [Bucket] = []
    for start in stride(from: 0, to: bytes.count, by: entrySize) {
      let entry = bytes[start..<start + entrySize]
      let count = UInt32(bigEndianBytes: entry.dropFirst().prefix(4))
      guard let prefix = entry.first, buckets.last.map({ $0.prefix < prefix }) ?? true, count > 0 else {
        return nil
      }
      buckets.append(Bucket(prefix: prefix, count: count, digest: Array(entry.suffix(32))))
    }
    return buckets
  }

  /// Collects IDs in ascending order and yields the buckets that they make.
  struct Collector {
    private(set) var buckets: [Bucket] = []
    private var prefix: UInt8?
    private var count: UInt32 = 0
    private var bytes: [UInt8] = []

    /// Adds one ID: 36 ASCII characters, of which the first two are hexadecimal digits; false for anything else.
    mutating func add(_ signatureID: Span<UInt8>) -> Bool {
      guard let new = Roster.prefix(of: signatureID) else { return false }
      if new != prefix {
        finishBucket()
        prefix = new
      }
      count += 1
      bytes.append(contentsOf: signatureID)
      return true
    }

    mutating func add(_ signatureID: String) -> Bool { add(signatureID.utf8.span) }

    /// The buckets of everything added.
    mutating func finish() -> [Bucket] {
      finishBucket()
      return buckets
    }

    private mutating func finishBucket() {
      if let prefix {
        buckets.append(Bucket(prefix: prefix, count: count, digest: Hash.sha256(bytes)))
      }
      prefix = nil
      count = 0
      bytes.removeAll(keepingCapacity: true)
    }
  }

  /// The bucket of an ID in lower case; nil when the text can't be an ID.
  static func prefix(of signatureID: Span<UInt8>) -> UInt8? {
    guard signatureID.count == 36, let high = digit(signatureID[0]), let low = digit(signatureID[1]) else {
      return nil
    }
    return high << 4 | low
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 48...57: character - 48
    case 97...102: character - 87
    default: nil
    }
  }

  /// The text range of a bucket: IDs from `low` up to, not including, `high`.
  static func range(of prefix: UInt8) -> (low: String, high: String) {
    (Hex.encode([prefix]), prefix == 0xff ? "g" : Hex.encode([prefix + 1]))
  }
}

/// The sealed root of all rosters: one entry for each chain and network with wallets.
struct Census: Equatable {
  struct Key: Hashable, Comparable {
    let chain: String
    let testnet: Bool

    static func < (a: Key, b: Key) -> Bool {
      // By the bytes of the name, as SQLite's BINARY collation sorts.
      a.chain == b.chain ? !a.testnet && b.testnet : a.chain.utf8.lexicographicallyPrecedes(b.chain.utf8)
    }
  }

  struct Entry: Equatable {
    var count: UInt64
    /// SHA-256 of the roster's bytes.
    var roster: [UInt8]
  }

  var entries: [Key: Entry] = [:]

  /// For each entry in ascending order: chain (with its length), a byte for the network, the count as 8 bytes
  /// big-endian, the digest.
  func encoded() -> [UInt8] {
    var out: [UInt8] = []
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
      out += VaultFormat.fields(key.chain)
      out.append(key.testnet ? 1 : 0)
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        out.append(UInt8(truncatingIfNeeded: entry.count >> shift))
      }
      out += entry.roster
    }
    return out
  }

  init() {}

  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    while !rest.isEmpty {
      guard let length = take(4).map({ Int(UInt32(bigEndianBytes: $0)) }), let name = take(length),
        let network = take(1)?.first, network < 2,
        let count = take(8).map({ UInt64(bigEndianBytes: $0) }),
        let roster = take(32)
      else { return nil }
      entries[Key(chain: String(decoding: name, as: UTF8.self), testnet: network == 1)] = Entry(
        count: count, roster: Array(roster))
    }
  }
}
