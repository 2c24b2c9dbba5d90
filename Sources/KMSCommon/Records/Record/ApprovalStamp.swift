internal import KMSCrypto
internal import KMSPrimitives

/// The approval of a record as it stands there, its MAC checked: texts are built only for who wants them.
struct ApprovalStamp {
  private let object: JSONText
  let url: JSONPlace
  let method: JSONPlace
  let status: UInt64
  let at: JSONPlace
  let mac: JSONPlace
  /// As `Approval.signed`.
  let signed: [String]

  private enum Names {
    static let url: JSONName = "url"
    static let method: JSONName = "method"
    static let status: JSONName = "status"
    static let at: JSONName = "at"
    static let mac: JSONName = "mac"
    static let jws: JSONName = "jws"
  }

  /// Checks as `Approval.verify`.
  init(verifying record: Record, key: borrowing StageKey) throws(RecordError) {
    guard let object = record.object(.approval) else {
      throw RecordError(
        .sign, .denied, .approvalMissing, "the record has no approval; let kms-verify ask your server first")
    }
    guard key.kind == .approve else {
      throw Approval.invalid("the approval can only be checked with the approve key")
    }
    guard let stamp = ApprovalStamp(object),
      let mac = object.withBytes(of: stamp.mac, { Hex.decode(digits: $0) }) ?? nil
    else {
      throw Approval.invalid("member approval lacks url, method, status, at or mac, or its jws is none")
    }
    let expected = Approval.mac(of: record, key: key) { text in
      object.withBytes(of: stamp.url) { Approval.addField($0, to: &text) }
      object.withBytes(of: stamp.method) { Approval.addField($0, to: &text) }
      let status = String(stamp.status)
      Approval.addField(status.utf8.span, to: &text)
      object.withBytes(of: stamp.at) { Approval.addField($0, to: &text) }
    }
    guard ConstantTime.equal(mac, expected) else {
      throw Approval.invalid(
        "what was approved is not what is to be signed, or the approval was made with another vault's key")
    }
    self = stamp
  }

  private init?(_ object: JSONText) {
    guard let url = object[Names.url], url.kind == .string,
      let method = object[Names.method], method.kind == .string,
      let status = object[Names.status].flatMap({ object.value($0).number?.uint64 }),
      let at = object[Names.at], at.kind == .string, let mac = object[Names.mac], mac.kind == .string
    else { return nil }
    self.object = object
    self.url = url
    self.method = method
    self.status = status
    self.at = at
    self.mac = mac
    switch object[Names.jws].map(object.value) {
    case nil: signed = []
    case .some(let member):
      let texts = (member.array ?? [member]).map(\.string)
      guard texts.count <= Approval.maximumSigned, !texts.contains(nil) else { return nil }
      signed = texts.compactMap(\.self)
    }
  }

  func text(_ place: JSONPlace) -> String { object.string(place) ?? "" }

  /// When it was made, in seconds since 1970; nil when that is not RFC 3339 in UTC.
  var time: Int64? { object.withBytes(of: at) { Timestamp.unixTime(of: $0) } ?? nil }

  /// Whether the URL that was asked ends in a slash and `id`.
  func isOf(_ id: String) -> Bool {
    let id = id.utf8.span
    return object.withBytes(of: url) { url in
      let start = url.count - id.count
      guard start > 0, url[start - 1] == UInt8(ascii: "/") else { return false }
      for i in id.indices where url[start + i] != id[i] { return false }
      return true
    } ?? false
  }
}
