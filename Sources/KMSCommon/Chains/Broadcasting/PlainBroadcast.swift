internal import KMSPrimitives
public import KMSRecords

/// The signed bytes go to Tatum's broadcast endpoint, which does the rest: all chains but a few, as data.
public struct PlainBroadcast: Broadcast {
  /// The chain's name in the API's paths, `/v3/{name}/broadcast`.
  public let name: String
  /// Whether withdrawals of virtual accounts have an endpoint of their own.
  public let hasWithdrawals: Bool
  /// How transactions of one sender follow each other.
  public let order: SendingOrder
  /// What its node software's answers mean.
  public let answers: AnswerTable
  /// What its calls cost.
  public let credits: BroadcastCredits
  /// Whether pending transactions carry their number.
  public let isNumberedBefore: Bool

  /// Creates a description.
  public init(
    name: String, hasWithdrawals: Bool = false, order: SendingOrder, answers: AnswerTable,
    isNumberedBefore: Bool = false, credits: BroadcastCredits = BroadcastCredits()
  ) {
    self.isNumberedBefore = isNumberedBefore
    self.credits = credits
    self.name = name
    self.hasWithdrawals = hasWithdrawals
    self.order = order
    self.answers = answers
  }
}

extension Broadcast {
  /// Numbers are given when transactions are signed, or there are none.
  public var isNumberedBefore: Bool { false }

  /// Those of most chains.
  public var credits: BroadcastCredits { BroadcastCredits() }

  /// The broadcast endpoint, or that of withdrawals.
  public func firstCall(for transaction: SignedRecord) -> Call {
    broadcastCall(transaction, txData: transaction.txData)
  }

  /// One call, whose answer is all.
  public func send(_ transaction: SignedRecord) -> Dialogue<Submission> {
    .ask(firstCall(for: transaction)) { answer in .done(Submission(answer)) }
  }

  /// `GET /v3/{name}/transaction/{id}`.
  public func lookUp(_ transaction: SignedRecord, _ txID: String) -> Dialogue<LookUp> {
    .ask(lookUpCall(txID)) { answer in .done(presence(of: transaction, txID, answer)) }
  }

  /// The words tell.
  public func awaitsEarlier(_ transaction: SignedRecord) -> Dialogue<Bool>? { nil }

  /// It is marked as complete.
  public func notice(of transaction: SignedRecord, _ txID: String) -> Dialogue<Submission>? { nil }

  /// Nothing was lent.
  public func release(unsent record: Record) -> [Call] { [] }

  // MARK: Parts

  /// The call that sends `txData`: it moves money, so it is sent again only when nothing of it arrived.
  func broadcastCall(_ transaction: SignedRecord, txData: String, headers: [Call.Field] = []) -> Call {
    var body = JSONObject()
    let isWithdrawal = hasWithdrawals && transaction.withdrawalID != nil
    if isWithdrawal { body["currency"] = .string(transaction.chain) }
    body["txData"] = .string(txData)
    if isWithdrawal, let id = transaction.withdrawalID { body["withdrawalId"] = .string(id) }
    body["signatureId"] = .string(transaction.id)
    return Call(
      .post, isWithdrawal ? "/v3/offchain/withdrawal/broadcast" : "/v3/\(name)/broadcast", headers: headers,
      body: .object(body), isRepeatable: false, credits: isWithdrawal ? 2 : credits.broadcast)
  }

  func lookUpCall(_ txID: String, headers: [Call.Field] = []) -> Call {
    Call(
      .get, "/v3/\(name)/transaction/\(Call.segment(txID))", headers: headers, credits: credits.lookUp)
  }

  /// Reads the answer to `lookUpCall`.
  func presence(of transaction: SignedRecord, _ txID: String, _ answer: Answer) -> LookUp {
    switch answer {
    case .json(let json): TransactionAnswer(json).presence(of: txID, senders: transaction.senders)
    case .failure(.refused(_, let code, let words)) where Presence.isAbsence(code, words): .absent
    case .failure(let failure): .unknown(failure.message)
    }
  }
}

extension Submission {
  /// What the answer of the broadcast endpoint means.
  public init(_ answer: Answer) {
    switch answer {
    case .json(let json): self = Self.refusal(in: json) ?? .taken(json)
    case .failure(let failure): self.init(failure)
    }
  }

  /// The refusal in an answer with a good status: a node's error (JSON-RPC 2.0), or one of the API in its usual form.
  private static func refusal(in json: JSONValue) -> Submission? {
    guard json["txId"] == nil, json["result"] == nil else { return nil }
    if case .error(let code, let text) = NodeReply(json) {
      return .refused(NetworkWords(unwrapping: text, code: code), code: json["errorCode"]?.string)
    }
    guard let status = json["statusCode"]?.uint64, (400..<500).contains(status),
      let text = json["cause"]?.string ?? json["message"]?.string
    else { return nil }
    return .refused(NetworkWords(unwrapping: text), code: json["errorCode"]?.string)
  }
}

/// The transaction in the answer to a look-up.
struct TransactionAnswer {
  private let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  /// Under what names the API's answers have the id of a transaction.
  private static let names: Set<String> = ["hash", "txID", "txId", "txid", "transactionHash", "id"]

  /// Whether this is the transaction: it names the id, or else the sender where the API leaves the id out. An
  /// answer that names another id, or is no transaction, proves nothing.
  func presence(of txID: String, senders: [String]) -> LookUp {
    guard json.object?.members.isEmpty == false else { return .unknown("the answer to the look-up is empty") }
    let named = Self.names.compactMap { json[$0]?.string }
    if named.contains(where: { TransactionID.isSame($0, txID) }) { return .there }
    if named.contains(where: TransactionID.isDigest) {
      return .unknown("the look-up gave another transaction")
    }
    let texts = Self.texts(json, depth: 4)
    let isNamed = texts.contains { text in
      TransactionID.isSame(text, txID) || senders.contains { TransactionID.isSame(text, $0) }
    }
    return isNamed || !named.isEmpty ? .there : .unknown("the answer to the look-up is no transaction")
  }

  /// All strings, down to `depth`.
  private static func texts(_ value: JSONValue, depth: Int) -> [String] {
    if let text = value.string { return [text] }
    guard depth > 0 else { return [] }
    if let items = value.array { return items.prefix(64).flatMap { texts($0, depth: depth - 1) } }
    return (value.object?.members ?? []).prefix(64).flatMap { texts($0.value, depth: depth - 1) }
  }
}

/// Ids of transactions, as texts.
public enum TransactionID {
  /// Whether two texts name the same transaction: hexadecimal ids regardless of case and `0x`, others exactly.
  public static func isSame(_ a: String, _ b: String) -> Bool {
    if a.utf8.elementsEqual(b.utf8) { return true }
    guard let left = digits(a), let right = digits(b) else { return false }
    return left == right
  }

  /// Whether `text` is 32 bytes in hexadecimal.
  static func isDigest(_ text: String) -> Bool { digits(text)?.count == 64 }

  /// The lower-case digits of 20 (an address) or 32 bytes in hexadecimal.
  private static func digits(_ text: String) -> [UInt8]? {
    var digits = text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    if digits.starts(with: [0x30, 0x78]) { digits.removeFirst(2) }
    guard digits.count == 64 || digits.count == 40,
      digits.allSatisfy(Hex.isDigit)
    else { return nil }
    return digits
  }
}
