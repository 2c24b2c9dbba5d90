internal import KMSCrypto
internal import KMSPrimitives

/// An approver's answer that can be checked: a JSON Web Signature in compact form (RFC 7515), `EdDSA` over Ed25519
/// (RFC 8037), with the claims `digest`, `approved`, `iat` and `exp`. docs/approvals.md is normative.
///
/// Strict: one algorithm, no key and no address of a key from the header, no critical extensions.
public struct SignedApproval: Sendable {
  /// The SHA-256 of what is approved (`Approval.digest`), 32 bytes.
  public let digest: [UInt8]
  /// Whether the answer is a yes.
  public let approved: Bool
  /// When it was made, in seconds since 1970.
  public let issuedAt: Int64
  /// Until when it holds.
  public let expiresAt: Int64

  private let signed: [UInt8]
  private let signature: [UInt8]

  /// The longest text that is read, in bytes.
  public static let maximumLength = 4096

  /// Reads a compact JWS. The signature is not checked yet: see `isSigned(by:)`.
  ///
  /// - Throws: `Problem` when the text is none, its header names anything but `EdDSA`, or a claim is missing.
  public init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.maximumLength else { throw Problem("is longer than 4096 bytes") }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
      let signature = Base64URL.decode(parts[2]), signature.count == 64
    else { throw Problem("is no compact JWS of a JSON object with a signature of 64 bytes") }
    try Self.check(header)
    guard let digest = claims["digest"]?.string, digest.utf8.count == 64, let bytes = Hex.decode(digest)
    else {
      throw Problem("lacks the claim digest, 64 hexadecimal digits")
    }
    guard let approved = claims["approved"]?.bool else {
      throw Problem("lacks the claim approved, true or false")
    }
    guard let issuedAt = claims["iat"]?.number?.int64, let expiresAt = claims["exp"]?.number?.int64 else {
      throw Problem("lacks the claims iat and exp, whole seconds since 1970")
    }
    if let notBefore = claims["nbf"], notBefore.number?.int64.map({ $0 <= issuedAt }) != true {
      throw Problem("has a claim nbf that is later than iat")
    }
    self.digest = bytes
    self.approved = approved
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
    self.signature = signature
    signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
  }

  /// Whether `key` made the signature.
  public func isSigned(by key: ApproverKey) -> Bool {
    Ed25519.verify(signature, signed, publicKey: key.bytes)
  }

  private static func object(_ part: Substring) -> JSONObject? {
    guard let bytes = Base64URL.decode(part), let json = try? JSONValue(parsing: bytes) else { return nil }
    return json.object
  }

  private static func check(_ header: JSONObject) throws(Problem) {
    guard header["alg"]?.string == "EdDSA" else { throw Problem("is not signed with EdDSA") }
    for member in header.members {
      switch member.name {
      case "alg", "typ", "cty", "kid": guard member.value.string != nil else { fallthrough }
      default: throw Problem("has a header member that is not taken: only alg, typ, cty and kid are")
      }
    }
  }

  /// Why a text is no answer; the words follow a subject, such as "the signed approval".
  public struct Problem: Error, Hashable, Sendable {
    /// What is wrong.
    public let words: String
    init(_ words: String) { self.words = words }
  }
}
