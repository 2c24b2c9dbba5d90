public import KMSCrypto
internal import KMSPrimitives

/// A key of the vault on its way to the one program that needs it.
///
/// On a pipe it is one ASCII line: `vault:`, `view:` or `approve:`, then 64 hexadecimal digits. The name in front
/// lets a program refuse a key that is not its own.
///
/// It can't be copied: who opens a vault with it or writes its line has used it up, and who checks approvals with it is its
/// only owner.
public struct StageKey: ~Copyable, Sendable {
  /// What the key opens.
  public enum Kind: String, Sendable, CaseIterable {
    /// Everything; the other two are derived from it. For kms-sign.
    case vault
    /// The public side of wallets. For kms-fetch.
    case view
    /// Stamps and checks approvals. For kms-verify.
    case approve
  }

  /// What the key opens.
  public let kind: Kind
  /// 32 bytes.
  public let secret: SecretBytes
  /// HMAC under an approve key, which every record of a poll asks for: what depends on the key alone is computed once. Nil
  /// for other kinds.
  let hmac: HMACKey?

  /// Creates a key of 32 bytes; nil for another length.
  public init?(_ kind: Kind, _ secret: SecretBytes) {
    guard secret.count == 32 else { return nil }
    self.kind = kind
    self.secret = secret
    hmac = kind == .approve ? try? HMACKey(secret) : nil
  }

  /// Reads one line, with or without its newline; nil when it is not a key.
  public init?(line: SecretBytes) throws {
    var found: (Kind, SecretBytes)?
    for kind in Kind.allCases {
      let prefix = Array("\(kind.rawValue):".utf8)
      let digits: Range<Int>? = line.withBytes { text in
        guard text.starts(with: prefix) else { return nil }
        let end = text.last == UInt8(ascii: "\n") ? text.count - 1 : text.count
        return end == prefix.count + 64 ? prefix.count..<end : nil
      }
      if let digits, let secret = try line.slice(digits).hexDecoded() { found = (kind, secret) }
    }
    guard let (kind, secret) = found else { return nil }
    self.init(kind, secret)
  }

  /// The line, with its newline; the key is used up.
  public consuming func line() throws -> SecretBytes {
    let prefix = Array("\(kind.rawValue):".utf8)
    let hex = try secret.hexEncoded()
    return try SecretBytes(
      count: prefix.count + 65,
      writing: { out in
        out.write(prefix)
        hex.withBytes { out.write($0, at: prefix.count) }
        out[prefix.count + 64] = UInt8(ascii: "\n")
      })
  }
}
