internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Cardano. docs/chains/ada.md is the manual.
///
/// The server builds the body of the transaction; it is signed only when inputs, outputs, fee and time to live are those
/// of the pending operations and nothing else is in it. What is hashed is the body itself, never a hash that the server
/// names (defect F14).
struct CardanoChain: Chain {
  let name = "ADA"
  let wallets: any WalletScheme = CardanoWallets()

  /// How many slots after the current one a transaction ends to be valid, as kms-fetch asks for it.
  static let relativeTTL: UInt64 = 1000
  /// The highest fee that is signed unless the operator raises it: 10 ada in lovelace. The largest transaction without
  /// scripts costs 0.9 ada (44 lovelace per byte and 155381, protocol parameters `txFeePerByte` and `txFeeFixed`).
  static let maximumFee: UInt64 = 10_000_000

  // MARK: Keys and facts

  /// All wallets of `hashes` (with `index`) and `signatures`, each place once.
  ///
  /// A wallet of `hashes` without an index that `signatures` names as well is taken from there. For withdrawals
  /// `signatures` alone counts, where there are any.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    let named = Set(pending.signatures.map(\.signatureID))
    var references: [KeyReference] = []
    if pending.withdrawalID == nil || pending.signatures.isEmpty {
      for id in pending.hashes where pending.index != nil || !named.contains(id) {
        references.append(KeyReference(signatureID: id, index: pending.index))
      }
    }
    var seen: Set<KeyReference> = []
    return (references + pending.signatures).filter { seen.insert($0).inserted }
  }

  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    _ = try RosettaOperations(parsing: pending.serializedTransaction, testnet: testnet)
    return [.cardanoPayloads(operations: try RosettaOperations.json(pending.serializedTransaction))]
  }

  /// The slot when the context was made: its time to live was `relativeTTL` slots away then.
  func currentHeight(in context: JSONValue) -> UInt64? {
    guard let ttl = context["ttl"]?.uint64, ttl >= Self.relativeTTL else { return nil }
    return ttl - Self.relativeTTL
  }

  // MARK: Signing

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let operations = try RosettaOperations(
      parsing: request.pending.serializedTransaction, testnet: request.testnet)
    let context = CardanoContext(request.context)
    let ttl = try context.ttl()
    let unsigned = try context.unsignedTransaction()
    let bytes = try UnsignedCardanoTransaction(unsigned).body
    let body = try CardanoBody(bytes)
    try body.check(against: operations, ttl: ttl)
    try checkFee(body.fee, policy: request.policy)
    let id = Hash.blake2b(bytes, count: 32)
    try context.checkPayloads(id: id, of: operations)
    let witnesses = try CardanoWitnesses(id: id, operations: operations, keys: request.keys)
    var seen: Set<String> = []
    return SignedTransaction(
      txData: Hex.encode(witnesses.transaction(body: bytes, hasTaggedSets: body.hasTaggedSets)),
      txID: Hex.encode(id),
      from: .inputs(operations.inputs.map(\.addressText).filter { seen.insert($0).inserted }),
      extra: [("signatures", witnesses.json), ("unsignedTransaction", .string(unsigned))],
      // Valid in the slots before its time to live.
      lastValidHeight: ttl == 0 ? 0 : ttl - 1)
  }

  private func checkFee(_ fee: UInt64, policy: SigningPolicy) throws(ChainError) {
    var limit = Self.maximumFee
    if let raised = policy.maximumFees[name] {
      guard let parsed = JSONValue.string(raised).uint64 else {
        throw ChainError(.feeTooHigh, "the fee limit for \(name) is not a decimal number of lovelace")
      }
      limit = parsed
    }
    guard fee <= limit else {
      throw ChainError(.feeTooHigh, "the fee is \(fee) lovelace, the limit for \(name) is \(limit)")
    }
  }
}

/// The facts that kms-fetch added: `{"ttl","unsignedTransaction","payloads":[{"address","hex"}]}`.
private struct CardanoContext {
  private let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  func ttl() throws(ChainError) -> UInt64 {
    guard let value = json["ttl"] else { throw .contextMissing("ttl") }
    guard let ttl = value.uint64 else { throw .malformed("context.ttl is not a slot number") }
    return ttl
  }

  func unsignedTransaction() throws(ChainError) -> String {
    guard let value = json["unsignedTransaction"] else { throw .contextMissing("unsignedTransaction") }
    guard let text = value.string else { throw .malformed("context.unsignedTransaction is not a string") }
    return text
  }

  /// Every payload must be the transaction's id, for an address that is spent from; every such address has one
  /// (decision 17: one payload per address or per input).
  func checkPayloads(id: [UInt8], of operations: RosettaOperations) throws(ChainError) {
    guard let value = json["payloads"] else { throw .contextMissing("payloads") }
    guard let payloads = value.array else { throw .malformed("context.payloads is not a list") }
    var addresses = Set(operations.inputs.map(\.addressText))
    let known = addresses
    for payload in payloads {
      guard let address = payload["address"]?.string, let hex = payload["hex"]?.string else {
        throw .malformed("context.payloads has an entry without address or hex")
      }
      guard Hex.decode(hex) == id else {
        throw ChainError(
          .contentMismatch, "context.payloads has another hash than that of the unsigned transaction")
      }
      guard known.contains(address) else {
        throw ChainError(.contentMismatch, "context.payloads names an address from which nothing is spent")
      }
      addresses.remove(address)
    }
    guard addresses.isEmpty else {
      throw ChainError(.contentMismatch, "context.payloads lacks an address from which something is spent")
    }
  }
}
