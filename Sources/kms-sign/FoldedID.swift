/// An id, without the case of its letters: ids that differ in that only are one.
struct FoldedID: Hashable {
  let text: String

  /// Ids have letters, digits and hyphens only, and of these no two others become equal by one bit.
  private static func folded(_ byte: UInt8) -> UInt8 { byte | 0x20 }

  static func == (a: FoldedID, b: FoldedID) -> Bool {
    let (a, b) = (a.text.utf8.span, b.text.utf8.span)
    guard a.count == b.count else { return false }
    for i in a.indices where folded(a[i]) != folded(b[i]) { return false }
    return true
  }

  func hash(into hasher: inout Hasher) {
    // Eight bytes at a time: a hasher takes as long for one as for eight.
    let bytes = text.utf8.span
    var word: UInt64 = 0
    for i in bytes.indices {
      word = word << 8 | UInt64(Self.folded(bytes[i]))
      if i & 7 == 7 { hasher.combine(word) }
    }
    hasher.combine(word)
  }
}
