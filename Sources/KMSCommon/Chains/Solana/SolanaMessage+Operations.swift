/// The instructions that are signed without a flag: those that Tatum's own operations are made of, and others that move
/// nothing away from whoever signs but what they say. docs/chains/sol.md gives the reasons.
extension SolanaMessage {
  /// The first instruction that is not known, in words; nil when all are.
  package var unknownOperation: String? {
    // Whoever made a table can have it name any account until the message runs: nobody sees whom it pays.
    if !lookups.isEmpty {
      return "the message takes accounts from a table on the chain, which it does not show"
    }
    for (i, instruction) in instructions.enumerated() where !Self.isKnown(instruction) {
      let tag = instruction.data.first.map { "\($0)" } ?? "none"
      let program = SolanaProgram(at: instruction.program)?.words ?? instruction.program.text
      return "instruction \(i) calls the \(program) program (first byte of its data: \(tag))"
    }
    return nil
  }

  private static func isKnown(_ instruction: Instruction) -> Bool {
    let data = instruction.data
    switch SolanaProgram(at: instruction.program) {
    case .system:
      // solana-system-interface: CreateAccount, Transfer, CreateAccountWithSeed, AdvanceNonceAccount (whose time is judged
      // elsewhere). Not Allocate: an account that has room for data can neither pay nor be emptied any more.
      return data.littleEndian32(at: 0).map { [0, 2, 3, 4].contains($0) } ?? false
    case .computeBudget, .memo, .oldMemo, .ed25519, .secp256k1, .secp256r1: return true
    case .token, .token2022: return tokenInstructions.contains(data.first ?? 255)
    case .associatedToken:
      // Create, CreateIdempotent; no data means Create.
      return data.isEmpty || data == [0] || data == [1]
    case .tokenMetadata: return metadataInstructions.contains(data.first ?? 255)
    case .stake, nil: return false
    }
  }

  /// spl-token: InitializeMint, InitializeAccount, Transfer, Revoke, MintTo, Burn, TransferChecked, MintToChecked,
  /// BurnChecked, InitializeAccount2, SyncNative, InitializeAccount3, InitializeMint2. Not Approve, SetAuthority,
  /// CloseAccount, FreezeAccount, nor the extensions of token 2022.
  private static let tokenInstructions: Set<UInt8> = [0, 1, 3, 5, 7, 8, 12, 14, 15, 16, 17, 18, 20]

  /// mpl-token-metadata: CreateMetadataAccount, its V2 and V3, CreateMasterEdition and its V3: what makes an NFT.
  private static let metadataInstructions: Set<UInt8> = [0, 10, 16, 17, 33]
}
