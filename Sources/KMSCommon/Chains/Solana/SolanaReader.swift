internal import KMSPrimitives

/// Reads the bytes of a message from the front, never beyond their end.
struct SolanaReader {
  private var reader: ByteReader

  init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

  /// How many bytes were read.
  var offset: Int { reader.offset }

  /// Whether everything was read.
  var isAtEnd: Bool { reader.isAtEnd }

  /// The next byte, which stays unread; nil at the end.
  var peek: UInt8? { reader.peek }

  /// Reads a byte.
  mutating func byte() throws(ChainError) -> UInt8 {
    guard let byte = reader.byte() else { throw Self.tooShort }
    return byte
  }

  /// Reads `count` bytes.
  mutating func take(_ count: Int) throws(ChainError) -> ArraySlice<UInt8> {
    guard let bytes = reader.take(count) else { throw Self.tooShort }
    return bytes
  }

  /// Reads an address.
  mutating func address() throws(ChainError) -> SolanaAddress {
    guard let address = SolanaAddress(bytes: try take(32)) else { throw Self.tooShort }
    return address
  }

  /// Reads a compact-u16: 7 bits a byte, the low ones first, in as few bytes as can be; the network refuses longer
  /// forms (solana-short-vec).
  mutating func compactCount() throws(ChainError) -> Int {
    var value = 0
    for position in 0..<3 {
      let byte = try byte()
      value |= Int(byte & 0x7F) << (7 * position)
      guard byte & 0x80 == 0 else { continue }
      guard position == 0 || byte != 0, value <= 0xFFFF else { break }
      return value
    }
    throw .malformed("serializedTransaction.txData holds a length that is not a compact-u16")
  }

  /// Reads a length and that many bytes.
  mutating func countedBytes() throws(ChainError) -> [UInt8] { Array(try take(compactCount())) }

  private static let tooShort = ChainError.malformed(
    "serializedTransaction.txData ends within the message: it was cut off")
}
