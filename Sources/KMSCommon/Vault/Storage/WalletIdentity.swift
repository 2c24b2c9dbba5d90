/// What of a wallet stands in the file in clear.
public struct WalletIdentity: Hashable, Sendable {
  /// A UUID in lower case.
  public let signatureID: String
  /// The chain's name.
  public let chain: String
  /// Whether it is of a test network.
  public let testnet: Bool
}

extension Vault {
  /// The wallets of a vault by what stands in the file in clear, unchecked: for proposals while somebody types, and for nothing that
  /// is relied on.
  ///
  /// Reads only: a vault in the middle of a change, or after a crash, has none.
  /// - Throws: as `open(at:password:)` before it tries the password.
  public static func identities(at path: String, startingWith prefix: String, limit: Int) throws
    -> [WalletIdentity]
  {
    guard let file = PrivateFile.resolve(path), DatabaseFiles.present(at: file) == [file] else { return [] }
    let connection = try VaultConnection(opening: file)
    var found: [WalletIdentity] = []
    try connection.reading {
      try connection.database.query(
        "SELECT signature_id, chain, testnet FROM wallet WHERE signature_id >= ? ORDER BY signature_id LIMIT ?",
        [.text(prefix), .integer(Int64(limit))]
      ) { row in
        let id = row.text(0)
        guard id.hasPrefix(prefix) else { return false }
        let chain = row.text(1)
        let isPlain =
          id.utf8.count == 36
          && id.utf8.allSatisfy {
            (48...57).contains($0) || (97...102).contains($0) || $0 == UInt8(ascii: "-")
          }
        let isName =
          chain.utf8.count <= 8 && chain.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) }
        if isPlain, isName {
          found.append(WalletIdentity(signatureID: id, chain: chain, testnet: row.integer(2) != 0))
        }
        return true
      }
    }
    return found
  }
}
