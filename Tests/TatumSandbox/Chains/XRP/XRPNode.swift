import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of the XRP Ledger: accounts with their next sequence number, and signed transactions in binary form.
struct XRPNode: ChainNode {
  static let chains = ["XRP"]

  struct Account {
    /// The next sequence number; nil while nothing is known of it: then the first transaction tells.
    var sequence: UInt64?
    var regularKey: String?
    var isMasterDisabled = false
    /// Tickets that are there; nil: every one, once.
    var tickets: Set<UInt64>?
    var usedTickets: Set<UInt64> = []
  }

  private let testnet: Bool
  /// The current ledger; nil: no transaction is too late.
  private var ledger: UInt64?
  private var baseFee: UInt64 = 10
  /// What a transaction must pay to enter the current ledger; those that pay less wait in the queue.
  private var openLedgerFee: UInt64 = 0
  private var accounts: [String: Account] = [:]
  private var onlyKnownAccounts = false
  /// In the current ledger, and in those that are closed.
  private var open: Set<String> = []
  private var closed: Set<String> = []

  init(testnet: Bool) { self.testnet = testnet }

  // MARK: State

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "ledger": ledger = try Self.number(member)
      case "baseFee": baseFee = try Self.number(member)
      case "openLedgerFee": openLedgerFee = try Self.number(member)
      case "onlyKnownAccounts": onlyKnownAccounts = member.value.bool ?? false
      case "accounts":
        for entry in member.value.object?.members ?? [] {
          guard let parts = XRPText.parts(entry.name), parts.testnet == nil else {
            throw ControlError("XRP: \(entry.name) is not a classic address")
          }
          accounts[entry.name] = Account(
            sequence: entry.value["sequence"]?.uint64, regularKey: entry.value["regularKey"]?.string,
            isMasterDisabled: entry.value["masterDisabled"]?.bool ?? false,
            tickets: entry.value["tickets"]?.array.map { Set($0.compactMap(\.uint64)) })
        }
      default: throw ControlError("XRP: unknown member \(member.name)")
      }
    }
  }

  private static func number(_ member: JSONObject.Member) throws(ControlError) -> UInt64 {
    guard let number = member.value.uint64 else {
      throw ControlError("XRP: \(member.name) must be an integer")
    }
    return number
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
    guard let raw = Hex.decode(txData), !raw.isEmpty else {
      throw Refusal("invalidParams: Invalid parameters.")
    }
    guard (32...1_048_576).contains(raw.count) else { throw XRPReader.invalid("Transaction length invalid") }
    var reader = XRPReader(raw)
    let members = try reader.members()
    var object = JSONObject()
    for member in members { object[member.field.name] = member.value }
    let transaction = JSONValue.object(object)
    try Self.checkFormat(object)
    try Self.checkSignature(raw, members, transaction)
    let txId = Hex.encode(Hash.sha512Half(Array("TXN\0".utf8) + raw)).uppercased()
    let sender = transaction["Account"]?.string ?? ""
    try apply(transaction, txId, sender)
    let isQueued = (transaction["Fee"]?.uint64 ?? 0) < openLedgerFee
    return AcceptedTransaction(
      txId: txId, senders: [sender],
      nonce: (transaction["TicketSequence"] ?? transaction["Sequence"])?.number?.digits,
      outputs: Self.outputs(transaction),
      mismatches: pending.map { XRPRequest.mismatches(transaction, $0, testnet: testnet) },
      flags: isQueued ? ["queued"] : [],
      details: [
        ("type", transaction["TransactionType"] ?? .null), ("fee", transaction["Fee"] ?? .null),
        ("transaction", transaction),
      ])
  }

  private static func outputs(_ transaction: JSONValue) -> [JSONValue] {
    guard let to = transaction["Destination"] else { return [] }
    return [
      [
        "to": to, "tag": transaction["DestinationTag"] ?? .null,
        "amount": transaction["Amount"] ?? transaction["SendMax"] ?? .null,
      ]
    ]
  }

  private static func checkFormat(_ transaction: JSONObject) throws(Refusal) {
    guard let type = transaction["TransactionType"]?.string,
      let format = XRPDefinitions.types.values.first(where: { $0.name == type })
    else { throw XRPReader.invalid("Field not found: TransactionType") }
    for (name, isRequired) in format.members.sorted(by: { $0.key < $1.key })
    where isRequired && transaction[name] == nil {
      throw XRPReader.invalid("Field '\(name)' is required but missing.")
    }
    for member in transaction.members where format.members[member.name] == nil {
      throw XRPReader.invalid("Field '\(member.name)' found in disallowed location.")
    }
  }

  /// What no signature covers: itself, and the signature of a claim (`isSigningField`).
  private static let unsigned = ["TxnSignature", "Signature"]

  /// Verifies `TxnSignature` by `SigningPubKey` over the prefix `STX\0` and the members that are signed.
  private static func checkSignature(_ raw: [UInt8], _ members: [XRPReader.Member], _ transaction: JSONValue)
    throws(Refusal)
  {
    let invalid = XRPReader.invalid("fails local checks: Invalid signature.")
    guard transaction["Signers"] == nil else {
      throw XRPReader.invalid("fails local checks: Cannot both single- and multi-sign.")
    }
    guard let key = transaction["SigningPubKey"]?.string.flatMap({ Hex.decode($0) }), !key.isEmpty else {
      throw XRPReader.invalid("fails local checks: Empty SigningPubKey.")
    }
    guard let signature = transaction["TxnSignature"]?.string.flatMap({ Hex.decode($0) }), key.count == 33
    else {
      throw invalid
    }
    let signed = members.filter { !unsigned.contains($0.field.name) }.flatMap { raw[$0.range] }
    let message = Array("STX\0".utf8) + signed
    if key[0] == 0xED {
      guard Ed25519.verify(signature, message, publicKey: Array(key.dropFirst())) else { throw invalid }
      return
    }
    // DER in its shortest form, s in the lower half ("fully canonical").
    guard let parsed = ECDSASignature(der: signature), parsed.der == signature,
      !Quantity.isLess(Secp256k1Order.half, Array(parsed.s.drop { $0 == 0 })),
      Secp256k1.verify(parsed, digest: Hash.sha512Half(message), publicKey: key)
    else { throw invalid }
  }

  // MARK: Ledger

  /// The checks of a transactor in their order, then the sender's new sequence number.
  private mutating func apply(_ transaction: JSONValue, _ txId: String, _ sender: String) throws(Refusal) {
    guard transaction["NetworkID"] == nil else {
      throw Refusal(
        "telNETWORK_ID_MAKES_TX_NON_CANONICAL: Transactions submitted to this node/network must NOT include a "
          + "NetworkID field.")
    }
    guard let fee = transaction["Fee"]?.string.flatMap({ UInt64($0) }) else {
      throw Refusal("temBAD_FEE: Invalid fee, negative or not XRP.")
    }
    guard accounts[sender] != nil || !onlyKnownAccounts else {
      throw Refusal("terNO_ACCOUNT: The source account does not exist.")
    }
    var account = accounts[sender] ?? Account()
    try use(transaction, txId, &account)
    if let ledger, let last = transaction["LastLedgerSequence"]?.uint64, ledger > last {
      throw Refusal("tefMAX_LEDGER: Ledger sequence too high.")
    }
    guard fee >= baseFee else { throw Refusal("telINSUF_FEE_P: Fee insufficient.") }
    let key = transaction["SigningPubKey"]?.string.flatMap { Hex.decode($0) } ?? []
    let signer = XRPText.address(Hash.hash160(key))
    if signer != account.regularKey {
      guard signer == sender else {
        throw Refusal("tefBAD_AUTH: Transaction's public key is not authorized.")
      }
      guard !account.isMasterDisabled else { throw Refusal("tefMASTER_DISABLED: Master key is disabled.") }
    }
    accounts[sender] = account
    open.insert(txId)
  }

  /// Takes the sequence number or the ticket of the transaction from its account.
  private func use(_ transaction: JSONValue, _ txId: String, _ account: inout Account) throws(Refusal) {
    guard !open.contains(txId) else {
      throw Refusal("tefALREADY: The exact transaction was already in this ledger.")
    }
    let sequence = transaction["Sequence"]?.uint64 ?? 0
    guard sequence == 0, let ticket = transaction["TicketSequence"]?.uint64 else {
      guard transaction["TicketSequence"] == nil else {
        throw Refusal("temSEQ_AND_TICKET: Transaction contains a TicketSequence and a non-zero Sequence.")
      }
      let next = account.sequence ?? sequence
      guard sequence >= next else { throw Refusal("tefPAST_SEQ: This sequence number has already passed.") }
      guard sequence == next else { throw Refusal("terPRE_SEQ: Missing/inapplicable prior transaction.") }
      account.sequence = next + 1
      return
    }
    guard account.tickets?.contains(ticket) ?? true, account.usedTickets.insert(ticket).inserted else {
      throw Refusal("tefNO_TICKET: Ticket is not in ledger.")
    }
  }
}
