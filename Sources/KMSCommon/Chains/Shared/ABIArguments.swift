internal import KMSPrimitives

/// The arguments of a call of a contract of the EVM family (docs.soliditylang.org, "Contract ABI Specification"), as far as
/// their meaning is known. Whatever is not there or does not fit is not read; nothing traps.
struct ABIArguments {
  private let bytes: ArraySlice<UInt8>

  /// The arguments behind the four bytes that name the function.
  init(_ call: ArraySlice<UInt8>) { bytes = call.dropFirst(4) }

  /// Word `i`, 32 bytes; nil when they are not all there.
  func word(_ i: Int) -> UInt256? {
    let word = bytes.dropFirst(32 * i).prefix(32)
    return word.count == 32 ? UInt256(hex: Hex.encode(word).utf8) : nil
  }

  /// The account in word `i`.
  func account(_ i: Int) -> String {
    "0x" + Hex.encode(bytes.dropFirst(32 * i).prefix(32).suffix(20))
  }

  /// The strings of the `bytes[]` that argument `i` is.
  func byteStrings(at i: Int) -> [ArraySlice<UInt8>] {
    guard let start = offset(at: 32 * i), let count = offset(at: start) else { return [] }
    let first = start + 32
    // Each has a word of its own: more than that can't be.
    return (0..<min(count, bytes.count / 32)).compactMap { item in
      guard let place = offset(at: first + 32 * item), let length = offset(at: first + place) else {
        return nil
      }
      let string = bytes.dropFirst(first + place + 32).prefix(length)
      return string.count == length ? string : nil
    }
  }

  /// A number that can be a place among the arguments.
  private func offset(at place: Int) -> Int? {
    let word = bytes.dropFirst(place).prefix(32)
    guard word.count == 32, word.dropLast(4).allSatisfy({ $0 == 0 }) else { return nil }
    let number = Int(UInt32(bigEndianBytes: word.suffix(4)))
    return number <= bytes.count ? number : nil
  }
}
