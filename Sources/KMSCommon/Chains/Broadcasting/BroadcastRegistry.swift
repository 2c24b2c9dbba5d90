/// How each chain's transactions are sent.
public enum BroadcastRegistry {
  /// The way of `chain`; nil for a name that is none.
  public static func broadcast(of chain: String) -> (any Broadcast)? { all[chain] }

  private static let all: [String: any Broadcast] = {
    var all: [String: any Broadcast] = [
      "BTC": BitcoinBroadcast.bitcoin, "LTC": BitcoinBroadcast.litecoin, "DOGE": BitcoinBroadcast.dogecoin,
      "BCH": BitcoinBroadcast.bitcoinCash, "TRON": TronBroadcast.row, "VET": VeChainBroadcast.row,
      "BNB": BNBBroadcast.row, "XRP": XRPBroadcast.row, "XLM": StellarBroadcast.row,
      "ALGO": AlgorandBroadcast.row, "EGLD": MultiversXBroadcast.row, "SOL": SolanaBroadcast(),
      "FLOW": FlowBroadcast(), "ADA": CardanoBroadcast(),
    ]
    for network in EVMNetwork.all { all[network.name] = EVMBroadcast(network: network) }
    return all
  }()
}
