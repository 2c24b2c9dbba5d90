internal import KMSRecords

/// The facts of BNB (Beacon chain): `accountNumber`, `sequence`, `chainId`.
enum BNBFacts {
  /// `chainId`, known without asking: the public nodes that told it are gone with the chain; there were only two names.
  static func chainID(testnet: Bool) -> Need {
    .constant(member: "chainId", value: .string(BNBChain.chainID(testnet: testnet)))
  }

  /// `accountNumber` and `sequence`.
  static func account(_ address: String) -> Need {
    Need("account", question: "account \(address)") { _ in
      .ask(Call(.get, "/v3/bnb/account/\(Call.segment(address))", credits: 5), "account") { answer in
        guard let number = answer["account_number"]?.uint64, let sequence = answer["sequence"]?.uint64 else {
          return nil
        }
        return Fact([
          ("accountNumber", .string(String(number))), ("sequence", .string(String(sequence))),
        ])
      }
    }
  }
}
