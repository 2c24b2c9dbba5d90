public import KMSRecords

/// A fact that the network must supply before a transaction can be signed offline: what it fills in, how long it holds,
/// and the dialogue that finds it.
///
/// Two needs of one chain with the same `question` are one: equal answers would come back.
public struct Need: Hashable, Sendable {
  /// How long a fact holds.
  public enum Lifetime: Hashable, Sendable {
    /// For one poll: found once, for all transactions that ask the same.
    case poll
    /// For one transaction: found anew for each.
    case transaction
  }

  /// What is lent for one transaction: asked for when everything else is there, and given back where it is not used.
  public struct Loan: Sendable {
    /// The call that gives back what the fact lent; what the server answers to it changes nothing.
    public let giveBack: @Sendable (Fact) -> Call?

    /// Creates a loan.
    public init(giveBack: @escaping @Sendable (Fact) -> Call?) { self.giveBack = giveBack }
  }

  /// What a dialogue starts from.
  public struct Given: Sendable {
    /// The facts that the need uses, by member.
    public let facts: JSONObject
    /// As many random bytes as the need asks for.
    public let random: [UInt8]

    /// Creates what a dialogue starts from.
    public init(facts: JSONObject = JSONObject(), random: [UInt8] = []) {
      self.facts = facts
      self.random = random
    }
  }

  /// What is asked, for people: `gas price`.
  public let name: String
  /// What tells it from the chain's other questions.
  public let question: String
  /// How long the fact holds.
  public let lifetime: Lifetime
  /// Facts that are found first, and handed to the dialogue. They do not go into the context by themselves.
  public let uses: [Need]
  /// How many random bytes the dialogue is given.
  public let randomBytes: Int
  /// Set where transactions with this same content and this same fact would be one transaction on the chain, and so one
  /// payment only: of those one goes on in a poll, the others wait for another one.
  public let payment: String?
  /// Set where the fact is lent.
  public let loan: Loan?
  /// The dialogue.
  public let find: @Sendable (Given) -> Dialogue<Fact>

  /// Describes a need.
  public init(
    _ name: String, question: String? = nil, lifetime: Lifetime = .poll, uses: [Need] = [],
    randomBytes: Int = 0,
    payment: String? = nil, loan: Loan? = nil, find: @escaping @Sendable (Given) -> Dialogue<Fact>
  ) {
    self.name = name
    self.question = question ?? name
    self.lifetime = loan == nil ? lifetime : .transaction
    self.uses = uses
    self.randomBytes = randomBytes
    self.payment = payment
    self.loan = loan
    self.find = find
  }

  /// A member that needs no asking, such as `from`.
  public static func constant(member: String, value: JSONValue) -> Need {
    Need(member, question: "\(member) is \(value.text)", lifetime: .transaction) { _ in
      .done(Fact(member, value))
    }
  }

  /// Whether both ask the same.
  public static func == (a: Need, b: Need) -> Bool { a.question == b.question }

  /// Hashes the question.
  public func hash(into hasher: inout Hasher) { hasher.combine(question) }
}

/// What a need came to.
public struct Fact: Hashable, Sendable {
  /// A member of `context`.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value; where `isItem`, one item of the array of that name.
    public let value: JSONValue
    /// Whether the member is an array that several needs fill.
    public let isItem: Bool
  }

  /// The members, in that order.
  public private(set) var members: [Member]

  /// A fact of several members.
  public init(_ members: [(name: String, value: JSONValue)]) {
    self.members = members.map { Member(name: $0.name, value: $0.value, isItem: false) }
  }

  /// A fact of one member.
  public init(_ name: String, _ value: JSONValue) { self.init([(name, value)]) }

  /// One item of the array `array`; nothing where the network does not know it.
  public static func item(of array: String, _ value: JSONValue?) -> Fact {
    var fact = Fact([])
    if let value { fact.members = [Member(name: array, value: value, isItem: true)] }
    return fact
  }

  /// The value of a member.
  public subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

  /// Adds the members to `context`.
  public func add(to context: inout JSONObject) {
    for member in members {
      if member.isItem {
        context[member.name] = .array((context[member.name]?.array ?? []) + [member.value])
      } else {
        context[member.name] = member.value
      }
    }
  }
}
