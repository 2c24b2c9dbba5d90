/// Which test network of a chain an operator means: `--testnet-type CHAIN=NAME`.
public struct TestnetChoice: Hashable, Sendable {
  /// The chain's name.
  public let chain: String
  /// The name of the test network in lower case, or its chain id.
  public let testnet: String

  /// Why a text is no choice.
  public struct Refusal: Error, CustomStringConvertible {
    /// What there is to choose from.
    public let description: String
  }

  /// Reads `ETH=holesky`.
  ///
  /// - Throws: `Refusal` when the chain has no choice, or no such test network.
  public init(parsing text: String) throws(Refusal) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 < 0x80 }),
      let chain = ChainRegistry.chains[parts[0].uppercased()], !chain.testnets.isEmpty
    else {
      let chains = ChainRegistry.all.filter { !$0.testnets.isEmpty }.map(\.name)
      throw Refusal(description: "it is CHAIN=NAME, for one of \(chains.joined(separator: ", "))")
    }
    guard chain.choosing(testnet: parts[1]) != nil else {
      throw Refusal(
        description: "the test networks of \(chain.name) are \(chain.testnets.joined(separator: ", "))")
    }
    self.chain = chain.name
    testnet = parts[1].lowercased()
  }
}

extension ChainRegistry {
  /// Every chain, by name, with the test networks that were chosen; of two choices for one chain the last counts.
  public static func chains(choosing choices: [TestnetChoice]) -> [String: any Chain] {
    var all = chains
    for choice in choices { all[choice.chain] = all[choice.chain]?.choosing(testnet: choice.testnet) }
    return all
  }
}
