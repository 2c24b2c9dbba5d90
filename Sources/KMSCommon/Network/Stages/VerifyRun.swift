internal import KMSCrypto
public import KMSProcess
public import KMSRecords
public import Logging

/// Asks the operator's server about each record: what kms-verify does.
///
/// 2xx stamps an approval, everything else denies. The server is asked for `<url>/<id>`; redirects are followed to
/// the same scheme, host and port only, because another host's yes is not the operator's.
public final class VerifyRun {
  /// How records are shown to the server.
  public enum Method: String, Sendable, CaseIterable {
    /// The id in the URL and nothing else.
    case get = "GET"
    /// Also the pending transaction, as the body.
    case post = "POST"
  }

  /// Where and how to ask.
  public struct Server: Sendable {
    let address: WebAddress
    let method: Method
    let timeout: Duration
    let key: StageKey

    /// Creates a description; `key` is the approve key.
    public init(address: WebAddress, method: Method, timeout: Duration, key: StageKey) {
      self.address = address
      self.method = method
      self.timeout = timeout
      self.key = key
    }
  }

  private static let maximumRedirects = 3

  private let server: Server?
  private let client: HTTPClient
  private let logger: Logger
  private var status = ExitStatus.ok

  /// Creates a run; without `server`, testnet records pass unapproved and mainnet ones are denied.
  public init(server: Server?, client: HTTPClient, logger: Logger) {
    self.server = server
    self.client = client
    self.logger = logger
  }

  /// Takes all records of `reader` through; `concurrency` are asked about at once.
  public func run(reader: RecordReader, writer: RecordWriter, concurrency: Int) throws -> ExitStatus {
    if let server, server.address.scheme == "http", !server.address.isPrivate {
      logger.warning(
        "the external URL is plain http to a public address: anybody on the way can say yes",
        metadata: ["url": "\(server.address.text)"])
    }
    let stage = OrderedStage(reader: reader, writer: writer, window: concurrency * 4)
    try stage.run(client: client) { verify($0) }
    return status.combined(with: reader.exitStatus)
  }

  private func verify(_ slot: OrderedStage.Slot) {
    guard slot.record.error == nil else { return slot.finish() }
    guard let server else {
      guard slot.record.testnet else { return refuseWithoutServer(slot) }
      return slot.finish()
    }
    guard let url = server.address.appending(segment: slot.record.id) else {
      return deny(slot, .denied, "an id of dots only can't be asked about")
    }
    // Numbers and spelling as they came, so that the server sees what will be approved.
    let body = server.method == .post ? slot.record.pending.encoded() : []
    ask(slot, server, url: url, body: body, redirects: 0)
  }

  private func ask(_ slot: OrderedStage.Slot, _ server: Server, url: String, body: [UInt8], redirects: Int) {
    var headers: [(name: String, value: HTTPRequest.HeaderValue)] = [("Accept", .plain("*/*"))]
    if !body.isEmpty { headers.append(("Content-Type", .plain("application/json"))) }
    if let userInfo = server.address.userInfo {
      guard let value = try? SecretBytes(copying: "Basic \(Base64.encode(Array(userInfo.utf8)))".utf8) else {
        return deny(slot, .verifierUnreachable, "no protected memory for the external URL's password")
      }
      headers.append(("Authorization", .secret(value)))
    }
    // A question may be asked twice, but only a broken connection is a reason to: what the server says, counts.
    let request = HTTPRequest(
      server.method == .get ? .get : .post, url, headers: headers, body: body, isRepeatable: true,
      timeout: server.timeout,
      retry: RetryPolicy(maximumAttempts: 2, limit: server.timeout * 2, retriesAnswers: false),
      maximumResponse: 1 << 20)
    client.submit(request) { [self] result in
      switch result {
      case .failure(let failure) where failure.kind == .tooLarge:
        deny(slot, .denied, "the answer is longer than 1 MiB")
      case .failure(let failure):
        deny(
          slot, .verifierUnreachable,
          "the external URL can't be asked: \(ServerText.clean(failure.description))")
      case .success(let response):
        judge(slot, server, response, url: url, body: body, redirects: redirects)
      }
    }
  }

  private func judge(
    _ slot: OrderedStage.Slot, _ server: Server, _ response: HTTPResponse, url: String, body: [UInt8],
    redirects: Int
  ) {
    switch response.status {
    case 200..<300: approve(slot, server, url: url, status: response.status)
    case 301, 302, 303, 307, 308:
      guard let target = redirect(response, from: url, server), redirects < Self.maximumRedirects,
        server.method == .get || response.status >= 307
      else {
        return deny(
          slot, .denied,
          "the server answered HTTP \(response.status), and redirects are followed to the same host only")
      }
      ask(slot, server, url: target, body: body, redirects: redirects + 1)
    case 502, 503, 504:
      // What a gateway says when the server behind it is away.
      deny(slot, .verifierUnreachable, "the server answered HTTP \(response.status)")
    default: deny(slot, .denied, "the server answered HTTP \(response.status)")
    }
  }

  private func redirect(_ response: HTTPResponse, from url: String, _ server: Server) -> String? {
    guard let location = response.header("location"), let here = WebAddress(url),
      let target = WebAddress(location, relativeTo: here), target.isSameOrigin(as: server.address)
    else { return nil }
    return target.text
  }

  private func approve(_ slot: OrderedStage.Slot, _ server: Server, url: String, status: Int) {
    do throws(RecordError) {
      let approval = try Approval(
        of: slot.record, url: url, method: server.method.rawValue, status: status,
        at: Timestamp.text(unixTime: Timestamp.unixTime()), key: server.key)
      slot.record["approval"] = approval.json
      logger.info(
        "approved",
        metadata: ["chain": "\(slot.record.chain)", "id": "\(slot.record.id)", "status": "\(status)"])
    } catch {
      slot.record.error = error
    }
    slot.finish()
  }

  private func refuseWithoutServer(_ slot: OrderedStage.Slot) {
    status = status.combined(with: .configuration)
    deny(slot, .approvalMissing, "mainnet transactions need an approval: give --external-url")
  }

  private func deny(_ slot: OrderedStage.Slot, _ code: ErrorCode, _ message: String) {
    slot.record["approval"] = nil
    slot.record.error = RecordError(.verify, .denied, code, message)
    logger.warning(
      "denied: \(message)",
      metadata: ["chain": "\(slot.record.chain)", "code": "\(code.rawValue)", "id": "\(slot.record.id)"])
    slot.finish()
  }
}
