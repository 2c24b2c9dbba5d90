internal import KMSCrypto
internal import KMSPrimitives

/// The constants and encodings of docs/vault.md.
package enum VaultFormat {
  /// `TKMS` in ASCII.
  static let applicationID: Int64 = 0x544B_4D53

  /// The versions that this program reads. It makes vaults of the newest, and `rekey` brings an older one up to it.
  enum Version: Int64, CaseIterable {
    /// Without a policy.
    case one = 1
    /// With a policy: what the signer demands of approvals.
    case two = 2

    static let newest = Version.two

    /// The name of the format; part of everything that is sealed or derived, so that nobody turns a vault into one of
    /// another version without its key.
    var name: String { "tatum-kms vault \(rawValue)" }

    /// The schema, text for text: a file with another one is refused.
    var schema: [(name: String, sql: String)] {
      self == .one ? VaultFormat.firstSchema : VaultFormat.firstSchema + [VaultFormat.policyTable]
    }
  }

  /// What version 2 added.
  static let policyTable = (
    name: "policy",
    sql: "CREATE TABLE policy (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT"
  )

  private static let firstSchema: [(name: String, sql: String)] = [
    (
      "census",
      "CREATE TABLE census (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT"
    ),
    (
      "meta",
      "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), vault_id BLOB NOT NULL, kdf TEXT NOT NULL, "
        + "kdf_memory_kib INTEGER NOT NULL, kdf_passes INTEGER NOT NULL, kdf_salt BLOB NOT NULL, "
        + "sealed_key BLOB NOT NULL, key_check BLOB NOT NULL) STRICT"
    ),
    (
      "roster",
      "CREATE TABLE roster (chain TEXT NOT NULL, testnet INTEGER NOT NULL, buckets BLOB NOT NULL, "
        + "PRIMARY KEY (chain, testnet)) STRICT, WITHOUT ROWID"
    ),
    (
      "wallet",
      "CREATE TABLE wallet (number INTEGER PRIMARY KEY, signature_id TEXT NOT NULL UNIQUE, "
        + "chain TEXT NOT NULL, testnet INTEGER NOT NULL, kind TEXT NOT NULL, identity BLOB, "
        + "public BLOB NOT NULL, secret BLOB NOT NULL) STRICT"
    ),
    ("wallet_by_chain", "CREATE INDEX wallet_by_chain ON wallet (chain, testnet, signature_id)"),
    (
      "wallet_by_identity",
      "CREATE INDEX wallet_by_identity ON wallet (identity) WHERE identity IS NOT NULL"
    ),
  ]

  /// Byte strings, each with its length as 4 bytes big-endian in front: two lists never encode alike.
  package static func fields(_ parts: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(parts.reduce(0) { $0 + $1.count + 4 })
    for part in parts {
      out.append(bigEndian: UInt32(clamping: part.count))
      out.append(contentsOf: part)
    }
    return out
  }

  package static func fields(_ texts: String...) -> [UInt8] { fields(texts.map { Array($0.utf8) }) }
}
