internal import KMSPrimitives

/// The programs whose instructions are understood here (solana.com/docs, "Programs").
enum SolanaProgram: String, CaseIterable, Sendable {
  case system = "11111111111111111111111111111111"
  case computeBudget = "ComputeBudget111111111111111111111111111111"
  case token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
  case token2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"
  case associatedToken = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
  case stake = "Stake11111111111111111111111111111111111111"
  case memo = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
  case oldMemo = "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"
  case tokenMetadata = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s"
  case ed25519 = "Ed25519SigVerify111111111111111111111111111"
  case secp256k1 = "KeccakSecp256k11111111111111111111111111111"
  case secp256r1 = "Secp256r1SigVerify1111111111111111111111111"

  /// The program at `address`; nil when it is another one.
  init?(at address: SolanaAddress) {
    guard let program = Self.byAddress[address] else { return nil }
    self = program
  }

  private static let byAddress: [SolanaAddress: SolanaProgram] = {
    var programs: [SolanaAddress: SolanaProgram] = [:]
    for program in allCases {
      if let address = SolanaAddress(program.rawValue) { programs[address] = program }
    }
    return programs
  }()

  /// The name in the log.
  var words: String {
    switch self {
    case .system: "system"
    case .computeBudget: "compute budget"
    case .token: "token"
    case .token2022: "token 2022"
    case .associatedToken: "associated token account"
    case .stake: "stake"
    case .memo, .oldMemo: "memo"
    case .tokenMetadata: "token metadata"
    case .ed25519, .secp256k1, .secp256r1: "signature check"
    }
  }
}

extension [UInt8] {
  /// The integer of 4 bytes in little-endian order at `offset`; nil when they are not there.
  func littleEndian32(at offset: Int) -> UInt32? {
    guard offset >= 0, offset <= count - 4 else { return nil }
    return UInt32(littleEndianBytes: self[offset..<offset + 4])
  }

  /// The integer of 8 bytes in little-endian order at `offset`; nil when they are not there.
  func littleEndian64(at offset: Int) -> UInt64? {
    guard offset >= 0, offset <= count - 8 else { return nil }
    return UInt64(littleEndianBytes: self[offset..<offset + 8])
  }
}
