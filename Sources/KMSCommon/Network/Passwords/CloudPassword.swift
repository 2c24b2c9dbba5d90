public import KMSCrypto
internal import KMSRecords

/// A service that keeps the vault's password.
public enum CloudPassword: String, Sendable, CaseIterable {
  /// Very Good Security.
  case vgs
  /// Azure Key Vault.
  case azure
  /// AWS Secrets Manager.
  case aws

  /// What it is called, for messages.
  public var name: String {
    switch self {
    case .vgs: "VGS"
    case .azure: "Azure Key Vault"
    case .aws: "AWS Secrets Manager"
    }
  }

  /// The variables without which nothing can be asked; they are the original's.
  public var needed: [String] {
    switch self {
    case .vgs: ["TATUM_KMS_VGS_ALIAS", "TATUM_KMS_VGS_USERNAME", "TATUM_KMS_VGS_PASSWORD"]
    case .azure: ["TATUM_KMS_AZURE_VAULTURL", "TATUM_KMS_AZURE_SECRETNAME"]
    case .aws: ["TATUM_KMS_AWS_SECRET_NAME"]
    }
  }

  /// Asks for the password.
  ///
  /// - Throws: `CloudError`, whose code says which of these it was: not configured, no access, no such secret, no such
  ///   key in the secret, unreachable.
  public func password(_ settings: CloudSettings) throws -> SecretBytes {
    let service = CloudService(name: name)
    switch self {
    case .vgs: return try VGSPassword(settings, service).fetch()
    case .azure: return try AzurePassword(settings, service).fetch()
    case .aws: return try AWSPassword(settings, service).fetch()
    }
  }
}

/// The calls that the services have in common.
struct CloudService {
  let name: String
  private let client = HTTPClient()

  init(name: String) { self.name = name }

  /// Sends a question and returns the answer, whatever its status below 500.
  ///
  /// - Parameter patience: the time for one attempt; a metadata address of a cloud answers at once or not at all.
  /// - Throws: `unreachable`.
  func ask(
    _ method: HTTPRequest.Method, _ url: String,
    headers: [(name: String, value: HTTPRequest.HeaderValue)] = [],
    body: [UInt8] = [], signature: AWSSignature? = nil, patience: Duration = .seconds(10)
  ) throws(CloudError) -> HTTPResponse {
    var request = HTTPRequest(
      method, url, headers: headers, body: body, isRepeatable: true, timeout: patience,
      retry: .init(maximumAttempts: 3, limit: patience * 3, retriesAnswers: true))
    request.signature = signature
    switch client.perform(request) {
    case .success(let response):
      guard response.status < 500, response.status != 429 else {
        throw .unreachable("\(host(url)) answers with status \(response.status)", hint: "try again later")
      }
      return response
    case .failure(let failure):
      throw .unreachable("\(host(url)) does not answer: \(failure.description)")
    }
  }

  private func host(_ url: String) -> String { WebAddress(url)?.host ?? name }

  /// An address that secrets may be sent to: https, or a server on this machine.
  ///
  /// - Throws: `not-configured`.
  func secureAddress(_ text: String, variable: String) throws(CloudError) -> WebAddress {
    guard let address = WebAddress(text), address.userInfo == nil else {
      throw .notConfigured("the value of \(variable) is not an https URL")
    }
    guard address.scheme == "https" || address.isLoopback else {
      throw .notConfigured(
        "the value of \(variable) must be an https URL: a password would travel in the clear")
    }
    return address
  }

  /// The body as JSON.
  ///
  /// - Throws: `unreachable`: somebody else answers, such as a proxy.
  func json(_ response: HTTPResponse) throws(CloudError) -> JSONValue {
    do { return try JSONValue(parsing: response.body) } catch {
      throw .unreachable("\(name) does not answer with JSON (status \(response.status))")
    }
  }

  /// A text of the answer as a secret.
  func secret(_ text: String) throws -> SecretBytes { try SecretBytes(copying: text.utf8) }

  /// A word of the server, such as an error code, for messages: letters, digits and a few signs only.
  func word(_ text: String?) -> String {
    let kept = (text ?? "").utf8.prefix(80).filter {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || [45, 46, 95].contains($0)
    }
    return kept.isEmpty ? "no reason given" : String(decoding: kept, as: UTF8.self)
  }

  /// `name: before + secret`, for an Authorization header.
  func authorization(_ before: String, _ secret: SecretBytes) throws -> HTTPRequest.HeaderValue {
    .secret(try SecretBytes(joining: [SecretBytes(copying: before.utf8), secret]))
  }
}
