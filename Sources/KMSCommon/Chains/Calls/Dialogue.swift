public import KMSRecords

/// Calls that lead to a value, as data: what to ask, and what to do with each answer.
///
/// A dialogue asks nobody. It is a state machine without clock, randomness or I/O: the network code makes the calls and
/// hands the answers in, a test does the same with answers of its own.
public indirect enum Dialogue<Value: Sendable>: Sendable {
  /// What comes after an answer.
  public typealias Next = @Sendable (Answer) throws(DialogueFailure) -> Dialogue<Value>

  /// Makes a call.
  case ask(Call, then: Next)
  /// Makes several calls at once, and goes on when all have ended, with the answers in the order of the calls.
  case askAll([Call], then: @Sendable ([Answer]) throws(DialogueFailure) -> Dialogue<Value>)
  /// Waits. `hasTime` is false, and then it comes at once, when the time that the dialogue was given would be over.
  case pause(Duration, then: @Sendable (_ hasTime: Bool) throws(DialogueFailure) -> Dialogue<Value>)
  /// It is over: the value.
  case done(Value)
  /// It is over: there is none.
  case failed(DialogueFailure)

  /// The same, and then what `next` makes of the value.
  public func flatMap<New>(
    _ next: @escaping @Sendable (Value) throws(DialogueFailure) -> Dialogue<New>
  ) -> Dialogue<New> {
    switch self {
    case .ask(let call, let then):
      return .ask(call) { (answer) throws(DialogueFailure) in try then(answer).flatMap(next) }
    case .askAll(let calls, let then):
      return .askAll(calls) { (answers) throws(DialogueFailure) in try then(answers).flatMap(next) }
    case .pause(let time, let then):
      return .pause(time) { (hasTime) throws(DialogueFailure) in try then(hasTime).flatMap(next) }
    case .done(let value):
      do throws(DialogueFailure) { return try next(value) } catch { return .failed(error) }
    case .failed(let failure): return .failed(failure)
    }
  }

  /// The same with another value.
  public func map<New>(_ change: @escaping @Sendable (Value) throws(DialogueFailure) -> New) -> Dialogue<New>
  {
    flatMap { (value) throws(DialogueFailure) in .done(try change(value)) }
  }

  /// The same; when it fails, what `next` makes of the failure.
  public func recover(
    _ next: @escaping @Sendable (DialogueFailure) -> Dialogue<Value>
  ) -> Dialogue<Value> {
    switch self {
    case .ask(let call, let then):
      return .ask(call) { answer in
        Self.catching { () throws(DialogueFailure) in try then(answer) }.recover(next)
      }
    case .askAll(let calls, let then):
      return .askAll(calls) { answers in
        Self.catching { () throws(DialogueFailure) in try then(answers) }.recover(next)
      }
    case .pause(let time, let then):
      return .pause(time) { hasTime in
        Self.catching { () throws(DialogueFailure) in try then(hasTime) }.recover(next)
      }
    case .done: return self
    case .failed(let failure): return next(failure)
    }
  }

  /// What `step` gives; `failed` when it throws.
  public static func catching(_ step: () throws(DialogueFailure) -> Dialogue<Value>) -> Dialogue<Value> {
    do throws(DialogueFailure) { return try step() } catch { return .failed(error) }
  }

  /// Makes a call, and ends with what `read` makes of the answer.
  ///
  /// Fails as `Answer.read(asking:_:)` does.
  public static func ask(
    _ call: Call, _ what: String, read: @escaping @Sendable (JSONValue) throws(DialogueFailure) -> Value?
  ) -> Dialogue<Value> {
    .ask(call) { (answer) throws(DialogueFailure) in
      guard let value = try read(try answer.json(asking: what)) else { throw .notUnderstood(asking: what) }
      return .done(value)
    }
  }
}
