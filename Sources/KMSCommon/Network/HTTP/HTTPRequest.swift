public import KMSCrypto

/// One HTTP call and how hard to try.
public struct HTTPRequest: Sendable {
  /// The methods in use.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
  }

  /// A header's value.
  public enum HeaderValue: Sendable {
    case plain(String)
    /// ASCII that is never logged, and wiped where it was copied for the call.
    case secret(SecretBytes)
  }

  /// The method.
  public var method: Method
  /// An absolute `http` or `https` URL without user information.
  public var url: String
  /// Header lines; names and values without control characters.
  public var headers: [(name: String, value: HeaderValue)]
  /// What is sent; empty for none.
  public var body: [UInt8]
  /// Whether the server may get it twice. What may not is sent again only when it is certain that no byte of its
  /// body left, or that the server turned it away unread (429).
  public var isRepeatable: Bool
  /// The time for one attempt, connecting included.
  public var timeout: Duration
  /// What is tried again.
  public var retry: RetryPolicy
  /// A longer answer is refused; in bytes.
  public var maximumResponse: Int
  /// Signs the request, where the server wants that.
  public var signature: AWSSignature?
  /// Groups of calls do not wait for each other: each has its own share of what may be under way. Such as the chain.
  public var group = ""
  /// What it costs at the Tatum API; nil elsewhere.
  var cost: Spending.Cost?

  /// Creates a call that is tried once and takes answers up to 1 MiB.
  public init(
    _ method: Method, _ url: String, headers: [(name: String, value: HeaderValue)] = [], body: [UInt8] = [],
    isRepeatable: Bool, timeout: Duration, retry: RetryPolicy = .never, maximumResponse: Int = 1 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.isRepeatable = isRepeatable
    self.timeout = timeout
    self.retry = retry
    self.maximumResponse = maximumResponse
  }
}

/// Takes the body of an answer piece by piece.
protocol BodySink: AnyObject {
  /// Whether nothing more is taken for now; the server is held back meanwhile.
  var isFull: Bool { get }
  /// Grows with what the body has brought so far: a body whose bytes bring nothing for long is given up.
  var progress: Int { get }
  /// Begins anew: an attempt starts, and with it the body.
  func start()
  /// Takes what has come; false gives the rest up, and the answer counts as it is.
  func take(_ bytes: Span<UInt8>) -> Bool
}

/// AWS Signature Version 4 of a request, made by libcurl over its body and all of its headers.
public struct AWSSignature: Sendable {
  /// The access key id.
  public var accessKeyID: String
  /// The secret access key.
  public var secretAccessKey: SecretBytes
  /// Such as `eu-central-1`.
  public var region: String
  /// Such as `secretsmanager`.
  public var service: String

  /// Creates a signature.
  public init(accessKeyID: String, secretAccessKey: SecretBytes, region: String, service: String) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.region = region
    self.service = service
  }
}

/// A complete answer.
public struct HTTPResponse: Sendable {
  /// The status code.
  public var status: Int
  /// The header lines, names in lower case.
  public var headers: [(name: String, value: String)]
  /// The whole body.
  public var body: [UInt8]

  /// Creates an answer.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Whether the status is 200 to 299.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The first header of that name, which is given in lower case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Why there is no answer.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure; the kinds differ in what the server may have seen.
  public enum Kind: Sendable, Hashable {
    /// No connection: the name did not resolve, or nobody answered. Nothing of the request was sent.
    case notConnected
    /// The server's certificate was refused or TLS failed. Nothing of the request was sent.
    case tls
    /// The request was sent, at least in part, and time ran out.
    case timeout
    /// The request was sent, at least in part, and the answer did not come whole.
    case answerLost
    /// The answer was longer than allowed.
    case tooLarge
    /// The request could not be made, such as a URL that is none. Nothing was sent.
    case invalid
  }

  /// What kind of failure.
  public let kind: Kind
  /// What libcurl says, for people; holds host names, never headers.
  public let description: String

  /// Creates a failure.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Whether it is certain that the server has seen nothing of the request.
  public var nothingWasSent: Bool {
    switch kind {
    case .notConnected, .tls, .invalid: true
    case .timeout, .answerLost, .tooLarge: false
    }
  }
}

/// How a call ended.
public typealias HTTPResult = Result<HTTPResponse, HTTPFailure>
