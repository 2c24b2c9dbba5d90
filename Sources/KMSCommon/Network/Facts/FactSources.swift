/// Which source knows the facts of a chain.
enum FactSources {
  /// The source of `chain`; nil where its transactions need no facts, or none that this build can find.
  static func source(of chain: String, testnet: Bool, api: TatumAPI) -> (any FactSource)? {
    if let network = EVMNetwork.all[chain] { return EVMFacts(api: api, network: network) }
    return nil
  }
}
