internal import Glibc
internal import KMSCrypto
internal import KMSPrimitives

/// The parts of an absolute URL as RFC 3986 has them, without what leaves room for two readings.
enum URLParser {
  /// Takes `http://` or `https://`, in either case, off the front; returns the scheme in lower case.
  static func takeScheme(_ text: inout Substring) -> String? {
    for scheme in ["https", "http"] where text.prefix(scheme.count + 3).lowercased() == scheme + "://" {
      text = text.dropFirst(scheme.count + 3)
      return scheme
    }
    return nil
  }

  /// `user:password@host:port`, of which user, password and port may be missing; nil when it is something else.
  ///
  /// A missing password is an empty one in `userInfo`. IPv4 addresses are four decimal numbers; other spellings of them
  /// (`0x7f.1`) are refused, as are host names with percent-encoding.
  static func authority(_ text: Substring) -> (userInfo: String?, host: String, port: Int?)? {
    var rest = text
    var userInfo: String?
    if let at = text.firstIndex(of: "@") {
      guard let decoded = decodedUserInfo(text[..<at]) else { return nil }
      userInfo = decoded
      rest = text[text.index(after: at)...]
    }
    guard !rest.utf8.contains(UInt8(ascii: "@")) else { return nil }
    let hostEnd =
      rest.hasPrefix("[")
      ? rest.firstIndex(of: "]").map { rest.index(after: $0) } : rest.firstIndex(of: ":") ?? rest.endIndex
    guard let hostEnd, let host = host(rest[..<hostEnd].lowercased()) else { return nil }
    let portText = rest[hostEnd...]
    guard !portText.isEmpty else { return (userInfo, host, nil) }
    guard portText.hasPrefix(":"), let port = port(portText.dropFirst()) else { return nil }
    return (userInfo, host, port)
  }

  private static func port(_ digits: Substring) -> Int? {
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let port = Int(digits), (1...65_535).contains(port)
    else { return nil }
    return port
  }

  // MARK: Host

  private static func host(_ text: String) -> String? {
    if text.hasPrefix("[") { return ipv6(text.dropFirst().dropLast()).map { "[\($0)]" } }
    guard (1...253).contains(text.utf8.count), text.utf8.allSatisfy(isNameCharacter) else { return nil }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    // An empty last label is the dot of a fully qualified name.
    guard !labels.dropLast().contains(""), let last = labels.last(where: { !$0.isEmpty }) else { return nil }
    // Whatever ends like a number is read as an IPv4 address by somebody (WHATWG URL, "ends in a number").
    let isNumber = last.utf8.allSatisfy { (48...57).contains($0) } || last.hasPrefix("0x")
    return isNumber ? ipv4(labels) : text
  }

  private static func ipv4(_ parts: [Substring]) -> String? {
    let isDottedQuad =
      parts.count == 4 && parts.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
    return isDottedQuad ? parts.joined(separator: ".") : nil
  }

  /// The address in the system's usual form; nil when it is none, or has a zone.
  private static func ipv6(_ text: Substring) -> String? {
    guard text.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
    else {
      return nil
    }
    var address = in6_addr()
    guard unsafe inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
    var form = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(AF_INET6, &address, &form, socklen_t(form.count)) != nil else { return nil }
    return String(decoding: form.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Characters

  private static func decodedUserInfo(_ text: Substring) -> String? {
    guard isEncoded(text, { isPathCharacter($0) && $0 != UInt8(ascii: "@") }) else { return nil }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let first = rest.popFirst() {
      if first == UInt8(ascii: "%"), let byte = Hex.decode(utf8: rest.prefix(2)) {
        bytes += byte
        rest = rest.dropFirst(2)
      } else {
        bytes.append(first)
      }
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
      let decoded = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return text.utf8.contains(UInt8(ascii: ":")) ? decoded : decoded + ":"
  }

  /// Whether a path or a query has only characters that may stand there, each `%` followed by two digits.
  static func isPathOrQuery(_ text: Substring) -> Bool {
    isEncoded(text) { isPathCharacter($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
  }

  private static func isEncoded(_ text: Substring, _ isAllowed: (UInt8) -> Bool) -> Bool {
    var rest = text.utf8[...]
    while let first = rest.popFirst() {
      if first == UInt8(ascii: "%") {
        guard rest.prefix(2).count == 2, rest.prefix(2).allSatisfy(isHexDigit) else { return false }
        rest = rest.dropFirst(2)
      } else if !isAllowed(first) {
        return false
      }
    }
    return true
  }

  /// Unreserved, sub-delims, `:` and `@` (RFC 3986, `pchar`).
  private static func isPathCharacter(_ byte: UInt8) -> Bool {
    isNameCharacter(byte) || "~!$&'()*+,;=:@".utf8.contains(byte)
  }

  /// Letters, digits, `-`, `.`, `_`.
  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    Hex.isDigit(byte)
  }

  // MARK: Path

  /// RFC 3986 section 5.2.4, of a path that starts with `/`.
  static func removingDotSegments(_ path: Substring) -> String {
    var kept: [Substring] = []
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (i, segment) in segments.enumerated() {
      switch segment {
      case ".", "..":
        if segment == "..", !kept.isEmpty { kept.removeLast() }
        if i == segments.count - 1 { kept.append("") }  // what is named is a folder
      default: kept.append(segment)
      }
    }
    return "/" + kept.joined(separator: "/")
  }
}
