internal import KMSCrypto
internal import KMSPrimitives
public import KMSProcess
public import KMSRecords
public import Logging

/// Asks the operator's server about each record: what kms-verify does.
///
/// 2xx stamps an approval, everything else denies. The server is asked for `<url>/<id>`. Redirects are not followed: a page
/// that asks for a login is no yes. docs/approvals.md is normative.
public final class VerifyRun {
  /// How records are shown to the server.
  public enum Method: String, Sendable, CaseIterable {
    /// The id in the URL and nothing else.
    case get = "GET"
    /// Also what would be signed, as the body: see `body(of:)`.
    case post = "POST"
  }

  /// Where and how to ask. A class because it owns a key, of which there is one.
  public final class Server: Sendable {
    let address: WebAddress
    let method: Method
    let timeout: Duration
    let key: StageKey
    let headers: RequestHeaders

    /// Creates a description; `key` is the approve key, `headers` go with every question.
    public init(
      address: WebAddress, method: Method, timeout: Duration, key: consuming StageKey,
      headers: RequestHeaders = RequestHeaders()
    ) {
      self.address = address
      self.method = method
      self.timeout = timeout
      self.key = key
      self.headers = headers
    }
  }

  /// What a pending transaction would do, in words; nil where it is readable as it is.
  public typealias Summary = (Record) -> String?

  private let server: Server?
  private let summary: Summary
  private let client: HTTPClient
  private let logger: Logger
  private var status = ExitStatus.ok

  /// Creates a run; without `server`, testnet records pass unapproved and mainnet ones are denied.
  ///
  /// - Parameter summary: what the server is told, beside the transaction, and the log.
  public init(
    server: Server?, client: HTTPClient, logger: Logger, summary: @escaping Summary = { _ in nil }
  ) {
    self.server = server
    self.summary = summary
    self.client = client
    self.logger = logger
  }

  /// Takes all records of `reader` through. An answer that does not come holds its own record and later ones of the same
  /// sender, nothing else.
  public func run(reader: RecordReader, writer: RecordWriter) throws -> ExitStatus {
    let stage = LaneStage(reader: reader, writer: writer)
    try stage.run(client: client) { verify($0) }
    return status.combined(with: reader.exitStatus)
  }

  private func verify(_ slot: LaneStage.Slot) {
    guard slot.record.error == nil else { return slot.finish() }
    guard let server else {
      guard slot.record.testnet else { return refuseWithoutServer(slot) }
      return slot.finish()
    }
    guard let url = server.address.appending(segment: slot.record.id) else {
      return deny(slot, .denied, "an id of dots only can't be asked about")
    }
    let summary = summary(slot.record)
    ask(
      slot, server, url: url, summary: summary,
      body: server.method == .post ? Self.body(of: slot.record, summary: summary) : [])
  }

  /// What the server is shown: `id`, `chain`, `testnet`, `pending`, `context` where there is one, `digest`, what approvers
  /// sign, and `summary` where there is one. Pending transaction and context stand there as they stand in the record, digit
  /// for digit.
  static func body(of record: Record, summary: String? = nil) -> [UInt8] {
    var body: [UInt8] = []
    func append(_ name: String, _ text: some Sequence<UInt8>) {
      body += (body.isEmpty ? "{" : ",").utf8
      body += "\"\(name)\":".utf8
      body += text
    }
    append("id", JSONValue.string(record.id).encoded())
    append("chain", JSONValue.string(record.chain).encoded())
    append("testnet", "\(record.testnet)".utf8)
    append("pending", record.text(of: "pending") ?? [])
    if let context = record.text(of: "context") { append("context", context) }
    append("digest", "\"\(Hex.encode(Approval.digest(of: record)))\"".utf8)
    if let summary { append("summary", JSONValue.string(summary).encoded()) }
    body += "}".utf8
    return body
  }

