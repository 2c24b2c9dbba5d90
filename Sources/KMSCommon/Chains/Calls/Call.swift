internal import KMSPrimitives
public import KMSRecords

/// One call to a server, described by a chain; the network code makes it (`Dialogue`).
///
/// A description holds no secret: the key of the API is added where the call is made.
public struct Call: Hashable, Sendable {
  /// Who is asked.
  public enum Server: Hashable, Sendable {
    /// The Tatum API, which is given the API key in a header.
    case tatum
    /// A node of the chain that is not Tatum's and is never given the key: at this URL, unless the operator names
    /// another one for the chain.
    case publicNode(defaultURL: String)
  }

  /// The methods in use.
  public enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
  }

  /// A member of the query, or a header line.
  public struct Field: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value, not encoded.
    public let value: String

    /// Creates a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Who is asked.
  public var server: Server
  /// The method.
  public var method: Method
  /// Starts with `/`; percent-encoded already, see `segment`.
  public var path: String
  /// The query's members, in that order.
  public var query: [Field]
  /// Header lines of this call alone, such as `x-testnet-type`.
  public var headers: [Field]
  /// What is sent as JSON; nil for no body.
  public var body: JSONValue?
  /// Whether the server may get it twice: true for questions, and for what is as true the second time. What moves money
  /// or lends something is sent again only when it is certain that nothing arrived.
  public var isRepeatable: Bool
  /// What it costs in credits of the API's plans, as its description says (docs/api.md, "Credits"); 0 at other servers.
  public var credits: Int

  /// Creates a call; without `credits` it costs what most of its kind do: 2 for a node behind the API, else 1.
  public init(
    _ method: Method, _ path: String, at server: Server = .tatum, query: [Field] = [], headers: [Field] = [],
    body: JSONValue? = nil, isRepeatable: Bool = true, credits: Int? = nil
  ) {
    let usual = path.hasPrefix("/v3/blockchain/node/") ? 2 : 1
    self.credits = server == .tatum ? credits ?? usual : 0
    self.server = server
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.isRepeatable = isRepeatable
  }

  /// `text` as one segment of a path: every byte that is not unreserved in RFC 3986 (section 2.3) is percent-encoded, so
  /// that it can't leave its place.
  public static func segment(_ text: String) -> String { PercentText.encode(text.utf8) }

  /// The path with the query, as it stands in a request.
  public var target: String {
    guard !query.isEmpty else { return path }
    return path + "?"
      + query.map { "\(Self.segment($0.name))=\(Self.segment($0.value))" }.joined(separator: "&")
  }
}
