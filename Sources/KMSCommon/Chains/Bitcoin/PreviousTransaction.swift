internal import KMSCrypto

/// A transaction that made outputs which another one spends, read from its bytes.
///
/// Its hash is the one that an input names, so nobody can state other amounts or scripts than those of its outputs
/// (BIP-174, `PSBT_IN_NON_WITNESS_UTXO`; without it, the amount of an input that was no SegWit one is anybody's word).
package struct PreviousTransaction: Sendable {
  /// The double SHA-256 of `stripped`, 32 bytes, in the order in which inputs carry it.
  package let hash: [UInt8]
  /// Its outputs.
  package let outputs: [BitcoinTransaction.Output]
  /// The bytes that `hash` is of: without witnesses, and without what belongs to MimbleWimble extension blocks.
  package let stripped: [UInt8]

  /// A block has room for 4,000,000 bytes of one transaction, witnesses included (BIP-141, `MAX_BLOCK_WEIGHT`); those
  /// of the chains without SegWit have at most 1,000,000.
  static let maximumLength = 4_000_000

  /// Reads the original serialization, that of BIP-144, or Litecoin's; nil unless `bytes` is exactly one transaction.
  ///
  /// In the latter two, what stands between outputs and lock time is not part of the hash. Witnesses are read to their
  /// end; Litecoin's extension (flag 8, LIP-0003) is not understood, and need not be.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.maximumLength, bytes.count > 10 else { return nil }
    // No transaction has no inputs: a zero in the place of their number is the marker of BIP-144.
    let isExtended = bytes[4] == 0
    let flags = isExtended ? bytes[5] : 0
    guard flags & ~(Self.witnessFlag | Self.extensionFlag) == 0, isExtended == (flags != 0) else {
      return nil
    }
    let start = isExtended ? 6 : 4
    var reader = BitcoinReader(bytes)
    guard reader.skip(start), let inputs = reader.readCompactSize(), inputs > 0 else { return nil }
    for _ in 0..<inputs {
      guard reader.skip(36), reader.skipSized(), reader.skip(4) else { return nil }
    }
    guard let count = reader.readCompactSize(), count > 0 else { return nil }
    var outputs: [BitcoinTransaction.Output] = []
    for _ in 0..<count {
      guard let value = reader.readInteger(UInt64.self), let script = reader.readSized() else { return nil }
      outputs.append(BitcoinTransaction.Output(value: value, script: script))
    }
    let end = reader.at
    if flags & Self.witnessFlag != 0 {
      for _ in 0..<inputs {
        guard let items = reader.readCompactSize() else { return nil }
        for _ in 0..<items where !reader.skipSized() { return nil }
      }
    }
    let left = bytes.count - reader.at
    guard flags & Self.extensionFlag != 0 ? left > 4 : left == 4 else { return nil }
    stripped = isExtended ? bytes[..<4] + bytes[start..<end] + bytes.suffix(4) : bytes
    hash = Hash.sha256d(stripped)
    self.outputs = outputs
  }

  private static let witnessFlag: UInt8 = 1
  private static let extensionFlag: UInt8 = 8
}
