/// The nodes of one chain behind the API, at `/v3/blockchain/node/{name}`.
///
/// The names are those of the API's description (schema NodeRpcPostChains), which carry the network. Short ones, `SOL`
/// or `KLAY`, are older and leave the choice of the network to the API key. The key stands in the header: this is the
/// only path of nodes for which the description allows to leave it out of the path, `/v3/ethereum/web3/{xApiKey}` and
/// its like want it there, where logs and proxies would keep it (defect A8).
struct NodeProxy: Hashable, Sendable {
  /// The name of the node of the main network.
  let mainnet: String
  /// The name of the node of the network that `--testnet` means.
  let testnet: String

  /// The path below the base URL; REST interfaces continue it.
  func path(testnet: Bool) -> String { "/v3/blockchain/node/\(testnet ? self.testnet : mainnet)" }
}
