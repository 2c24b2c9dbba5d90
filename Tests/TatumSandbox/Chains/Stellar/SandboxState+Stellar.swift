import KMSRecords

/// `GET /v3/xlm/account/{account}`, as Horizon answers.
extension SandboxState {
  mutating func stellarAccount(_ address: String) -> Reply {
    guard let node = nodes["XLM"] as? StellarNode, StellarKey.key(address) != nil else {
      return Self.invalid("account", "account must be an account")
    }
    guard let sequence = node.sequence(of: address) else {
      return .failure(403, "xlm.failed", "Unable to find account. Not Found")
    }
    return .json([
      "id": .string(address), "account_id": .string(address), "sequence": .string(String(sequence)),
    ])
  }
}
