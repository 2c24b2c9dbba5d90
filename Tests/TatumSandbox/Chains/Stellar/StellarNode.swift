import KMSCrypto
import KMSPrimitives
import KMSRecords

/// Horizon and the network behind it: accounts with sequence numbers, and envelopes in XDR.
struct StellarNode: ChainNode {
  static let chains = ["XLM"]

  struct Account {
    /// The sequence number that was used last; nil while nothing is known of it: then the first transaction tells.
    var sequence: Int64?
    /// Further keys that sign for it.
    var signers: Set<String> = []
    var isMasterDisabled = false
  }

  private let passphrase: String
  /// The current ledger and the time of the last one; nil: every bound is met.
  private var ledger: UInt64?
  private var closeTime: UInt64?
  private var baseFee: Int64 = 100
  private var accounts: [String: Account] = [:]
  private var onlyKnownAccounts = false
  /// Waiting for a ledger, and in one, by their ids.
  private var open: Set<String> = []
  private var closed: Set<String> = []

  init(testnet: Bool) {
    passphrase =
      testnet ? "Test SDF Network ; September 2015" : "Public Global Stellar Network ; September 2015"
  }

  // MARK: State

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "ledger": ledger = member.value.uint64
      case "closeTime": closeTime = member.value.uint64
      case "baseFee": baseFee = Int64(member.value.uint64 ?? 100)
      case "onlyKnownAccounts": onlyKnownAccounts = member.value.bool ?? false
      case "accounts":
        for entry in member.value.object?.members ?? [] {
          guard StellarKey.key(entry.name) != nil, entry.name.hasPrefix("G") else {
            throw ControlError("XLM: \(entry.name) is not an account")
          }
          accounts[entry.name] = Account(
            sequence: entry.value["sequence"]?.uint64.map { Int64(clamping: $0) },
            signers: Set(entry.value["signers"]?.array?.compactMap(\.string) ?? []),
            isMasterDisabled: entry.value["masterDisabled"]?.bool ?? false)
        }
      default: throw ControlError("XLM: unknown member \(member.name)")
      }
    }
  }

  /// An envelope as Tatum makes it: what is asked for with an upper time bound of 0 ends in ten minutes.
  func serialize(_ transaction: JSONValue, now: UInt64) throws(ControlError) -> String {
    guard let text = transaction.string, var bytes = Base64.decode(text) else {
      throw ControlError("XLM: transaction is no envelope in Base64")
    }
    // Type of the envelope, type and bytes of the key, fee and sequence number come before.
    let (times, end) = (52..<56, 64..<72)
    if bytes.count > end.upperBound, bytes[times].elementsEqual([0, 0, 0, 1]),
      bytes[end].allSatisfy({ $0 == 0 })
    {
      bytes.replaceSubrange(end, with: (now + 600).bigEndianBytes)
    }
    return Base64.encode(bytes)
  }

  mutating func learn(from pending: JSONValue) {}

  mutating func mine() {
    ledger = ledger.map { $0 + 1 }
    closed.formUnion(open)
    open = []
  }

  var summary: JSONValue {
    var all = JSONObject()
    for (address, account) in accounts.sorted(by: { $0.key < $1.key }) {
      all[address] = ["sequence": account.sequence.map { .string(String($0)) } ?? .null]
    }
    return [
      "ledger": ledger.map { .string(String($0)) } ?? .null, "accounts": .object(all),
      "transactions": .array((open.union(closed)).sorted().map { .string($0) }),
    ]
  }

  // MARK: Transactions

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    let envelope = try StellarEnvelopeRead(txData)
    let txId = Hex.encode(envelope.outer.hash(passphrase: passphrase))
    // Horizon answers with the result that it has; stellar-core tells a copy of what waits.
    let isKnown = closed.contains(txId)
    if !isKnown {
      guard open.insert(txId).inserted else {
        throw Refusal(#"{"tx_status":"DUPLICATE","hash":"\#(txId)"}"#)
      }
      do throws(Refusal) { try apply(envelope) } catch {
        open.remove(txId)
        throw error
      }
    }
    let transaction = envelope.inner.transaction
    return AcceptedTransaction(
      txId: txId,
      senders: [envelope.feeBump?.feeSource ?? transaction["source"]?.string ?? ""].map(Self.account),
      nonce: transaction["seqNum"]?.string, outputs: Self.outputs(transaction),
      mismatches: pending.map { envelope.mismatches($0) }, flags: isKnown ? ["known"] : [],
      details: [
        ("type", .string(envelope.feeBump == nil ? "transaction" : "fee bump")), ("transaction", transaction),
        ("signatures", .string(String(envelope.outer.signatures.count))),
      ])
  }

  private static func outputs(_ transaction: JSONValue) -> [JSONValue] {
    (transaction["operations"]?.array ?? []).map { $0["body"] ?? .null }
  }

  /// The account of `G…` or `M…`.
  private static func account(_ address: String) -> String {
    StellarKey.key(address).map { StellarKey.address($0) } ?? address
  }

  // MARK: Ledger

  private static func failed(_ code: String, inner: String? = nil, operations: [String]? = nil) -> Refusal {
    var codes = JSONObject()
    codes["transaction"] = .string(code)
    codes["inner_transaction"] = inner.map { .string($0) }
    codes["operations"] = operations.map { .array($0.map { .string($0) }) }
    return Refusal("Transaction Failed: \(JSONValue.object(codes).text)")
  }

  /// The checks of stellar-core in their order, then the source's new sequence number.
  private mutating func apply(_ envelope: StellarEnvelopeRead) throws(Refusal) {
    if let feeBump = envelope.feeBump {
      try check(feeBump: feeBump, inner: envelope.inner.transaction)
      do throws(Refusal) { try apply(envelope.inner, isInner: true) } catch {
        let code = (try? JSONValue(parsing: error.message.drop { $0 != "{" }.description))?["transaction"]?
          .string
        throw Self.failed("tx_fee_bump_inner_failed", inner: code)
      }
    } else {
      try apply(envelope.inner, isInner: false)
    }
  }

  private func check(
    feeBump: (feeSource: String, fee: Int64, signed: StellarEnvelopeRead.Signed), inner: JSONValue
  ) throws(Refusal) {
    let count = Int64(inner["operations"]?.array?.count ?? 0)
    let innerFee = Int64(inner["fee"]?.uint64 ?? 0)
    // At least the rate of the inner transaction, and that of the network, for one operation more.
    guard count > 0, feeBump.fee >= baseFee * (count + 1),
      Int128(feeBump.fee) * Int128(count) >= Int128(innerFee) * Int128(count + 1)
    else { throw Self.failed("tx_insufficient_fee") }
    let payer = Self.account(feeBump.feeSource)
    guard accounts[payer] != nil || !onlyKnownAccounts else { throw Self.failed("tx_no_source_account") }
    var checker = StellarSignatures(feeBump.signed, passphrase: passphrase)
    guard checker.authorizes(keys(of: payer)) else { throw Self.failed("tx_bad_auth") }
    guard checker.allUsed else { throw Self.failed("tx_bad_auth_extra") }
  }

  private mutating func apply(_ signed: StellarEnvelopeRead.Signed, isInner: Bool) throws(Refusal) {
    let transaction = signed.transaction
    let operations = transaction["operations"]?.array ?? []
    guard !operations.isEmpty else { throw Self.failed("tx_missing_operation") }
    let isContract = operations.contains { (24...26).contains($0["body"]?["type"]?.uint64 ?? 0) }
    let resourceFee = transaction["ext"]?["soroban"]?["resourceFee"]?.string.flatMap { Int64($0) }
    guard isContract ? operations.count == 1 && resourceFee != nil : resourceFee == nil else {
      throw Self.failed("tx_malformed")
    }
    try checkTime(transaction)
    let fee = Int64(transaction["fee"]?.uint64 ?? 0) - (resourceFee ?? 0)
    guard fee >= (isInner ? 0 : baseFee * Int64(operations.count)) else {
      throw Self.failed("tx_insufficient_fee")
    }
    let source = Self.account(transaction["source"]?.string ?? "")
    guard accounts[source] != nil || !onlyKnownAccounts else { throw Self.failed("tx_no_source_account") }
    let sequence = transaction["seqNum"]?.string.flatMap { Int64($0) } ?? 0
    try checkSequence(sequence, of: source, transaction)
    var checker = StellarSignatures(signed, passphrase: passphrase)
    guard checker.authorizes(keys(of: source)) else { throw Self.failed("tx_bad_auth") }
    for signer in transaction["cond"]?["v2"]?["extraSigners"]?.array ?? [] {
      guard checker.authorizes(extra: signer) else { throw Self.failed("tx_bad_auth") }
    }
    var results: [String] = []
    for operation in operations {
      let isAuthorized =
        operation["source"]?.string.map { checker.authorizes(keys(of: Self.account($0))) } ?? true
      results.append(isAuthorized ? "op_inner" : "op_bad_auth")
    }
    guard !results.contains("op_bad_auth") else { throw Self.failed("tx_failed", operations: results) }
    guard checker.allUsed else { throw Self.failed("tx_bad_auth_extra") }
    accounts[source, default: Account()].sequence = sequence
  }

  /// The number that an account used last; nil while nothing is known of it.
  func sequence(of address: String) -> Int64? { accounts[address]?.sequence }

  private func keys(of account: String) -> [String] {
    let state = accounts[account] ?? Account()
    return (state.isMasterDisabled ? [] : [account]) + state.signers
  }

  private func checkTime(_ transaction: JSONValue) throws(Refusal) {
    let conditions = transaction["cond"]?["v2"]
    if let closeTime,
      let bounds = transaction["timeBounds"] ?? transaction["cond"]?["time"] ?? conditions?["timeBounds"]
    {
      guard bounds["minTime"]?.uint64 ?? 0 <= closeTime else { throw Self.failed("tx_too_early") }
      let end = bounds["maxTime"]?.uint64 ?? 0
      guard end == 0 || closeTime <= end else { throw Self.failed("tx_too_late") }
    }
    if let ledger, let bounds = conditions?["ledgerBounds"] {
      guard bounds["minLedger"]?.uint64 ?? 0 <= ledger else { throw Self.failed("tx_too_early") }
      let end = bounds["maxLedger"]?.uint64 ?? 0
      guard end == 0 || ledger < end else { throw Self.failed("tx_too_late") }
    }
  }

  private func checkSequence(_ sequence: Int64, of source: String, _ transaction: JSONValue) throws(Refusal) {
    guard let last = accounts[source]?.sequence else { return }
    let least = transaction["cond"]?["v2"]?["minSeqNum"]?.string.flatMap { Int64($0) }
    let isNext = least.map { $0 <= last && last < sequence } ?? (last < .max && last + 1 == sequence)
    guard isNext else { throw Self.failed("tx_bad_seq") }
  }
}
