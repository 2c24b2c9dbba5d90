internal import Glibc
public import KMSProcess

extension Confinement {
  /// What a program needs that speaks to servers: their ports, those of proxies, and what libcurl reads.
  ///
  /// - Parameters:
  ///   - servers: those that options name; 443 is always among the ports, for nodes that chains describe.
  ///   - files: further files that it reads, by options.
  public static func speaking(to servers: [WebAddress?], reading files: [String?]) -> Confinement {
    var confinement = Confinement()
    let proxies = ["TATUM_PROXY"].compactMap { variable($0) }
    let ports = servers.compactMap { $0.flatMap { UInt16(exactly: $0.port) } } + proxies.map(proxyPort)
    confinement.connections = .ports(Set(ports).union([443]))
    confinement.readable =
      networkFiles + files.compactMap { $0 } + ["TATUM_CA_FILE"].compactMap { variable($0) }
    return confinement
  }

  private static func variable(_ name: String) -> String? {
    System.variable(name)
  }

  /// The port of a proxy as libcurl reads it (CURLOPT_PROXY(3)): 1080 where none is said, 443 for https.
  static func proxyPort(_ text: String) -> UInt16 {
    let isSecure = text.hasPrefix("https://")
    var rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
    rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let end = rest.lastIndex(of: "@") { rest = rest[rest.index(after: end)...] }
    // What stands in brackets is an address of IPv6.
    if let end = rest.lastIndex(of: "]") { rest = rest[rest.index(after: end)...] }
    let port = rest.lastIndex(of: ":").flatMap { UInt16(rest[rest.index(after: $0)...]) }
    return port ?? (isSecure ? 443 : 1080)
  }
}

extension TatumOptions {
  /// What a program needs that speaks to the API, and to `nodes` besides.
  ///
  /// - Throws: as `address`.
  public func confinement(nodes: [WebAddress?] = []) throws -> Confinement {
    .speaking(to: [try address()] + nodes, reading: [apiKeyFile])
  }
}
