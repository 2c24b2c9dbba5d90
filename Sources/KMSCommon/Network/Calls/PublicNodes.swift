internal import KMSChains

/// Nodes that are not Tatum's, where the operator wants others than those that the chain describes.
public struct PublicNodes: Sendable {
  private var addresses: [String: WebAddress]

  /// Takes the operator's choice, by chain.
  public init(_ addresses: [String: WebAddress?] = [:]) { self.addresses = addresses.compactMapValues { $0 } }

  /// The node that the operator named for `chain`; nil for the one that the chain describes.
  func address(of chain: String) -> WebAddress? { addresses[chain] }
}

extension Call.Server {
  /// The address of a node that is not Tatum's, unless the operator names another one.
  var defaultAddress: WebAddress? {
    if case .publicNode(let url) = self { WebAddress(url) } else { nil }
  }
}
