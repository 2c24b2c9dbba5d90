import KMSRecords

/// `GET /v3/bnb/account/{address}`; reference "BNB".
extension SandboxState {
  mutating func beaconAccount(_ address: String) -> Reply {
    guard let node = nodes["BNB"] as? BNBNode, let account = node.account(address) else {
      return Self.invalid("address", "address must be an address")
    }
    return .json(account)
  }
}
