/// The EVM networks that the sandbox plays, one row each; reference "EVM chains: common rules", chainid.network.
struct SandboxEVMNetwork {
  /// As Tatum writes it.
  let chain: String
  /// In paths of the API, such as `/v3/{name}/broadcast`.
  let name: String
  /// The chain ids of the main network and of the test network that is played until a state names another one.
  let mainnet: UInt64, testnet: UInt64
  /// The nodes (schema NodeRpcPostChains) of the main network and of test networks.
  let mainnetNode: String, testnetNodes: [String]

  static let all = [
    SandboxEVMNetwork(
      chain: "ETH", name: "ethereum", mainnet: 1, testnet: 11_155_111, mainnetNode: "ethereum-mainnet",
      testnetNodes: ["ethereum-sepolia", "ethereum-holesky"]),
    SandboxEVMNetwork(
      chain: "BSC", name: "bsc", mainnet: 56, testnet: 97, mainnetNode: "bsc-mainnet",
      testnetNodes: ["bsc-testnet"]),
    SandboxEVMNetwork(
      chain: "MATIC", name: "polygon", mainnet: 137, testnet: 80_002, mainnetNode: "polygon-mainnet",
      testnetNodes: ["polygon-amoy"]),
    SandboxEVMNetwork(
      chain: "KLAY", name: "klaytn", mainnet: 8217, testnet: 1001, mainnetNode: "klaytn-cypress",
      testnetNodes: ["klaytn-baobab"]),
    SandboxEVMNetwork(
      chain: "ONE", name: "one", mainnet: 1_666_600_000, testnet: 1_666_700_000,
      mainnetNode: "one-mainnet-s0",
      testnetNodes: ["one-testnet-s0"]),
    SandboxEVMNetwork(
      chain: "XDC", name: "xdc", mainnet: 50, testnet: 51, mainnetNode: "xdc-mainnet",
      testnetNodes: ["xdc-testnet"]),
    SandboxEVMNetwork(
      chain: "CELO", name: "celo", mainnet: 42_220, testnet: 44_787, mainnetNode: "celo-mainnet",
      testnetNodes: ["celo-testnet"]),
    SandboxEVMNetwork(
      chain: "KCS", name: "kcs", mainnet: 321, testnet: 322, mainnetNode: "kcs-mainnet",
      testnetNodes: ["kcs-testnet"]),
    SandboxEVMNetwork(
      chain: "FLR", name: "flare", mainnet: 14, testnet: 16, mainnetNode: "flare-mainnet",
      testnetNodes: ["flare-coston", "flare-coston2"]),
  ]

  /// Chains by name.
  static let names = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.chain) })

  /// Which chain and network a node is of.
  static let nodes: [String: (chain: String, testnet: Bool)] = {
    var nodes: [String: (chain: String, testnet: Bool)] = [:]
    for network in all {
      nodes[network.mainnetNode] = (network.chain, false)
      for node in network.testnetNodes { nodes[node] = (network.chain, true) }
    }
    return nodes
  }()
}
