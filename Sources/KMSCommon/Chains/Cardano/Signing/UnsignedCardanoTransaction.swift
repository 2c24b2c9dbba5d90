internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Finds the body in `context.unsignedTransaction` (decision 17).
///
/// Rosetta servers wrap it: hexadecimal CBOR of `[text, extra data]`, the text being the hexadecimal body
/// (cardano-rosetta, cardano-rosetta-java) or an unsigned transaction. Without the wrapping, body and transaction are
/// read as well.
struct UnsignedCardanoTransaction: Hashable, Sendable {
  /// The bytes of the body, as they are hashed and sent.
  let body: [UInt8]

  /// The most bytes that a transaction may have here; the network's limit is 16384.
  static let maximumCount = 65_536
  /// The most bytes that the wrapping may have: the extra data repeats the operations.
  static let maximumEnvelopeCount = 1 << 20

  /// Finds the body.
  ///
  /// - Throws: `malformed-transaction`; `content-mismatch` when a transaction around the body is not plain and unsigned.
  init(_ text: String) throws(ChainError) {
    guard text.utf8.count <= 2 * Self.maximumEnvelopeCount, let bytes = Hex.decode(text), !bytes.isEmpty
    else {
      throw Self.malformed("is not hexadecimal text of at most 1 MiB")
    }
    let inner: [UInt8]
    do throws(CBOR.DecodingError) { inner = try Self.unwrapped(bytes) } catch {
      throw Self.malformed("is not CBOR: \(error.reason)")
    }
    guard inner.count <= Self.maximumCount else { throw Self.malformed("is too large for a transaction") }
    body = try Self.body(of: inner)
  }

  /// The bytes within Rosetta's wrapping, or `bytes` when there is none.
  private static func unwrapped(_ bytes: [UInt8]) throws(CBOR.DecodingError) -> [UInt8] {
    var reader = CBORReader(bytes)
    guard isArray(bytes), try reader.arrayCount() == 2 else { return bytes }
    guard case .text(let digits) = try reader.item(), let inner = Hex.decode(utf8: digits) else {
      throw CBOR.DecodingError(reason: "the text within is not hexadecimal")
    }
    try reader.skip()
    try reader.finish()
    return inner
  }

  /// The body of a transaction `[body, witnesses, is valid, auxiliary data]` (before Alonzo without the third), or the
  /// bytes themselves.
  private static func body(of bytes: [UInt8]) throws(ChainError) -> [UInt8] {
    guard isArray(bytes) else { return bytes }
    let range: Range<Int>
    let rest: [CBOR]
    do throws(CBOR.DecodingError) { (range, rest) = try parts(of: bytes) } catch {
      throw malformed("is not a transaction: \(error.reason)")
    }
    let isPlain = rest == [.map([]), .simple(21), .simple(22)] || rest == [.map([]), .simple(22)]
    guard isPlain else {
      throw ChainError(
        .contentMismatch,
        "the unsigned transaction has witnesses or auxiliary data, which the operations do not show")
    }
    return Array(bytes[range])
  }

  /// Where the body stands in a transaction, and what follows it.
  private static func parts(of bytes: [UInt8]) throws(CBOR.DecodingError) -> (Range<Int>, [CBOR]) {
    var reader = CBORReader(bytes)
    guard let count = try reader.arrayCount(), (3...4).contains(count) else {
      throw CBOR.DecodingError(reason: "it has not three or four parts")
    }
    let start = reader.position
    try reader.skip()
    let end = reader.position
    var rest: [CBOR] = []
    for _ in 1..<count { rest.append(try reader.item()) }
    try reader.finish()
    return (start..<end, rest)
  }

  private static func isArray(_ bytes: [UInt8]) -> Bool { bytes.first.map { $0 >> 5 == 4 } ?? false }

  private static func malformed(_ what: String) -> ChainError {
    .malformed("context.unsignedTransaction \(what)")
  }
}
