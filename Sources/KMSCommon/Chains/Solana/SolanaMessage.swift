/// A message of Solana, legacy or version 0: what signers sign, in the very bytes in which it came
/// (solana.com/docs, "Transactions"; solana-message, legacy and v0).
package struct SolanaMessage: Hashable, Sendable {
  /// A call of a program.
  struct Instruction: Hashable, Sendable {
    /// The called program.
    let program: SolanaAddress
    /// The accounts, as places in the list of all accounts.
    let accounts: [UInt8]
    /// The program's own input.
    let data: [UInt8]
  }

  /// Accounts that are named by their places in a table on the chain (version 0).
  struct Lookup: Hashable, Sendable {
    /// The table.
    let table: SolanaAddress
    /// Places of writable accounts.
    let writable: [UInt8]
    /// Places of accounts that are only read.
    let readOnly: [UInt8]
  }

  /// The most bytes that a transaction may have with its signatures (solana-packet, PACKET_DATA_SIZE).
  static let longestTransaction = 1232

  /// Whether the message has version 0, else it is a legacy one.
  let isVersioned: Bool
  /// The accounts that must sign, the one that pays the fee first.
  package var signers: ArraySlice<SolanaAddress> { accounts.prefix(signerCount) }
  /// All accounts that the message names itself.
  package let accounts: [SolanaAddress]
  /// The calls, in order.
  let instructions: [Instruction]
  /// The accounts that tables on the chain name: writable ones of all tables, then the others, follow `accounts`.
  let lookups: [Lookup]

  private let signerCount: Int
  private let bytes: [UInt8]
  private let blockhashOffset: Int

  /// Reads a message, with the checks of the network (`sanitize`), so that what can't run is refused before it is signed.
  ///
  /// - Throws: `malformed-transaction`.
  package init(_ bytes: [UInt8]) throws(ChainError) {
    guard bytes.count < Self.longestTransaction else {
      throw .malformed("serializedTransaction.txData is longer than a transaction may be (1232 bytes)")
    }
    self.bytes = bytes
    var reader = SolanaReader(bytes)
    isVersioned = try Self.readVersion(&reader)
    signerCount = Int(try reader.byte())
    let readOnlySigners = Int(try reader.byte())
    let readOnlyOthers = Int(try reader.byte())
    accounts = try Self.readList(&reader) { (reader) throws(ChainError) in try reader.address() }
    // The first account pays, so it is a signer that is written to.
    guard readOnlySigners < signerCount, signerCount + readOnlyOthers <= accounts.count else {
      throw .malformed("serializedTransaction.txData has a header that does not fit its accounts")
    }
    guard Set(accounts).count == accounts.count else {
      throw .malformed("serializedTransaction.txData names an account twice")
    }
    guard 1 + signerCount * 64 + bytes.count <= Self.longestTransaction else {
      throw .malformed("serializedTransaction.txData is longer with its signatures than a transaction may be")
    }
    blockhashOffset = reader.offset
    _ = try reader.take(32)
    let accounts = accounts
    let calls = try Self.readList(&reader) { (reader) throws(ChainError) in
      try Self.readCall(&reader, accounts)
    }
    lookups = isVersioned ? try Self.readList(&reader, Self.readLookup) : []
    guard reader.isAtEnd else {
      throw .malformed("serializedTransaction.txData goes on after the end of the message")
    }
    let all = lookups.reduce(accounts.count) { $0 + $1.writable.count + $1.readOnly.count }
    guard all <= 256, calls.allSatisfy({ $0.accounts.allSatisfy { $0 < all } }) else {
      throw .malformed(
        "serializedTransaction.txData has an instruction that uses an account which it does not name")
    }
    instructions = calls
  }

  /// The account that pays the fee.
  package var feePayer: SolanaAddress? { accounts.first }

  /// The bytes to sign with `blockhash` in the place of the message's own (decision 8: nothing else changes).
  package func bytes(blockhash: SolanaAddress) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(blockhashOffset..<blockhashOffset + 32, with: blockhash.bytes)
    return bytes
  }

  // MARK: Reading

  /// The first bit tells versioned messages from the count of signers of a legacy one.
  private static func readVersion(_ reader: inout SolanaReader) throws(ChainError) -> Bool {
    guard let first = reader.peek, first & 0x80 != 0 else { return false }
    guard first == 0x80 else {
      throw .malformed(
        "serializedTransaction.txData is a message of version \(first & 0x7F); this build knows version 0")
    }
    _ = try reader.byte()
    return true
  }

  private static func readList<Item>(
    _ reader: inout SolanaReader, _ read: (inout SolanaReader) throws(ChainError) -> Item
  ) throws(ChainError) -> [Item] {
    let count = try reader.compactCount()
    var items: [Item] = []
    // The count is from outside: nothing is reserved for it. Every item has a byte at least, so this ends.
    for _ in 0..<count { items.append(try read(&reader)) }
    return items
  }

  private static func readCall(
    _ reader: inout SolanaReader, _ accounts: [SolanaAddress]
  ) throws(ChainError) -> Instruction {
    let place = Int(try reader.byte())
    // Programs are named by the message itself, and the one that pays is no program.
    guard place > 0, place < accounts.count else {
      throw .malformed("serializedTransaction.txData calls a program which it does not name")
    }
    return Instruction(
      program: accounts[place], accounts: try reader.countedBytes(), data: try reader.countedBytes())
  }

  private static func readLookup(_ reader: inout SolanaReader) throws(ChainError) -> Lookup {
    let lookup = Lookup(
      table: try reader.address(), writable: try reader.countedBytes(), readOnly: try reader.countedBytes())
    guard !lookup.writable.isEmpty || !lookup.readOnly.isEmpty else {
      throw .malformed("serializedTransaction.txData names a table of accounts and takes none from it")
    }
    return lookup
  }
}
