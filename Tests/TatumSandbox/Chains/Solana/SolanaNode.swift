import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of Solana: blockhashes that age, and transactions that are sent, confirmed, or fail.
struct SolanaNode: ChainNode {
  static let chains = ["SOL"]

  /// A blockhash is good for this many blocks.
  private static let validity: UInt64 = 150

  private struct Sent {
    let transaction: SolanaTransaction
    let lastHeight: UInt64
    /// How often its status was asked for.
    var questions: UInt64 = 0
    var isTold = false
  }

  private var height: UInt64 = 250_000_000
  /// How many questions for the status go unanswered before it says "confirmed".
  private var confirmAfter: UInt64 = 1
  /// Whether transactions fail on the chain, and what the node says then.
  private var failure: JSONValue = .null
  /// Programs whose transactions do not pass the simulation before they are sent.
  private var rejects: Set<String> = []
  private var sent: [String: Sent] = [:]

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "height": height = try number(member)
      case "confirmAfter": confirmAfter = try number(member)
      case "failure": failure = member.value
      case "rejects": rejects = Set((member.value.array ?? []).compactMap(\.string))
      default: throw ControlError("SOL: unknown member \(member.name)")
      }
    }
  }

  private func number(_ member: JSONObject.Member) throws(ControlError) -> UInt64 {
    guard let number = member.value.uint64 else {
      throw ControlError("SOL: \(member.name) must be an integer")
    }
    return number
  }

  mutating func learn(from pending: JSONValue) {}

  // MARK: Blocks

  /// Bytes that look like a hash, different for each height.
  private static func blockhash(_ height: UInt64) -> [UInt8] {
    Hash.sha256(Array("block \(height)".utf8))
  }

  var latestBlockhash: JSONValue {
    [
      "context": ["slot": .number(JSONNumber(height + 1000))],
      "value": [
        "blockhash": .string(Base58.encode(Self.blockhash(height))),
        "lastValidBlockHeight": .number(JSONNumber(height + Self.validity)),
      ],
    ]
  }

  // MARK: Transactions

  /// Takes a transaction in Base64 and answers its id.
  mutating func send(_ text: String) throws(Refusal) -> String {
    guard let raw = Base64.decode(text) else { throw Refusal("invalid base64 encoding") }
    let transaction = try SolanaTransaction(raw)
    let oldest = height > Self.validity ? height - Self.validity : 0
    guard
      let block = (oldest...height).reversed().first(where: { Self.blockhash($0) == transaction.blockhash })
    else { throw Refusal("Transaction simulation failed: Blockhash not found") }
    guard sent[transaction.txId] == nil else {
      throw Refusal("Transaction simulation failed: This transaction has already been processed")
    }
    if let program = transaction.calls.first(where: { rejects.contains($0.program) })?.program {
      throw Refusal("Transaction simulation failed: Error processing Instruction 0: \(program)")
    }
    sent[transaction.txId] = Sent(transaction: transaction, lastHeight: block + Self.validity)
    return transaction.txId
  }

  /// The status of a transaction, which asking brings nearer to confirmation.
  mutating func status(_ txId: String) -> JSONValue {
    guard var one = sent[txId] else { return .null }
    one.questions += 1
    sent[txId] = one
    guard one.questions > confirmAfter else {
      return [
        "slot": .number(JSONNumber(height)), "confirmations": 0, "err": .null,
        "confirmationStatus": "processed",
      ]
    }
    return [
      "slot": .number(JSONNumber(height)), "confirmations": 10, "err": failure,
      "confirmationStatus": "confirmed",
    ]
  }

  /// Tatum is told an id, not a transaction: the one that the network has.
  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let one = sent[txData] else { throw Refusal("Transaction \(txData.prefix(100)) was not found.") }
    let transaction = one.transaction
    var flags = one.isTold ? ["already-told"] : []
    if one.questions <= confirmAfter { flags.append("not-confirmed") }
    if !failure.isNull { flags.append("failed-on-chain") }
    sent[txData]?.isTold = true
    return AcceptedTransaction(
      txId: transaction.txId, senders: transaction.signers, outputs: transaction.outputs,
      mismatches: pending.map { Self.mismatches(transaction, $0) }, flags: flags,
      details: [
        ("transaction", .string(Base64.encode(transaction.raw))),
        ("lastHeight", .string(String(one.lastHeight))),
        ("programs", .array(transaction.calls.map { .string($0.program) })),
      ])
  }

  mutating func mine() { height += 1 }

  var summary: JSONValue {
    [
      "height": .string(String(height)),
      "sent": .array(
        sent.sorted { $0.key < $1.key }.map { [.string($0.key), .bool($0.value.isTold)] }),
    ]
  }

  /// The signed message must be the pending one, but for its blockhash.
  private static func mismatches(_ signed: SolanaTransaction, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text),
      var message = wanted["txData"]?.string.flatMap({ Hex.decode($0) }),
      message.count == signed.message.count
    else { return ["txData"] }
    message.replaceSubrange(signed.blockhashRange, with: signed.blockhash)
    return message == signed.message ? [] : ["txData"]
  }
}
