import KMSRecords
import TatumDescription

/// What calls cost, in credits: the prices that the API's description names ("5 credits per API call"), as they stand in
/// documents made from it (tatumio/tatum-php, docs/Api, of version 3.17.2). What has no price there costs 1.
enum Prices {
  /// Broadcast and look-up of a transaction, by the name in the path.
  private static let ofChains: [String: (broadcast: Int, lookUp: Int)] = [
    "bitcoin": (2, 1), "bcash": (5, 5), "litecoin": (5, 5), "dogecoin": (2, 1), "ethereum": (2, 1),
    "bsc": (2, 2), "polygon": (2, 2), "klaytn": (2, 2), "one": (2, 2), "xdc": (2, 2), "celo": (2, 2),
    "kcs": (2, 2), "vet": (5, 10), "tron": (5, 5), "bnb": (5, 5), "xrp": (5, 5), "xlm": (5, 5),
    "solana": (2, 1), "algorand": (2, 1), "egld": (2, 1), "flow": (2, 1), "ada": (2, 1),
  ]

  /// The price of a request.
  static func credits(_ route: Route, _ request: Request) -> Int {
    let name = request.segments.count > 1 ? request.segments[1] : ""
    switch route.target {
    case .poll:
      let ids = SignatureIDList(body: request.body)?.count ?? 0
      return max(1, (ids + 499) / 500)
    case .broadcast: return ofChains[name]?.broadcast ?? 2
    case .lookUp: return ofChains[name]?.lookUp ?? 1
    case .withdrawalBroadcast, .completion: return 2
    case .beaconAccount, .stellarAccount: return 5
    case .rpc:
      // Of each method in a batch.
      return 2 * ((try? JSONValue(parsing: request.body))?.array?.count ?? 1)
    case .transaction: return request.method == "DELETE" ? 2 : 1
    case .control, .approve, .vechain, .flowAccess, .unknown: return 0
    case .errorReport, .transactionCount, .fee, .flowService, .notPlayed: return 1
    }
  }
}
