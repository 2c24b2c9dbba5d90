import KMSRecords

/// What the API itself says when it has judged nothing: for faults, by name.
///
/// The words are those of the API's description (error codes `*.failed`, "Unable to communicate with blockchain"), of its
/// open-source connectors ("Unexpected error occurred. Reason: …"), and of its gateway.
enum KnownAnswer: String, CaseIterable {
  case unreachableNode = "unreachable-node"
  case unexpectedError = "unexpected-error"
  case broadcastTimeout = "broadcast-timeout"
  case credits
  case badKey = "bad-key"
  case subscription
  case tooMany = "too-many"
  case internalError = "internal-error"
  case badGateway = "bad-gateway"

  var status: Int {
    switch self {
    case .badKey: 401
    case .tooMany: 429
    case .internalError: 500
    case .badGateway: 502
    default: 403
    }
  }

  /// `name` is the chain's name in the API's error codes.
  func reply(name: String) -> Reply {
    switch self {
    case .unreachableNode:
      .failure(status, "\(name).failed", "Unable to communicate with blockchain. timeout of 30000ms exceeded")
    case .unexpectedError:
      .failure(
        status, "\(name).error", "Unexpected error occurred. Reason: connect ECONNREFUSED 10.0.3.7:8545")
    case .broadcastTimeout:
      .failure(
        status, "\(name).broadcast.failed",
        "Unable to broadcast transaction due to CONNECTION TIMEOUT: timeout of 30000 ms achived.")
    case .credits:
      .failure(
        status, "credits.insufficient",
        "You have reached the limit of 10000 credits with your free plan. Upgrade your plan to continue.")
    case .badKey: .failure(status, "subscription.invalid", "Unable to find valid subscription for '…'")
    case .subscription: .failure(status, "subscription.expired", "Your subscription has expired.")
    case .tooMany: .failure(status, nil, "Too many requests")
    case .internalError: .failure(status, nil, "Internal server error")
    case .badGateway:
      Reply(
        status: status, headers: [("content-type", "text/html")],
        body: Array("<html><head><title>502 Bad Gateway</title></head></html>".utf8))
    }
  }
}
