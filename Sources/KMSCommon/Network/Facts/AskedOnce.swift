/// A question that is asked at most once, however many want to know the answer.
final class AskedOnce<Value> {
  /// How the question ended.
  typealias Answer = Result<Value, FactFailure>

  private enum State {
    case open
    case asked([(Answer) -> Void])
    case answered(Answer)
  }

  private var state = State.open

  /// Gives the answer to `completion`; the first call asks, by `ask`.
  func callAsFunction(
    _ completion: @escaping (Answer) -> Void, ask: (@escaping (Answer) -> Void) -> Void
  ) {
    switch state {
    case .answered(let answer): completion(answer)
    case .asked(let waiting): state = .asked(waiting + [completion])
    case .open:
      state = .asked([completion])
      ask { [self] answer in
        guard case .asked(let waiting) = state else { return }
        state = .answered(answer)
        for completion in waiting { completion(answer) }
      }
    }
  }
}
