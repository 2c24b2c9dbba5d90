internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Finds the facts that transactions need, each at most once per run and chain.
///
/// One per run: the facts of one poll are not those of the next. Knows no chain by name.
final class FactResolver {
  /// What a question came to.
  private typealias Finding = Result<Fact, DialogueFailure>

  /// A question that was asked and not answered yet, and who waits for it.
  private final class Question {
    var waiting: [(Finding) -> Void] = []
  }

  /// Stands for chain and question; a digest, because questions can be long and all of a poll are kept.
  typealias Key = ContentKey

  private let runner: DialogueRunner
  private var asked: [Key: Question] = [:]
  /// What was answered, by its place in `findings`: there may be 100,000 of them, and most are equal.
  private var answered: [Key: UInt32] = [:]
  private var findings: [Finding] = []
  private var places: [Finding: UInt32] = [:]
  /// Loans, and returns of them, whose calls are under way.
  private var lending = 0
  /// Set when nothing more is to be lent.
  var lendsNoMore = false

  /// Creates a resolver that asks by `runner`.
  init(runner: DialogueRunner) { self.runner = runner }

  /// The context of one transaction.
  struct Context {
    /// The members.
    let json: JSONValue
    /// What gives back what was lent for it, should it not be used.
    fileprivate let giveBack: [Call]

    /// Whether something was lent for it.
    var isLent: Bool { !giveBack.isEmpty }
  }

  /// Whether calls are under way that lend something or give it back.
  var isLending: Bool { lending > 0 }

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
      let loans = needs.indices.filter { needs[$0].loan != nil }
      guard loans.isEmpty || !lendsNoMore else {
        return completion(.failure(DialogueFailure(.passing, "stopped")))
      }
      lending += loans.count
      find(needs, loans, chain) {
        found[$0] = $1
      } then: { [self] in
        lending -= loans.count
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
    for call in calls {
      lending += 1
      runner.run(Dialogue<Int>.ask(call) { _ in .done(0) }, chain: chain, for: .notices) { [self] _ in
        lending -= 1
      }
    }
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
    if let place = answered[key] { return completion(findings[Int(place)]) }
    if let question = asked[key] { return question.waiting.append(completion) }
    let question = Question()
    question.waiting.append(completion)
    asked[key] = question
    ask(need, chain) { [self] finding in
      asked[key] = nil
      answered[key] = place(of: finding)
      let waiting = question.waiting
      question.waiting = []
      for completion in waiting { completion(finding) }
    }
  }

  private func place(of finding: Finding) -> UInt32 {
    if let place = places[finding] { return place }
    let place = UInt32(findings.count)
    findings.append(finding)
    places[finding] = place
    return place
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
      runner.run(
        need.find(Need.Given(facts: facts, random: bytes)), chain: chain, for: .facts, completion: completion)
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

/// Half of the SHA-256 digest of several texts, to compare long ones by.
struct ContentKey: Hashable {
  private let words: (UInt64, UInt64)

  init(_ texts: String...) {
    var input: [UInt8] = []
    for text in texts {
      input += text.utf8
      input.append(0)
    }
    let digest = Hash.sha256(input)
    words = (UInt64(bigEndianBytes: digest[..<8]), UInt64(bigEndianBytes: digest[8..<16]))
  }

  static func == (a: ContentKey, b: ContentKey) -> Bool { a.words == b.words }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}
