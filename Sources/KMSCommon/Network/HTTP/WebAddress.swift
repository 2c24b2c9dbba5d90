internal import CCurl
internal import KMSCrypto

/// An absolute `http` or `https` URL, taken apart by the parser of the library that will connect to it.
public struct WebAddress: Sendable, Hashable {
  /// `http` or `https`.
  public let scheme: String
  /// The host name in lower case, or the address; IPv6 in brackets.
  public let host: String
  /// The port, also where the URL leaves it to the scheme.
  public let port: Int
  /// The path, percent-encoded, starting with `/`.
  public let path: String
  /// What follows `?`, percent-encoded.
  public let query: String?
  /// `user:password`, decoded; for an Authorization header and nothing else.
  let userInfo: String?

  /// Reads a URL; nil when it is none, has another scheme, or has a fragment, which no server would see.
  public init?(_ text: String) { self.init(text, base: nil) }

  /// Reads a redirect's `Location`, which may be relative to `base`.
  init?(_ text: String, relativeTo base: WebAddress) { self.init(text, base: base) }

  private init?(_ text: String, base: WebAddress?) {
    guard text.utf8.count <= 4096, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      let url = curl_url()
    else { return nil }
    defer { curl_url_cleanup(url) }
    if let base, curl_url_set(url, CURLUPART_URL, base.text, 0) != CURLUE_OK { return nil }
    guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(url, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
      defer { curl_free(text) }
      return String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME), scheme == "http" || scheme == "https",
      let host = part(CURLUPART_HOST), !host.isEmpty,
      let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
      part(CURLUPART_FRAGMENT) == nil
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
    path = part(CURLUPART_PATH) ?? "/"
    query = part(CURLUPART_QUERY)
    let user = part(CURLUPART_USER, CURLU_URLDECODE)
    let password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
    userInfo = user == nil && password == nil ? nil : "\(user ?? ""):\(password ?? "")"
  }

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
  static func encode(_ segment: String) -> String {
    segment.utf8.map(encode(byte:)).joined()
  }

  /// The same for one byte, of a text that is not to become a `String`.
  static func encode(byte: UInt8) -> String {
    switch byte {
    case 48...57, 65...90, 97...122, 0x2D, 0x2E, 0x5F, 0x7E: String(Unicode.Scalar(byte))
    default: "%" + Hex.encode([byte]).uppercased()
    }
  }

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

  /// Whether `other` has the same scheme, host and port.
  func isSameOrigin(as other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }

  private static func octets(_ host: String) -> [UInt8]? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let octets = parts.compactMap { UInt8($0) }
    return parts.count == 4 && octets.count == 4 ? octets : nil
  }
}
