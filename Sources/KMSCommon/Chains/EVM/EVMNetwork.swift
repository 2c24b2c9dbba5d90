internal import KMSPrimitives

/// One EVM network: everything that tells it from the others, in one row of `EVMNetwork.all`.
package struct EVMNetwork: Sendable {
  /// As Tatum writes it.
  package let name: String
  /// The SLIP-44 number in the mainnet path of wallets.
  package let coinType: UInt32
  /// The number that Tatum's SDK 4 has in its paths, where it is not Ethereum's.
  package var sdkCoinType: UInt32?
  /// The main network.
  package let mainnet: Network
  /// The test networks, the one that `--testnet` means first.
  var testnets: [Network]
  /// The name in the API's paths, such as `/v3/{name}/broadcast`.
  let apiName: String
  /// How a missing gas price is found.
  package let price: Price
  /// The highest fee (gas limit × price) that is signed unless the operator raises it, in whole coins of 10^18 wei.
  let maximumFeeInCoins: UInt16
  /// What others call the chain and its coin.
  var otherNames: [String] = []
  /// How addresses are written.
  package var form = EVMAddressForm.hexadecimal
  /// Whether fees may be paid in a token (CIP-64).
  var hasFeeCurrencies = false
  /// The prefix of the node's methods.
  var methods = "eth"
  /// The name of the method that tells the chain id.
  var chainIDMethod = "eth_chainId"
  /// Whether the API's `/v3/{name}/transaction/count/{address}`, which counts pending transactions, is asked rather than
  /// the node.
  var hasCount = false
  /// What is added to the node's gas estimate.
  var extraGas: UInt64 = 0
  /// Whether withdrawals of virtual accounts have an endpoint of their own.
  var hasWithdrawals = false
  /// What a look-up of a transaction costs in credits.
  var lookUpCredits = 2

  /// One network of a chain.
  package struct Network: Sendable {
    /// The chain id for which this build signs; the network does not get to choose others.
    package let chainID: UInt64
    /// What people call it, in lower case: `--testnet-type` takes it.
    package let name: String
    /// The name of its node behind the API (schema NodeRpcPostChains of the API's description); nil where the API has none
    /// any more, or not yet, so that it can be signed for but not be asked.
    package let node: String?
    /// The header `x-testnet-type` that leads the API's own paths to it; nil where it leads there without.
    var header: String?

    package init(_ chainID: UInt64, _ name: String = "mainnet", node: String? = nil, header: String? = nil) {
      self.chainID = chainID
      self.name = name
      self.node = node
      self.header = header
    }
  }

  /// A rule for gas prices that are missing.
  package enum Price: Sendable {
    /// The node's `gasPrice`, but at least this many wei.
    case node(minimum: UInt64)
    /// This many wei.
    case fixed(UInt64)
    /// `medium` of the API's fee endpoint for this chain.
    case feeEndpoint
    /// The node's, in the fee currency, with the floor of the original for cUSD.
    case feeCurrency
  }

  /// The network of that name.
  package static func named(_ name: String) -> EVMNetwork? { all.first { $0.name == name } }

  /// The network of a record: of several test networks that of `chainID`, else the one that is meant.
  package func network(testnet: Bool, chainID: UInt64?) -> Network {
    guard testnet else { return mainnet }
    return testnets.first { $0.chainID == chainID } ?? testnets.first ?? mainnet
  }

  /// The test network of a name, or of a chain id; nil where there is none.
  package func testnet(called text: String) -> Network? {
    testnets.first { $0.name == text.lowercased() || String($0.chainID) == text }
  }

  /// The same chain with another test network meant; nil for a name that is none.
  package func choosing(testnet text: String) -> EVMNetwork? {
    guard let chosen = testnet(called: text) else { return nil }
    var network = self
    network.testnets = [chosen] + testnets.filter { $0.chainID != chosen.chainID }
    return network
  }
}
