/// Nodes that are not Tatum's, where the API has no way of its own.
public struct PublicNodes: Sendable {
  /// A VeChain node; nil for the foundation's.
  public var vechain: WebAddress?
  /// A Flow access node; nil for the foundation's.
  public var flow: WebAddress?

  /// The defaults.
  public init(vechain: WebAddress? = nil, flow: WebAddress? = nil) {
    self.vechain = vechain
    self.flow = flow
  }

  /// The node that the operator named for `chain`.
  func address(of chain: String) -> WebAddress? {
    switch chain {
    case "VET": vechain
    case "FLOW": flow
    default: nil
    }
  }
}

/// Which source knows the facts of a chain.
enum FactSources {
  /// The source of `chain`; nil where its transactions need no facts, or none that this build can find.
  static func source(
    of chain: String, testnet: Bool, api: TatumAPI, nodes: PublicNodes = PublicNodes()
  ) -> (any FactSource)? {
    if let network = EVMNetwork.all[chain] { return EVMFacts(api: api, network: network, testnet: testnet) }
    switch chain {
    case "VET":
      guard let address = nodes.vechain ?? WebAddress(VeChainFacts.defaultURL(testnet: testnet)) else {
        return nil
      }
      return VeChainFacts(node: PublicNode(address: address, client: api.client, timeout: api.timeout))
    case "SOL": return SolanaFacts(api: api, testnet: testnet)
    case "EGLD": return MultiversXFacts(api: api, testnet: testnet)
    case "BNB": return BeaconFacts(api: api, testnet: testnet)
    case "ADA": return CardanoFacts(construction: CardanoConstruction(api: api, testnet: testnet))
    case "BCH": return BitcoinCashFacts(api: api)
    case "FLOW":
      guard let address = nodes.flow ?? WebAddress(FlowFacts.defaultURL(testnet: testnet)) else { return nil }
      return FlowFacts(
        api: api, node: PublicNode(address: address, client: api.client, timeout: api.timeout))
    default: return nil
    }
  }
}
