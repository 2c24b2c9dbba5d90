import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of BNB Beacon Chain: accounts with number and sequence.
struct BNBNode: ChainNode {
  static let chains = ["BNB"]

  struct Account {
    var number: UInt64 = 0
    var sequence: UInt64 = 0
  }

  /// The id that transactions must be signed for.
  private let chainID: String
  private let hrp: String
  private var accounts: [String: Account] = [:]
  private var known: Set<String> = []

  init(testnet: Bool) {
    chainID = testnet ? "Binance-Chain-Ganges" : "Binance-Chain-Tigris"
    hrp = testnet ? "tbnb" : "bnb"
  }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      guard member.name == "accounts", let entries = member.value.object else {
        throw ControlError("BNB: only accounts are known")
      }
      for entry in entries.members {
        guard Bech32.decodeBytes(entry.name, hrp: hrp)?.count == 20 else {
          throw ControlError("BNB: \(entry.name) is not an address of this network")
        }
        accounts[entry.name] = Account(
          number: entry.value["accountNumber"]?.uint64 ?? 0, sequence: entry.value["sequence"]?.uint64 ?? 0)
      }
    }
  }

  mutating func learn(from pending: JSONValue) {}

  /// What `/v3/bnb/account/` says; nil for what is no address here.
  func account(_ address: String) -> JSONValue? {
    guard Bech32.decodeBytes(address, hrp: hrp)?.count == 20 else { return nil }
    let account = accounts[address] ?? Account()
    return [
      "account_number": .number(JSONNumber(account.number)), "address": .string(address), "balances": [],
      "flags": 0, "public_key": .null, "sequence": .number(JSONNumber(account.sequence)),
    ]
  }

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let raw = Hex.decode(txData) else { throw Refusal("txData is not hexadecimal") }
    let transaction = try BNBTransaction(raw)
    guard transaction.inputs.count == 1, let input = transaction.inputs.first, !transaction.outputs.isEmpty
    else {
      throw Refusal("a transfer has one input here, and outputs")
    }
    guard Hash.hash160(transaction.publicKey) == input.address else {
      throw Refusal("PubKey does not match Signer address")
    }
    guard !known.contains(transaction.txId) else { throw Refusal("Tx already exists in cache") }
    let sender = Bech32.encodeBytes(hrp: hrp, bytes: input.address)
    var account = accounts[sender] ?? Account()
    guard transaction.accountNumber == account.number else {
      throw Refusal("Invalid account number. Got \(transaction.accountNumber), expected \(account.number)")
    }
    guard transaction.sequence == account.sequence else {
      throw Refusal("Invalid sequence. Got \(transaction.sequence), expected \(account.sequence)")
    }
    guard transaction.isSigned(for: chainID) else { throw Refusal("signature verification failed") }
    guard Self.sums(transaction.inputs) == Self.sums(transaction.outputs) else {
      throw Refusal("inputs and outputs do not match")
    }
    account.sequence += 1
    accounts[sender] = account
    known.insert(transaction.txId)
    return AcceptedTransaction(
      txId: transaction.txId, senders: [sender], nonce: String(transaction.sequence),
      outputs: transaction.outputs.map(json), mismatches: pending.map { mismatches(transaction, $0) },
      details: [("memo", .string(transaction.memo)), ("source", .string(String(transaction.source)))])
  }

  private static func sums(_ parties: [BNBTransaction.Party]) -> [String: UInt128] {
    parties.flatMap(\.coins).reduce(into: [:]) { $0[$1.denom, default: 0] += UInt128($1.amount) }
  }

  private func json(_ party: BNBTransaction.Party) -> JSONValue {
    [
      "address": .string(Bech32.encodeBytes(hrp: hrp, bytes: party.address)),
      "coins": .array(
        party.coins.map { ["denom": .string($0.denom), "amount": .number(JSONNumber($0.amount))] }),
    ]
  }

  mutating func mine() {}

  var summary: JSONValue {
    var all = JSONObject()
    for (address, account) in accounts.sorted(by: { $0.key < $1.key }) {
      all[address] = [
        "accountNumber": .string(String(account.number)), "sequence": .string(String(account.sequence)),
      ]
    }
    return ["chainId": .string(chainID), "accounts": .object(all)]
  }

  /// What was signed otherwise than `signMsg` and `memo` of the pending transaction say.
  private func mismatches(_ signed: BNBTransaction, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text)
    else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    for (name, parties) in [("inputs", signed.inputs), ("outputs", signed.outputs)] {
      if wanted["signMsg"]?[name] != .array(parties.map(json)) { wrong.append(name) }
    }
    if (wanted["memo"]?.string ?? "") != signed.memo { wrong.append("memo") }
    if signed.source != 0 { wrong.append("source") }
    return wrong
  }
}
