internal import KMSCrypto
internal import KMSPrimitives

/// The stamp of kms-verify: the operator's server agreed to exactly this transaction.
///
/// `mac` is HMAC-SHA-256 under the approve key. It covers version, id, chain, network, the pending transaction, the
/// context, and the approval's own members, so that nothing can be changed between approval and signature.
public struct Approval: Sendable, Hashable {
  /// The URL that was asked, without user information.
  public let url: String
  /// The method that it was asked with.
  public let method: String
  /// The HTTP status of the answer.
  public let status: UInt64
  /// When, as RFC 3339 in UTC.
  public let at: String
  /// 64 lower-case hexadecimal digits.
  public let mac: String

  /// Approves `record` as it is now.
  ///
  /// - Throws: `RecordError` `approval-invalid` when `key` is not the approve key.
  public init(
    of record: Record, url: String, method: String, status: Int, at: String, key: StageKey
  ) throws(RecordError) {
    guard key.kind == .approve else {
      throw RecordError(.verify, .denied, .approvalInvalid, "an approval needs the approve key")
    }
    self.url = url
    self.method = method
    self.status = UInt64(max(0, status))
    self.at = at
    let text = Self.canonical(record, url: url, method: method, status: self.status, at: at)
    mac = Hex.encode(HMAC.sha256(key: key.secret, text))
  }

  private init?(_ json: JSONValue) {
    guard let url = json["url"]?.string, let method = json["method"]?.string,
      let status = json["status"]?.number?.uint64, let at = json["at"]?.string, let mac = json["mac"]?.string
    else { return nil }
    self.url = url
    self.method = method
    self.status = status
    self.at = at
    self.mac = mac
  }

  /// The member `approval` of a record.
  public var json: JSONValue {
    [
      "url": .string(url), "method": .string(method), "status": .number(JSONNumber(status)),
      "at": .string(at),
      "mac": .string(mac),
    ]
  }

  /// Checks that `record` carries an approval and is, byte for byte, what was approved.
  ///
  /// - Returns: the approval.
  /// - Throws: `RecordError` of kms-sign, outcome denied: `approval-missing`, or `approval-invalid` when a member is
  ///   missing, the key is another, or anything was changed.
  @discardableResult
  public static func verify(record: Record, key: StageKey) throws(RecordError) -> Approval {
    guard let json = record["approval"], !json.isNull else {
      throw RecordError(
        .sign, .denied, .approvalMissing, "the record has no approval; let kms-verify ask your server first")
    }
    func invalid(_ why: String) -> RecordError { RecordError(.sign, .denied, .approvalInvalid, why) }
    guard key.kind == .approve else { throw invalid("the approval can only be checked with the approve key") }
    guard let approval = Approval(json), let mac = Hex.decode(approval.mac) else {
      throw invalid("member approval lacks url, method, status, at or mac")
    }
    let text = canonical(
      record, url: approval.url, method: approval.method, status: approval.status, at: approval.at)
    guard ConstantTime.equal(mac, HMAC.sha256(key: key.secret, text)) else {
      throw invalid(
        "what was approved is not what is to be signed, or the approval was made with another vault's key")
    }
    return approval
  }

  /// What the MAC covers: a name for this use of the key, then each part as its length (8 bytes, big endian) and its
  /// bytes, so that no two records give the same text. JSON is compact, members in the order of the record, numbers
  /// digit for digit; a missing context is the empty text.
  private static func canonical(
    _ record: Record, url: String, method: String, status: UInt64, at: String
  ) -> [UInt8] {
    let parts: [[UInt8]] = [
      Array("tatum-kms approval".utf8), Array(String(Record.version).utf8), Array(record.id.utf8),
      Array(record.chain.utf8), Array((record.testnet ? "testnet" : "mainnet").utf8),
      record.pending.encoded(),
      record["context"]?.encoded() ?? [], Array(url.utf8), Array(method.utf8), Array(String(status).utf8),
      Array(at.utf8),
    ]
    var text: [UInt8] = []
    text.reserveCapacity(parts.reduce(0) { $0 + 8 + $1.count })
    for part in parts {
      for shift in stride(from: 56, through: 0, by: -8) {
        text.append(UInt8(truncatingIfNeeded: UInt64(part.count) >> UInt64(shift)))
      }
      text += part
    }
    return text
  }
}
