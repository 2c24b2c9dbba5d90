internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// The body of a transaction, as far as it is signed: inputs, outputs, fee and time to live, nothing else.
///
/// The map of the ledger's CDDL (`transaction_body`, from the Shelley to the Conway era). What else such a map may hold
/// (certificates, withdrawals, minting, scripts, votes, …) is shown by no operation, so it is refused.
struct CardanoBody: Hashable, Sendable {
  /// What is spent.
  let inputs: [CardanoCoin]
  /// Whether the set of inputs has tag 258, as since the Conway era; then the witnesses get it, too.
  let hasTaggedSets: Bool
  /// What is paid, in order.
  let outputs: [CardanoOutput]
  /// The fee in lovelace.
  let fee: UInt64
  /// The first slot in which the transaction is not valid any more.
  let ttl: UInt64

  /// Decodes a body.
  ///
  /// - Throws: `malformed-transaction` when the bytes are not one; `content-mismatch` when it holds more.
  init(_ bytes: [UInt8]) throws(ChainError) {
    let item: CBOR
    do throws(CBOR.DecodingError) { item = try CBOR.decode(bytes) } catch {
      throw Self.malformed("is not CBOR: \(error.reason)")
    }
    guard case .map(let members) = item else { throw Self.malformed("has no map as body") }
    var fields: [UInt64: CBOR] = [:]
    for member in members {
      guard case .unsigned(let key) = member.key else { throw Self.malformed("has a key that is no number") }
      guard key <= 3 else {
        let what = Self.otherMembers[key] ?? "member \(key)"
        throw ChainError(
          .contentMismatch, "the unsigned transaction has \(what), which the operations do not show")
      }
      fields[key] = member.value
    }
    guard let set = fields[0]?.setItems else { throw Self.malformed("has no inputs") }
    hasTaggedSets = set.isTagged
    inputs = try Self.map(set.items, Self.coin)
    guard case .array(let items)? = fields[1] else { throw Self.malformed("has no outputs") }
    outputs = try Self.map(items, Self.output)
    guard case .unsigned(let fee)? = fields[2] else { throw Self.malformed("has no fee") }
    self.fee = fee
    guard case .unsigned(let ttl)? = fields[3] else {
      throw ChainError(.contentMismatch, "the unsigned transaction has no time to live (ttl)")
    }
    self.ttl = ttl
  }

  /// What the ledger's CDDL calls the members that are refused.
  private static let otherMembers: [UInt64: String] = [
    4: "certificates", 5: "withdrawals", 6: "a protocol update", 7: "a hash of auxiliary data",
    8: "a start of validity", 9: "minting", 11: "a hash of script data", 13: "collateral inputs",
    14: "required signers", 15: "a network id", 16: "a collateral return", 17: "a total collateral",
    18: "reference inputs", 19: "votes", 20: "proposals", 21: "a treasury value", 22: "a donation",
  ]

  private static func coin(_ item: CBOR) throws(ChainError) -> CardanoCoin {
    guard case .array(let parts) = item, parts.count == 2, case .bytes(let id) = parts[0], id.count == 32,
      case .unsigned(let index) = parts[1]
    else { throw malformed("has an input that is not a transaction id and an index") }
    return CardanoCoin(transactionID: id, index: index)
  }

  /// `[address, value]` or, since Babbage, `{0: address, 1: value}`; data hashes, data and scripts are shown by no
  /// operation.
  private static func output(_ item: CBOR) throws(ChainError) -> CardanoOutput {
    var fields: [CBOR: CBOR] = [:]
    switch item {
    case .array(let parts): for (i, part) in parts.enumerated() { fields[.unsigned(UInt64(i))] = part }
    case .map(let pairs): for pair in pairs { fields[pair.key] = pair.value }
    default: throw malformed("has an output that is neither array nor map")
    }
    guard case .bytes(let address)? = fields[.unsigned(0)], let value = fields[.unsigned(1)] else {
      throw malformed("has an output without address and value")
    }
    guard fields.count == 2 else {
      throw ChainError(
        .contentMismatch,
        "the unsigned transaction has an output with data or a script, which the operations do not show")
    }
    let (lovelace, assets) = try amounts(value)
    return CardanoOutput(address: address, lovelace: lovelace, assets: assets)
  }

  /// Lovelace, or `[lovelace, {policy id: {asset name: amount}}]`.
  private static func amounts(_ item: CBOR) throws(ChainError) -> (UInt64, [CardanoAsset: UInt64]) {
    if case .unsigned(let lovelace) = item { return (lovelace, [:]) }
    guard case .array(let parts) = item, parts.count == 2, case .unsigned(let lovelace) = parts[0],
      case .map(let policies) = parts[1]
    else { throw malformed("has an output with a value that is none") }
    var assets: [CardanoAsset: UInt64] = [:]
    for policy in policies {
      guard case .bytes(let id) = policy.key, id.count == 28, case .map(let tokens) = policy.value else {
        throw malformed("has an output with a token that is none")
      }
      for token in tokens {
        guard case .bytes(let name) = token.key, name.count <= 32, case .unsigned(let amount) = token.value
        else { throw malformed("has an output with a token that is none") }
        assets[CardanoAsset(policyID: id, name: name)] = amount
      }
    }
    return (lovelace, assets)
  }

  private static func map<T>(
    _ items: [CBOR], _ read: (CBOR) throws(ChainError) -> T
  ) throws(ChainError) -> [T] {
    var values: [T] = []
    for item in items { values.append(try read(item)) }
    return values
  }

  private static func malformed(_ what: String) -> ChainError {
    .malformed("context.unsignedTransaction \(what)")
  }
}
