extension SolanaMessage {
  /// Instructions that give an account to somebody else for good, in words; nil when there are none.
  ///
  /// Decision 5 for Solana: a System account that is assigned to a program, a token account or a stake whose owner is
  /// replaced, a nonce account that gets another authority. Each looks harmless in a simulation, because no balance
  /// changes.
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
        // spl-token: SetAuthority of kind AccountOwner.
        if data.count >= 2, data[0] == 6, data[1] == 2 { return "gives a token account another owner" }
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
}
