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
  /// What approvers signed, compact JSON Web Signatures; not covered by `mac`, they vouch for themselves.
  public let signed: [String]

  /// Approves `record` as it is now.
  ///
  /// - Throws: `RecordError` `approval-invalid` when `key` is not the approve key.
  public init(
    of record: Record, url: String, method: String, status: Int, at: String, signed: [String] = [],
    key: borrowing StageKey
  ) throws(RecordError) {
    guard key.kind == .approve else {
      throw RecordError(.verify, .denied, .approvalInvalid, "an approval needs the approve key")
    }
    self.url = url
    self.method = method
    self.status = UInt64(max(0, status))
    self.at = at
    self.signed = signed
    mac = Hex.encode(
      Self.mac(of: record, url: url, method: method, status: self.status, at: at, key: key))
  }

  /// Builds what stands in a record.
  init(_ stamp: ApprovalStamp) {
    url = stamp.text(stamp.url)
    method = stamp.text(stamp.method)
    status = stamp.status
    at = stamp.text(stamp.at)
    mac = stamp.text(stamp.mac)
    signed = stamp.signed
  }

  /// The signed answers that one approval may have.
  public static let maximumSigned = 16

  /// The member `approval` of a record.
  public var json: JSONValue {
    var object = JSONObject()
    object["url"] = .string(url)
    object["method"] = .string(method)
    object["status"] = .number(JSONNumber(status))
    object["at"] = .string(at)
    object["mac"] = .string(mac)
    switch signed.count {
    case 0: break
    case 1: object["jws"] = .string(signed[0])
    default: object["jws"] = .array(signed.map(JSONValue.string))
    }
    return .object(object)
  }

  /// Checks that `record` carries an approval and is, byte for byte, what was approved.
  ///
  /// - Returns: the approval.
  /// - Throws: `RecordError` of kms-sign, outcome denied: `approval-missing`, or `approval-invalid` when a member is
  ///   missing, the key is another, or anything was changed.
  @discardableResult
  public static func verify(record: Record, key: borrowing StageKey) throws(RecordError) -> Approval {
    Approval(try ApprovalStamp(verifying: record, key: key))
  }

  static func invalid(_ why: String) -> RecordError { RecordError(.sign, .denied, .approvalInvalid, why) }

  /// What is approved: SHA-256 over version, id, chain, network, pending transaction and context of `record`, 32 bytes. The
  /// text of docs/approvals.md, which approvers sign.
  public static func digest(of record: Record) -> [UInt8] { Hash.sha256(content(of: record)) }

  private static func mac(
    of record: Record, url: String, method: String, status: UInt64, at: String, key: borrowing StageKey
  ) -> [UInt8] {
    mac(of: record, key: key) { text in
      for part in [url, method, String(status), at] { addField(part.utf8.span, to: &text) }
    }
  }

  /// The MAC of the content, then the approval's own members, which `own` appends.
  static func mac(of record: Record, key: borrowing StageKey, own: (inout [UInt8]) -> Void) -> [UInt8] {
    var text = content(of: record)
    own(&text)
    guard let hmac = key.hmac else { return HMAC.sha256(key: key.secret, text) }
    return hmac.authenticate(text)
  }

  /// A name for this use, then what is approved. `pending` and `context` are their text as it stands in the line; a
  /// missing context is the empty text.
  private static func content(of record: Record) -> [UInt8] {
    let (pending, context) = (
      record.text(of: Record.Object.pending.name) ?? [], record.text(of: Record.Object.context.name) ?? []
    )
    var text: [UInt8] = []
    text.reserveCapacity(512 + pending.count + context.count)
    addField(use.utf8.span, to: &text)
    addField(version.utf8.span, to: &text)
    addField(record.id.utf8.span, to: &text)
    addField(record.chain.utf8.span, to: &text)
    let network = record.testnet ? "testnet" : "mainnet"
    addField(network.utf8.span, to: &text)
    addField(pending.span, to: &text)
    addField(context.span, to: &text)
    return text
  }

  private static let use = "tatum-kms approval"
  private static let version = String(Record.version)

  /// A part as its length (8 bytes, big endian) and its bytes, so that no two lists give the same text.
  static func addField(_ part: Span<UInt8>, to text: inout [UInt8]) {
    text.append(bigEndian: UInt64(part.count))
    text.append(contentsOf: part)
  }
}
