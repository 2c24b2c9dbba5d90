/// What the answers of one chain's node software mean: decision 22.
///
/// What matches no rule is trouble. When rules of several verdicts match, the most careful verdict wins (the order of
/// `Verdict`), so the order of rules means nothing, and no rule can turn "it may be there" into "refused".
public struct AnswerTable: Sendable {
  /// Things that node software says and that mean the same.
  public struct Rule: Sendable {
    /// What must stand in the answer: one of these.
    public let matches: [Match]
    /// What it means.
    public let verdict: Verdict
    /// Which node software says it, and where: program, file, function or constant.
    public let source: String

    /// Creates a rule.
    public init(_ verdict: Verdict, _ source: String, _ matches: Match...) {
      self.verdict = verdict
      self.source = source
      self.matches = matches
    }
  }

  /// How a rule finds its answers.
  public enum Match: Sendable {
    /// The words stand in the text at word boundaries, in any case of ASCII letters.
    case words(String)
    /// The word stands in the text at word boundaries, letter for letter: result codes such as `tefPAST_SEQ`.
    case code(String)
    /// A word of the text begins with these letters, followed by a capital: families of result codes such as `tec`.
    case family(String)
    /// The whole text is this, in any case of ASCII letters; for answers too short to be looked for in others.
    case whole(String)
    /// The text says so in numbers, for node software that uses the same words for two things.
    case says(@Sendable (String) -> Bool)
    /// The code of the JSON-RPC error.
    case number(Int64)
    /// All of them.
    case all([Match])
  }

  /// The rules.
  public let rules: [Rule]

  /// A table of `rules`.
  public init(_ rules: [Rule]) { self.rules = rules }

  /// The rules of both tables.
  public static func + (a: AnswerTable, b: AnswerTable) -> AnswerTable { AnswerTable(a.rules + b.rules) }

  /// What `words` mean.
  public func verdict(of words: NetworkWords) -> Verdict { rule(for: words)?.verdict ?? .trouble }

  /// The rule that decides about `words`; nil when none matches.
  public func rule(for words: NetworkWords) -> Rule? {
    let answer = SearchedText(words)
    var best: Rule?
    for rule in rules where best.map({ rule.verdict < $0.verdict }) ?? true {
      if rule.matches.contains(where: answer.matches) { best = rule }
    }
    return best
  }
}

extension AnswerTable {
  /// What clients, proxies and nodes of every kind say when nothing was judged. It stands before "refused" in the order of
  /// caution: a text that speaks of a time-out is no verdict, whatever else it says.
  public static let nodeTrouble = AnswerTable([
    Rule(
      .trouble, "axios, web3.js, Node.js, Go, proxies: no answer of the node", "timeout", "timed out",
      "ETIMEDOUT",
      "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "EPIPE", "socket hang up",
      "CONNECTION ERROR", "Invalid JSON RPC response", "Network Error", "Bad Gateway", "Gateway Timeout",
      "Service Unavailable", "Service Temporarily Unavailable", "Too Many Requests", "rate limit",
      "rate limited",
      "rate limit exceeded", "connection refused", "connection reset", "context deadline exceeded",
      "context canceled", "Internal Server Error", "Request failed with status code", "overloaded",
      "still syncing", "is syncing", "not synced", "node is not ready", "method handler crashed")
  ])
}

extension AnswerTable.Match: ExpressibleByStringLiteral {
  /// Plain text stands for `words`.
  public init(stringLiteral text: String) { self = .words(text) }
}

extension Verdict: Comparable {
  /// More careful.
  public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .alreadyThere: 0
    case .perhapsThere: 1
    case .outOfTurn: 2
    case .held: 3
    case .trouble: 4
    case .refused: 5
    case .accepted: 6
    }
  }
}

/// The text of an answer, made ready to be compared with many rules.
private struct SearchedText {
  let text: String
  let bytes: [UInt8]
  let lowered: [UInt8]
  let code: Int64?

  init(_ words: NetworkWords) {
    text = words.text
    bytes = Array(words.text.utf8)
    lowered = bytes.map(Self.lower)
    code = words.code
  }

  func matches(_ match: AnswerTable.Match) -> Bool {
    switch match {
    case .words(let words): Self.occurs(words.utf8.map(Self.lower), in: lowered)
    case .code(let word): Self.occurs(Array(word.utf8), in: bytes)
    case .family(let start): Self.occurs(Array(start.utf8), in: bytes, isFamily: true)
    case .whole(let words): words.utf8.map(Self.lower) == lowered
    case .says(let holds): holds(text)
    case .number(let number): code == number
    case .all(let matches): matches.allSatisfy(self.matches)
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

  /// Letters, digits, the underscore, and everything beyond ASCII are parts of words.
  private static func isOfWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 0x5F
      || byte >= 0x80
  }

  /// Whether `words` stands in `text`, with no part of a word right before it, and right after it none either, or a
  /// capital letter when `isFamily`.
  private static func occurs(_ words: [UInt8], in text: [UInt8], isFamily: Bool = false) -> Bool {
    guard let first = words.first, let last = words.last, text.count >= words.count else { return false }
    for start in 0...(text.count - words.count) where text[start] == first {
      let end = start + words.count
      if isOfWord(first), start > 0, isOfWord(text[start - 1]) { continue }
      let next = end < text.count ? text[end] : 0
      if isFamily ? !(65...90).contains(next) : isOfWord(last) && isOfWord(next) { continue }
      if text[start..<end].elementsEqual(words) { return true }
    }
    return false
  }
}
