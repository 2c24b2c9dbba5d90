internal import KMSChains
internal import KMSCrypto
internal import KMSRecords

/// Finds the facts that transactions need, each at most once per run and chain.
///
/// One per run: the facts of one poll are not those of the next. Knows no chain by name.
final class FactResolver {
  /// What is known of a question that was asked.
  private final class Question {
    var answer: Result<Fact, DialogueFailure>?
    var waiting: [(Result<Fact, DialogueFailure>) -> Void] = []
  }

  /// Stands for chain and question; a digest, because questions can be long and all of a poll are kept.
  typealias Key = ContentKey

  private let runner: DialogueRunner
  private var questions: [Key: Question] = [:]

  /// Creates a resolver that asks by `runner`.
  init(runner: DialogueRunner) { self.runner = runner }

  /// The context of one transaction.
  struct Context {
    /// The members.
    let json: JSONValue
    /// What gives back what was lent for it, should it not be used.
    fileprivate let giveBack: [Call]
  }

  /// Finds `needs` and gives their members in that order, or the failure that matters most.
  ///
  /// What is lent is asked for when everything else is there.
  func context(
    of needs: [Need], chain: String, completion: @escaping (Result<Context, DialogueFailure>) -> Void
  ) {
    var found = [Result<Fact, DialogueFailure>?](repeating: nil, count: needs.count)
    find(needs, needs.indices.filter { needs[$0].loan == nil }, chain) {
      found[$0] = $1
    } then: { [self] in
      if let failure = Self.worst(found) { return completion(.failure(failure)) }
      find(needs, needs.indices.filter { needs[$0].loan != nil }, chain) {
        found[$0] = $1
      } then: { [self] in
        let lent = zip(needs, found).compactMap { need, fact -> Call? in
          guard let loan = need.loan, case .success(let fact) = fact else { return nil }
          return loan.giveBack(fact)
        }
        if let failure = Self.worst(found) {
          give(back: lent, chain)
          return completion(.failure(failure))
        }
        var context = JSONObject()
        for case .success(let fact)? in found { fact.add(to: &context) }
        completion(.success(Context(json: .object(context), giveBack: lent)))
      }
    }
  }

  /// Gives back what was lent for a transaction that goes no further.
  func release(_ context: Context, chain: String) { give(back: context.giveBack, chain) }

  private func give(back calls: [Call], _ chain: String) {
    for call in calls { runner.run(Dialogue<Int>.ask(call) { _ in .done(0) }, chain: chain) { _ in } }
  }

  private func find(
    _ needs: [Need], _ places: [Int], _ chain: String,
    found: @escaping (Int, Result<Fact, DialogueFailure>) -> Void, then: @escaping () -> Void
  ) {
    guard !places.isEmpty else { return then() }
    var missing = places.count
    for place in places {
      resolve(needs[place], chain) { result in
        found(place, result)
        missing -= 1
        if missing == 0 { then() }
      }
    }
  }

  /// The failure that counts: what ends the run, then what passes, because the transaction is tried again then, whatever
  /// else is wrong with it.
  private static func worst(_ found: [Result<Fact, DialogueFailure>?]) -> DialogueFailure? {
    var worst: DialogueFailure?
    for case .failure(let failure)? in found where worst.map({ failure.kind.rank < $0.kind.rank }) ?? true {
      worst = failure
    }
    return worst
  }

  private func resolve(
    _ need: Need, _ chain: String, completion: @escaping (Result<Fact, DialogueFailure>) -> Void
  ) {
    guard need.lifetime == .poll else { return ask(need, chain, completion) }
    let key = Key(chain, need.question)
    if let known = questions[key] {
      if let answer = known.answer { completion(answer) } else { known.waiting.append(completion) }
      return
    }
    let question = Question()
    question.waiting.append(completion)
    questions[key] = question
    ask(need, chain) { answer in
      let waiting = question.waiting
      question.waiting = []
      question.answer = answer
      for completion in waiting { completion(answer) }
    }
  }

  private func ask(
    _ need: Need, _ chain: String, _ completion: @escaping (Result<Fact, DialogueFailure>) -> Void
  ) {
    var used = [Result<Fact, DialogueFailure>?](repeating: nil, count: need.uses.count)
    find(need.uses, Array(need.uses.indices), chain) {
      used[$0] = $1
    } then: { [self] in
      if let failure = Self.worst(used) { return completion(.failure(failure)) }
      var facts = JSONObject()
      for case .success(let fact)? in used { fact.add(to: &facts) }
      var random = SystemRandomNumberGenerator()
      let bytes = (0..<need.randomBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      runner.run(need.find(Need.Given(facts: facts, random: bytes)), chain: chain, completion: completion)
    }
  }
}

extension DialogueFailure.Kind {
  fileprivate var rank: Int {
    switch self {
    case .ended: 0
    case .passing: 1
    case .refused: 2
    }
  }
}

/// The SHA-256 digest of several texts, to compare long ones by.
struct ContentKey: Hashable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  init(_ texts: String...) {
    var input: [UInt8] = []
    for text in texts {
      input += text.utf8
      input.append(0)
    }
    let digest = Hash.sha256(input)
    func word(_ at: Int) -> UInt64 { digest[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    words = (word(0), word(8), word(16), word(24))
  }

  static func == (a: ContentKey, b: ContentKey) -> Bool { a.words == b.words }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}
