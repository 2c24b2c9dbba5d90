/// When all that is pending on a chain was listed, as far as it was seen: what tells that a transaction is not pending any more
/// from nobody having asked.
struct PollHistory {
  /// In ascending order.
  private var times: [Int64] = []

  /// How many are kept; with ten for each grace time far more than a decision needs.
  private static let most = 256

  /// The latest.
  var last: Int64? { times.last }

  /// Takes in a list.
  mutating func add(_ time: Int64) {
    // A clock that was set back tells nothing.
    guard time > last ?? .min else { return }
    if times.count == Self.most { times.removeFirst() }
    times.append(time)
  }

  /// Whether there was a list after `time`.
  ///
  /// - Parameter emptyTime: when lists were empty, by the word of who polled.
  func has(after time: Int64, emptyTime: ClosedRange<Int64>? = nil) -> Bool {
    max(last ?? .min, emptyTime?.upperBound ?? .min) > time
  }

  /// Whether lists throughout `grace` seconds lacked what was last noted to be pending at `lastSeen`.
  ///
  /// Lists that were all empty for so long lacked it, too, if it was not seen since.
  ///
  /// That note is up to a tenth of the grace time older than the last list with it, so lists of that time do not count. One list
  /// is enough without a grace time; else the first and the last that lacked it are that far apart.
  ///
  /// - Parameter emptyTime: when lists were empty, by the word of who polled.
  func lacked(lastSeen: Int64, grace: Int64, emptyTime: ClosedRange<Int64>? = nil) -> Bool {
    if let emptyTime, lastSeen <= emptyTime.lowerBound,
      emptyTime.upperBound.subtractingClamped(emptyTime.lowerBound) >= max(1, grace)
    {
      return true
    }
    guard let last, let first = times.first(where: { $0.subtractingClamped(lastSeen) >= max(1, grace / 10) })
    else { return false }
    return last.subtractingClamped(first) >= grace
  }
}
