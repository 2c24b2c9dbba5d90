import KMSProcess
import Synchronization

/// Results that are made independently of each other on all cores, from the start until they are asked for.
struct Parallel<Result: Sendable>: Sendable {
  /// What was made so far, in pieces.
  private final class Made: Sendable {
    let pieces: Mutex<[[Result]]>
    init(_ count: Int) { pieces = Mutex(Array(repeating: [], count: count)) }
  }

  private let count: Int
  private let make: @Sendable (Int) -> Result
  private let made: Made
  private let work: SharedWork?

  /// Below this many, waking the other cores costs more than a few signatures.
  private static var few: Int { 8 }

  /// Begins to call `make` with each index from 0 to `count` - 1.
  ///
  /// - Parameters:
  ///   - piece: how many results one core makes in one go.
  ///   - isUrgent: whether the cores do this before what is not.
  init(_ count: Int, piece: Int, isUrgent: Bool, _ make: @escaping @Sendable (Int) -> Result) {
    self.count = count
    self.make = make
    guard count >= Self.few else {
      made = Made(0)
      work = nil
      return
    }
    let made = Made((count + piece - 1) / piece)
    self.made = made
    work = SharedWork((count + piece - 1) / piece, isUrgent: isUrgent) { number in
      let results = (number * piece..<min(count, (number + 1) * piece)).map(make)
      made.pieces.withLock { $0[number] = results }
    }
  }

  /// The results in order; helps to make them.
  func finish() -> [Result] {
    guard let work else { return (0..<count).map(make) }
    work.finish()
    return Array(made.pieces.withLock { $0 }.joined())
  }
}