  private func ask(_ slot: LaneStage.Slot, _ server: Server, url: String, summary: String?, body: [UInt8]) {
    var headers: [(name: String, value: HTTPRequest.HeaderValue)] = [("Accept", .plain("*/*"))]
    if !body.isEmpty { headers.append(("Content-Type", .plain("application/json"))) }
    headers += server.headers.lines.map { ($0.name, .secret($0.value)) }
    // A question may be asked twice, but only a broken connection is a reason to: what the server says, counts.
    var request = HTTPRequest(
      server.method == .get ? .get : .post, url, headers: headers, body: body, isRepeatable: true,
      timeout: server.timeout,
      retry: RetryPolicy(maximumAttempts: 2, limit: server.timeout * 2, retriesAnswers: false),
      maximumResponse: 1 << 20)
    request.group = slot.record.chain
    client.submit(request) { [self] result in
      switch result {
      case .failure(let failure) where failure.kind == .tooLarge:
        deny(slot, .denied, "the answer is longer than 1 MiB")
      case .failure(let failure):
        deny(
          slot, .verifierUnreachable,
          "the external URL can't be asked: \(ServerText.clean(failure.description))")
      case .success(let response):
        judge(slot, server, response, url: url, summary: summary)
      }
    }
  }

  private func judge(
    _ slot: LaneStage.Slot, _ server: Server, _ response: HTTPResponse, url: String, summary: String?
  ) {
    switch response.status {
    case 200..<300: approve(slot, server, response, url: url, summary: summary)
    case 300..<400:
      deny(slot, .denied, "the server answered HTTP \(response.status), and redirects are not followed")
    case 502, 503, 504:
      // What a gateway says when the server behind it is away.
      deny(slot, .verifierUnreachable, "the server answered HTTP \(response.status)")
    default: deny(slot, .denied, "the server answered HTTP \(response.status)")
    }
  }

  private func approve(
    _ slot: LaneStage.Slot, _ server: Server, _ response: HTTPResponse, url: String, summary: String?
  ) {
    let status = response.status
    do throws(RecordError) {
      let signed = try Self.signedAnswers(response)
      let approval = try Approval(
        of: slot.record, url: url, method: server.method.rawValue, status: status,
        at: Timestamp.text(unixTime: Timestamp.unixTime()), signed: signed, key: server.key)
      slot.record["approval"] = approval.json
      var metadata: Logger.Metadata = [
        "chain": "\(slot.record.chain)", "id": "\(slot.record.id)", "status": "\(status)",
      ]
      if let summary { metadata["summary"] = "\(summary)" }
      logger.info("approved", metadata: metadata)
    } catch {
      return deny(slot, error.code, error.message)
    }
    slot.finish()
  }

  /// The JSON Web Signatures of an answer, whose signatures only kms-sign can check: the whole body of type
  /// `application/jose`, or the member `jws` of a JSON object, a text or an array of texts.
  ///
  /// - Throws: `denied` when one says no; `approval-invalid` when what should be one is none.
  static func signedAnswers(_ response: HTTPResponse) throws(RecordError) -> [String] {
    let type = response.header("content-type")?.prefix { $0 != ";" }.trimmed.lowercased()
    let texts: [String?]
    switch type {
    case "application/jose": texts = [String(decoding: response.body, as: UTF8.self).trimmed]
    case "application/json":
      guard let member = (try? JSONValue(parsing: response.body))?["jws"], !member.isNull else { return [] }
      texts = (member.array ?? [member]).map(\.string)
    default: return []
    }
    func invalid(_ why: String) -> RecordError { RecordError(.verify, .denied, .approvalInvalid, why) }
    guard texts.count <= Approval.maximumSigned else {
      throw invalid("the answer has more than \(Approval.maximumSigned) signed approvals")
    }
    var signed: [String] = []
    for text in texts {
      guard let text else { throw invalid("the member jws of the answer is not text") }
      let answer: SignedApproval
      do throws(SignedApproval.Problem) { answer = try SignedApproval(text) } catch {
        throw invalid("the signed approval \(error.words)")
      }
      guard answer.approved else {
        throw RecordError(.verify, .denied, .denied, "the server's signed answer is a no")
      }
      signed.append(text)
    }
    return signed
  }

  private func refuseWithoutServer(_ slot: LaneStage.Slot) {
    status = status.combined(with: .configuration)
    deny(slot, .approvalMissing, "mainnet transactions need an approval: give --external-url")
  }

  private func deny(_ slot: LaneStage.Slot, _ code: ErrorCode, _ message: String) {
    slot.record["approval"] = nil
    slot.record.error = RecordError(.verify, .denied, code, message)
    logger.warning(
      "denied: \(message)",
      metadata: ["chain": "\(slot.record.chain)", "code": "\(code.rawValue)", "id": "\(slot.record.id)"])
    slot.finish()
  }
}
