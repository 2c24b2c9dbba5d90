/// What a message costs (solana.com/docs, "Fees"; solana-compute-budget-instruction).
struct SolanaFee {
  /// Lamports for each signature, those that precompiled programs check included.
  private static let lamportsPerSignature: UInt64 = 5000
  /// Compute units of an instruction when the message sets no limit; the network counts less for some programs.
  private static let defaultUnits: UInt64 = 200_000
  /// The most compute units that a transaction gets.
  private static let maximumUnits: UInt64 = 1_400_000
  private static let microlamports: UInt64 = 1_000_000

  private var unitLimit: UInt32?
  private var unitPrice: UInt64?
  private var signatures: UInt64
  private var calls: UInt64 = 0

  /// Reads the fee settings of a message.
  ///
  /// - Throws: `malformed-transaction` for settings that the network refuses: unknown ones, and one that is there twice.
  init(_ message: SolanaMessage) throws(ChainError) {
    signatures = UInt64(message.signers.count)
    for instruction in message.instructions {
      switch SolanaProgram(at: instruction.program) {
      case .computeBudget: try read(instruction.data)
      case .ed25519, .secp256k1, .secp256r1:
        // The first byte is the number of signatures.
        signatures += UInt64(instruction.data.first ?? 0)
        calls += 1
      default: calls += 1
      }
    }
  }

  private mutating func read(_ data: [UInt8]) throws(ChainError) {
    switch (data.first, data.count) {
    case (1, 5), (4, 5): break  // size of the heap, of loaded accounts: no part of the fee
    case (2, 5) where unitLimit == nil: unitLimit = data.littleEndian32(at: 1)
    case (3, 9) where unitPrice == nil: unitPrice = data.littleEndian64(at: 1)
    default:
      throw .malformed(
        "serializedTransaction.txData has a compute budget instruction that is not known or there twice")
    }
  }

  /// The most lamports that the message can cost; nil from 2^64 on.
  var lamports: UInt64? {
    let limit = unitLimit.map { UInt64($0) } ?? calls * Self.defaultUnits
    let (high, low) = (unitPrice ?? 0).multipliedFullWidth(by: min(limit, Self.maximumUnits))
    // The price is in millionths of a lamport; the fee is rounded up. A high word that large would not fit.
    guard high < Self.microlamports else { return nil }
    let (quotient, remainder) = Self.microlamports.dividingFullWidth((high, low))
    let (priority, carry) = quotient.addingReportingOverflow(remainder > 0 ? 1 : 0)
    let (total, overflow) = priority.addingReportingOverflow(signatures * Self.lamportsPerSignature)
    return carry || overflow ? nil : total
  }
}
