extension SolanaMessage {
  /// Whether an instruction advances a nonce account (solana-system-interface: AdvanceNonceAccount, 4). Where it is the first
  /// one, the network takes the nonce's value in the place of a recent blockhash, and so for ever.
  var advancesNonce: Bool {
    instructions.contains { SolanaProgram(at: $0.program) == .system && $0.data.littleEndian32(at: 0) == 4 }
  }

  /// Instructions that give an account to somebody else for good, in words; nil when there are none.
  ///
  /// Decision 5 for Solana: a System account that is assigned to a program, a token account or a stake whose owner is
  /// replaced, a token account that somebody else may close (and take the SOL in it), a nonce account that gets another
  /// authority. Each looks harmless in a simulation, because no balance changes.
  var accountControl: String? {
    for instruction in instructions {
      let data = instruction.data
      switch SolanaProgram(at: instruction.program) {
      case .system:
        // solana-system-interface: Assign, AuthorizeNonceAccount, AssignWithSeed.
        if let tag = data.littleEndian32(at: 0), [1, 7, 10].contains(tag) {
          return tag == 7 ? "gives a nonce account another authority" : "assigns an account to a program"
        }
      case .token, .token2022:
        if let words = Self.tokenAccountControl(data[...]) { return words }
      case .stake:
        // solana-stake-interface: Authorize, AuthorizeWithSeed, AuthorizeChecked, AuthorizeCheckedWithSeed.
        if let tag = data.littleEndian32(at: 0), [1, 8, 10, 11].contains(tag) {
          return "gives a stake another authority"
        }
      default: break
      }
    }
    return nil
  }

  /// spl-token: SetAuthority (6) of kind AccountOwner (2) or, where it names somebody, CloseAccount (3), also as one of
  /// the instructions of a Batch (255): for each the number of its accounts, the length of its data, and the data.
  private static func tokenAccountControl(_ data: ArraySlice<UInt8>) -> String? {
    guard data.first == 255 else { return accountControl(ofToken: data) }
    var rest = data.dropFirst()
    while rest.count >= 2 {
      let inner = rest.dropFirst(2).prefix(Int(rest[rest.startIndex + 1]))
      if let words = accountControl(ofToken: inner) { return words }
      rest = rest.dropFirst(2 + inner.count)
    }
    return nil
  }

  private static func accountControl(ofToken data: ArraySlice<UInt8>) -> String? {
    switch Array(data.prefix(3)) {
    case let start where start.starts(with: [6, 2]): "gives a token account another owner"
    case [6, 3, 1]: "lets somebody else close a token account"
    default: nil
    }
  }
}
