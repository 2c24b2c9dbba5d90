/// A transaction within an envelope: who pays, until when it is valid, what it does.
package struct StellarTransaction {
  /// The public key of the source account, which pays the fee and whose sequence number is used.
  let source: [UInt8]
  /// The most that it may cost, in stroops.
  let feeInStroops: UInt32
  /// The sequence number that it uses, and the lowest that its account may have used last: one below it, unless the
  /// transaction says otherwise (CAP-21, `minSeqNum`).
  let sequence: Int64
  let lowestPrevious: Int64
  /// Unix time in seconds from which on it is valid; 0 when there is no such time.
  package let minTime: UInt64
  /// Unix time in seconds until which it is valid; nil when there is no end.
  package let maxTime: UInt64?
  /// The first ledger that does not take it any more; nil when there is none.
  package let maxLedger: UInt32?
  package let operations: [StellarOperation]

  /// Reads `Transaction`, or `TransactionV0` when `isV0` (Stellar-transaction.x), to its end.
  init(_ reader: inout XDRReader, isV0: Bool) throws(ChainError) {
    source = isV0 ? Array(try reader.opaque(32)) : try reader.muxedAccount()
    feeInStroops = try reader.uint32()
    sequence = try reader.int64()
    let validity = try Validity(&reader, isV0: isV0)
    minTime = validity.minTime
    maxTime = validity.maxTime == 0 ? nil : validity.maxTime
    maxLedger = validity.maxLedger == 0 ? nil : validity.maxLedger
    lowestPrevious = validity.minSequence ?? (sequence == .min ? .min : sequence - 1)
    try Self.memo(&reader)
    var operations: [StellarOperation] = []
    for _ in 0..<(try reader.count(max: 100)) { operations.append(try StellarOperation(&reader)) }
    guard !operations.isEmpty else { throw reader.error("it has no operation") }
    self.operations = operations
    switch try reader.uint32() {
    case 0: break
    case 1 where !isV0: try reader.contractData()
    default: throw reader.error("an unknown extension of the transaction")
    }
  }

  private static func memo(_ reader: inout XDRReader) throws(ChainError) {
    switch try reader.uint32() {
    case 0: return
    case 1: try reader.variable(max: 28)
    case 2: try reader.skip(8)
    case 3, 4: try reader.skip(32)
    default: throw reader.error("an unknown type of memo")
    }
  }

  /// `Preconditions` (CAP-21); in a V0 transaction optional time bounds, which are written in the same way.
  private struct Validity {
    var minTime: UInt64 = 0
    var maxTime: UInt64 = 0
    var maxLedger: UInt32 = 0
    var minSequence: Int64?

    init(_ reader: inout XDRReader, isV0: Bool) throws(ChainError) {
      switch try reader.uint32() {
      case 0: return
      case 1: (minTime, maxTime) = try Self.times(&reader)
      case 2 where !isV0:
        if try reader.bool() { (minTime, maxTime) = try Self.times(&reader) }
        if try reader.bool() {
          try reader.skip(4)
          maxLedger = try reader.uint32()
        }
        if try reader.bool() { minSequence = try reader.int64() }
        try reader.skip(8 + 4)  // minSeqAge, minSeqLedgerGap
        for _ in 0..<(try reader.count(max: 2)) { try reader.signerKey() }  // extraSigners
      default: throw reader.error("an unknown type of preconditions")
      }
    }

    private static func times(_ reader: inout XDRReader) throws(ChainError) -> (UInt64, UInt64) {
      let minTime = try reader.uint64()
      let maxTime = try reader.uint64()
      guard maxTime == 0 || minTime <= maxTime else { throw reader.error("its time bounds leave no time") }
      return (minTime, maxTime)
    }
  }
}
