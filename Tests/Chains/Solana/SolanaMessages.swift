internal import KMSCrypto
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Messages put together byte by byte.
enum SolanaMessages {
  static func bytes(_ address: String) throws -> [UInt8] { try #require(SolanaAddress(address)).bytes }

  static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  /// A legacy message that moves 5 lamports; paid by `payer`, or by `from`.
  static func transfer(
    from: String, to: String, payer: String? = nil, unitPrice: UInt64? = nil, unitLimit: UInt32? = nil
  ) throws -> [UInt8] {
    var signers = [payer ?? from]
    if from != signers[0] { signers.append(from) }
    var accounts = signers
    if !accounts.contains(to) { accounts.append(to) }
    accounts += [SolanaProgram.system.rawValue, SolanaProgram.computeBudget.rawValue]
    let place = { (text: String) -> UInt8 in UInt8(accounts.firstIndex(of: text) ?? 0) }
    var calls: [[UInt8]] = []
    let budget = place(SolanaProgram.computeBudget.rawValue)
    if let unitLimit { calls.append([budget, 0, 5, 2] + little(UInt64(unitLimit), 4)) }
    if let unitPrice { calls.append([budget, 0, 9, 3] + little(unitPrice, 8)) }
    calls.append(
      [place(SolanaProgram.system.rawValue), 2, place(from), place(to), 12, 2, 0, 0, 0] + little(5, 8))
    return try [UInt8(signers.count), 0, 2, UInt8(accounts.count)] + accounts.flatMap(bytes)
      + [UInt8](repeating: 0, count: 32) + [UInt8(calls.count)] + calls.flatMap { $0 }
  }

  /// A legacy message with one instruction that has `data` and the payer as its account.
  static func call(_ program: SolanaProgram, data: [UInt8], payer: String) throws -> [UInt8] {
    try [1, 0, 1, 2] + bytes(payer) + bytes(program.rawValue) + [UInt8](repeating: 7, count: 32)
      + [1, 1, 1, 0, UInt8(data.count)] + data
  }

  /// A message of version 0 that moves lamports to the second account of a table; the first one is only read.
  static func versionedTransfer(from: String) throws -> [UInt8] {
    try [0x80, 1, 0, 1, 2] + bytes(from) + bytes(SolanaProgram.system.rawValue)
      + [UInt8](repeating: 7, count: 32)
      + [1, 1, 2, 0, 2, 12, 2, 0, 0, 0] + little(1_000_000, 8)
      + [1] + bytes("2KW2XRd9kwqet15Aha2oK3tYvd3nWbTFH1MBiRAv1BE1") + [1, 9, 1, 3]
  }
}
