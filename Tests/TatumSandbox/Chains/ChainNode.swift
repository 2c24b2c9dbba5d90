import KMSRecords

/// What a chain's network does with transactions: reads them, checks them, keeps them.
///
/// One type per chain family, each with decoding code of its own. A chain without one answers broadcasts with 501.
protocol ChainNode: Sendable {
  /// Takes over what the state says about the chain: accounts, unspent outputs, prices.
  mutating func merge(_ state: JSONValue) throws(ControlError)

  /// Makes the text of a pending transaction from what it is to do: here what depends on the time is filled in.
  ///
  /// - Parameter now: seconds since 1970.
  func serialize(_ transaction: JSONValue, now: UInt64) throws(ControlError) -> String

  /// Learns what a pending transaction tells about the chain, as the outputs that its inputs spend.
  mutating func learn(from pending: JSONValue)

  /// Reads and checks a signed transaction, and keeps it.
  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction

  /// Confirms what was accepted.
  mutating func mine()

  /// The accounts or outputs that are known, for people.
  var summary: JSONValue { get }
}

extension ChainNode {
  func serialize(_ transaction: JSONValue, now: UInt64) throws(ControlError) -> String {
    transaction.string ?? transaction.text
  }
}

/// A chain's no to a transaction, in the words of its node software.
struct Refusal: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// What a chain's own code read in a transaction that it accepted.
struct AcceptedTransaction {
  let txId: String
  let senders: [String]
  var nonce: String?
  let outputs: [JSONValue]
  /// What the signed transaction does otherwise than its pending transaction asks; nil without one.
  var mismatches: [String]?
  /// Remarks, as "queued" for a nonce that leaves a gap.
  var flags: [String] = []
  /// Further members for people and tests.
  var details: [(name: String, value: JSONValue)] = []
}

/// The nodes of all chains that can be decoded.
func makeChainNodes(testnet: Bool) -> [String: any ChainNode] {
  var nodes: [String: any ChainNode] = [:]
  for chain in EVMNode.chains { nodes[chain] = EVMNode(chain: chain, testnet: testnet) }
  for chain in BitcoinNode.chains { nodes[chain] = BitcoinNode(chain: chain) }
  for chain in TronNode.chains { nodes[chain] = TronNode() }
  for chain in VeChainNode.chains { nodes[chain] = VeChainNode(testnet: testnet) }
  for chain in BNBNode.chains { nodes[chain] = BNBNode(testnet: testnet) }
  for chain in SolanaNode.chains { nodes[chain] = SolanaNode() }
  for chain in AlgorandNode.chains { nodes[chain] = AlgorandNode(testnet: testnet) }
  for chain in MultiversXNode.chains { nodes[chain] = MultiversXNode(testnet: testnet) }
  for chain in CardanoNode.chains { nodes[chain] = CardanoNode(testnet: testnet) }
  for chain in FlowNode.chains { nodes[chain] = FlowNode() }
  for chain in XRPNode.chains { nodes[chain] = XRPNode(testnet: testnet) }
  for chain in StellarNode.chains { nodes[chain] = StellarNode(testnet: testnet) }
  return nodes
}
