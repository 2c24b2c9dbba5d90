public import ArgumentParser
internal import KMSChains
internal import KMSRecords

/// Nodes that the operator names for chains that ask some that are not Tatum's.
public struct NodeOptions: ParsableArguments {
  /// The node of one chain.
  public struct Node: Sendable {
    let chain: String
    let address: WebAddress
  }

  /// The nodes, as they were given.
  @Option(
    help: ArgumentHelp(
      "The node that a chain asks beside the API, CHAIN=https://node.example.",
      discussion: "May stand several times; the default is in the chain's document, see docs/chains.md.",
      valueName: "chain=url"),
    transform: Self.node)
  public var nodeURL: [Node] = []

  /// Needed by ParsableArguments.
  public init() {}

  /// Refuses two nodes of one chain.
  public func validate() throws {
    for (i, node) in nodeURL.enumerated() where nodeURL[..<i].contains(where: { $0.chain == node.chain }) {
      throw ValidationError("--node-url names two nodes of \(node.chain)")
    }
  }

  /// What was chosen.
  public var nodes: PublicNodes {
    PublicNodes(Dictionary(nodeURL.map { ($0.chain, $0.address as WebAddress?) }) { first, _ in first })
  }

  /// Their addresses.
  public var addresses: [WebAddress] { nodeURL.map(\.address) }

  /// Reads `CHAIN=URL`.
  ///
  /// - Throws: `ValidationError` when the chain asks no such node, or the URL is not https, unless in a private network, or
  ///   has a query.
  static func node(_ text: String) throws -> Node {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let chains = ChainRegistry.names.all.filter { ChainRegistry.chains[$0]?.asksPublicNode == true }
    let name = parts[0].uppercased()
    guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 < 0x80 }), chains.contains(name) else {
      throw ValidationError(
        "--node-url is CHAIN=URL; the chains that ask a node beside the API are \(chains.joined(separator: ", "))"
      )
    }
    guard let address = WebAddress(parts[1]), address.scheme == "https" || address.isPrivate,
      address.query == nil
    else {
      throw ValidationError("a node is an https URL without a query; http only in a private network")
    }
    return Node(chain: name, address: address)
  }
}
