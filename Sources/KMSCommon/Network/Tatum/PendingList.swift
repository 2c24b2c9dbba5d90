internal import KMSRecords

/// Takes the list of pending transactions apart as it arrives: an item is handed on as soon as its last byte is there,
/// and nothing else is kept, so that memory does not grow with the list.
final class PendingList: BodySink {
  /// What is handed on.
  enum Piece {
    /// The text of one item, a JSON value that is not checked yet, and its place in the list.
    case item(ArraySlice<UInt8>, at: Int)
    /// An item that is longer than a record may be.
    case tooLong(at: Int)
  }

  private enum State {
    case start
    /// After `[`: a value or the end.
    case first
    /// After a comma.
    case value
    /// In a value: how deep, and whether in a string, and behind a backslash there.
    case inside(depth: Int, isString: Bool, isEscaped: Bool)
    /// In a number or a word, which has no end of its own.
    case word
    /// After a value.
    case after
    case end
    case wrong
  }

  private let maximumItem: Int
  private let hasNoRoom: () -> Bool
  private let begin: () -> Void
  private let handle: (Piece) -> Void
  private var state = State.start
  private var item: [UInt8] = []
  private var isTooLong = false
  private var count = 0

  /// Hands the items to `handle`; those longer than `maximumItem` bytes are left out.
  ///
  /// - Parameters:
  ///   - isFull: whether whoever handles the items has no room for more now.
  ///   - begin: called when the list begins, and when it begins again because an answer broke off.
  init(
    maximumItem: Int = 16 << 20, isFull: @escaping () -> Bool = { false }, begin: @escaping () -> Void = {},
    handle: @escaping (Piece) -> Void
  ) {
    self.maximumItem = maximumItem
    hasNoRoom = isFull
    self.begin = begin
    self.handle = handle
  }

  /// Whether the whole list has come.
  var isComplete: Bool { if case .end = state { true } else { false } }

  var isFull: Bool { hasNoRoom() }
  var progress: Int { count }

  func start() {
    begin()
    state = .start
    item.removeAll()
    isTooLong = false
    count = 0
  }

  func take(_ bytes: Span<UInt8>) -> Bool {
    for i in bytes.indices {
      take(bytes[i])
      if case .wrong = state { return false }
    }
    return true
  }

  private func take(_ byte: UInt8) {
    let isSpace = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    switch state {
    case .start: if byte == UInt8(ascii: "[") { state = .first } else if !isSpace { state = .wrong }
    case .first, .value:
      if isSpace { return }
      if byte == UInt8(ascii: "]") {
        if case .first = state { state = .end } else { state = .wrong }
      } else {
        begin(byte)
      }
    case .inside(let depth, let isString, let isEscaped):
      append(byte)
      if isString {
        if isEscaped {
          state = .inside(depth: depth, isString: true, isEscaped: false)
        } else if byte == UInt8(ascii: "\\") {
          state = .inside(depth: depth, isString: true, isEscaped: true)
        } else if byte == UInt8(ascii: "\"") {
          leave(depth: depth)
        }
        return
      }
      switch byte {
      case UInt8(ascii: "\""): state = .inside(depth: depth, isString: true, isEscaped: false)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        state = .inside(depth: depth + 1, isString: false, isEscaped: false)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): leave(depth: depth - 1)
      default: break
      }
    case .word:
      if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || isSpace {
        finish()
        take(byte)
      } else {
        append(byte)
      }
    case .after:
      if byte == UInt8(ascii: ",") {
        state = .value
      } else if byte == UInt8(ascii: "]") {
        state = .end
      } else if !isSpace {
        state = .wrong
      }
    case .end: if !isSpace { state = .wrong }
    case .wrong: break
    }
  }

  private func begin(_ byte: UInt8) {
    append(byte)
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["): state = .inside(depth: 1, isString: false, isEscaped: false)
    case UInt8(ascii: "\""): state = .inside(depth: 0, isString: true, isEscaped: false)
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: ":"): state = .wrong
    default: state = .word
    }
  }

  private func append(_ byte: UInt8) {
    if item.count < maximumItem { item.append(byte) } else { isTooLong = true }
  }

  private func leave(depth: Int) {
    if depth <= 0 { finish() } else { state = .inside(depth: depth, isString: false, isEscaped: false) }
  }

  private func finish() {
    state = .after
    handle(isTooLong ? .tooLong(at: count) : .item(item[...], at: count))
    count += 1
    item.removeAll(keepingCapacity: item.capacity <= 1 << 20)
    isTooLong = false
  }
}
