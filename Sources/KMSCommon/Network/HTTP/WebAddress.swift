internal import KMSCrypto
internal import KMSPrimitives

/// An absolute `http` or `https` URL (RFC 3986), taken apart.
///
/// Strict, so that no other reader sees another host in it than this one: a URL that libcurl, which connects to it,
/// reads differently is refused here, and requests are made with the text that is put together again from the parts.
public struct WebAddress: Sendable, Hashable {
  /// `http` or `https`.
  public let scheme: String
  /// The host name in lower case, or the address; IPv6 in brackets.
  public let host: String
  /// The port, also where the URL leaves it to the scheme.
  public let port: Int
  /// The path, percent-encoded, starting with `/`, without `.` and `..` segments.
  public let path: String
  /// What follows `?`, percent-encoded; nil when that is nothing.
  public let query: String?
  /// `user:password`, decoded; for an Authorization header and nothing else.
  let userInfo: String?

  /// Reads a URL; nil when it is none, is longer than 4096 characters, has another scheme, or has a fragment, which no
  /// server would see.
  public init?(_ text: String) {
    var rest = Substring(text)
    guard text.utf8.count <= 4096, let scheme = URLParser.takeScheme(&rest) else { return nil }
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<authorityEnd]
    let tail = rest[authorityEnd...]
    let queryStart = tail.firstIndex(of: "?") ?? tail.endIndex
    let path = tail[..<queryStart]
    let query = tail[queryStart...].dropFirst()
    guard let (userInfo, host, port) = URLParser.authority(authority),
      URLParser.isPathOrQuery(path), URLParser.isPathOrQuery(query)
    else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port ?? (scheme == "https" ? 443 : 80)
    self.path = URLParser.removingDotSegments(path.isEmpty ? "/" : path)
    self.query = query.isEmpty ? nil : String(query)
    self.userInfo = userInfo
  }

  /// Whether there is `user:password` in it, which stands in the list of processes where the URL does.
  public var hasUserInfo: Bool { userInfo != nil }

  /// Scheme, host and, where it is not the usual one, port.
  public var origin: String {
    let isUsual = port == (scheme == "https" ? 443 : 80)
    return "\(scheme)://\(host)\(isUsual ? "" : ":\(port)")"
  }

  /// The URL, without user information.
  public var text: String { origin + path + (query.map { "?\($0)" } ?? "") }

  /// The URL of `segment` below this one's path, query kept. Every byte that is not unreserved in RFC 3986 is
  /// percent-encoded, so that a segment can't leave the path; nil for a segment that is empty or means "here" or
  /// "above", encoded or not.
  public func appending(segment: String) -> String? {
    guard !segment.isEmpty, segment != ".", segment != ".." else { return nil }
    let slash = path.hasSuffix("/") ? "" : "/"
    return origin + path + slash + Self.encode(segment) + (query.map { "?\($0)" } ?? "")
  }

  /// The URL of `path`, which starts with `/` and is percent-encoded already, below this one's; without the query.
  func below(_ path: String) -> String {
    origin + (self.path.hasSuffix("/") ? self.path.dropLast() : self.path[...]) + path
  }

  /// `segment` with every byte percent-encoded that is not unreserved (RFC 3986 section 2.3).
  static func encode(_ segment: String) -> String { PercentText.encode(segment.utf8) }

  /// The same for one byte, of a text that is not to become a `String`.
  static func encode(byte: UInt8) -> String { PercentText.encode(CollectionOfOne(byte)) }

  /// Whether the host is this machine.
  public var isLoopback: Bool {
    host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
      || Self.octets(host).map { $0[0] == 127 } ?? false
  }

  /// Whether the host is this machine or an address of a private network (RFC 1918, RFC 4193, link-local).
  public var isPrivate: Bool {
    if isLoopback { return true }
    if let octets = Self.octets(host) {
      return octets[0] == 10 || (octets[0] == 172 && (16...31).contains(octets[1]))
        || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 169 && octets[1] == 254)
    }
    return ["[fc", "[fd", "[fe8", "[fe9", "[fea", "[feb"].contains { host.hasPrefix($0) }
  }

  private static func octets(_ host: String) -> [UInt8]? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let octets = parts.compactMap { UInt8($0) }
    return parts.count == 4 && octets.count == 4 ? octets : nil
  }
}
