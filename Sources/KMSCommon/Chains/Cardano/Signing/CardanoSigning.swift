internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension SigningChain {
  /// Cardano.
  static let cardano = SigningChain(
    CardanoChain(), wallets: CardanoWallets(), height: CardanoIntent.height)
}

extension CardanoIntent: SigningIntent {
  /// The highest fee that is signed unless the operator raises it: 10 ada in lovelace. The largest transaction without
  /// scripts costs 0.9 ada (44 lovelace per byte and 155381, protocol parameters `txFeePerByte` and `txFeeFixed`).
  static let maximumFee: UInt64 = 10_000_000

  /// The slot when the context was made: its time to live was `relativeTTL` slots away then.
  static func height(in context: JSONValue) -> UInt64? {
    guard let ttl = context["ttl"]?.uint64, ttl >= CardanoChain.relativeTTL else { return nil }
    return ttl - CardanoChain.relativeTTL
  }

  /// The Unix time of slot 0, had all slots had one second: those of mainnet since Shelley, epoch 208, and of preprod
  /// (cardano-node, shelley-genesis.json and the hard fork combinator's era bounds).
  private static func start(testnet: Bool) -> Int64 { testnet ? 1_655_683_200 : 1_591_566_291 }

  /// How many slots a time to live may be away: a day; kms-fetch asks for 1,000.
  private static let longestValidity: Int64 = 86_400

  /// When the time to live is over by this machine's clock; test networks have other clocks than preprod's, too, so there
  /// a day is counted.
  ///
  /// - Throws: `expired`, `validity-refused`.
  private func expiry(ttl: UInt64, _ request: SigningRequest) throws(ChainError) -> Int64 {
    let (end, overflows) = Int64(clamping: ttl).addingReportingOverflow(Self.start(testnet: testnet))
    let latest = request.time(after: Self.longestValidity)
    if overflows || end > latest {
      try request.refuseValidity(
        "its time to live is slot \(ttl), more than a day from now by this machine's clock")
    }
    guard !testnet else { return latest }
    guard end > request.now else {
      throw ChainError(
        .expired,
        "its time to live was slot \(ttl), which is over by this machine's clock; it must be made anew")
    }
    return overflows ? .max : end
  }

  func prepare(_ request: SigningRequest) throws(ChainError) -> PreparedSigning {
    let context = CardanoContext(request.context)
    let ttl = try context.ttl()
    let unsigned = try context.unsignedTransaction()
    let bytes = try UnsignedCardanoTransaction(unsigned).body
    let body = try CardanoBody(bytes)
    try body.check(against: operations, ttl: ttl)
    let expiresAt = try expiry(ttl: ttl, request)
    try StatedFee(body.fee, unit: "lovelace", chain: "ADA").check(
      defaultLimit: Self.maximumFee, request.policy)
    let id = Hash.blake2b(bytes, count: 32)
    try context.checkPayloads(id: id, of: operations)
    let signers = try CardanoSigners(operations, keys: request.keys)
    return PreparedSigning { () throws(ChainError) in
      let witnesses = try signers.witnesses(id: id)
      var seen: Set<String> = []
      return SignedTransaction(
        txData: Hex.encode(witnesses.transaction(body: bytes, hasTaggedSets: body.hasTaggedSets)),
        txID: Hex.encode(id),
        from: .inputs(operations.inputs.map(\.addressText).filter { seen.insert($0).inserted }),
        extra: [("signatures", witnesses.json), ("unsignedTransaction", .string(unsigned))],
        expiresAt: expiresAt,
        // Valid in the slots before its time to live.
        lastValidHeight: ttl == 0 ? 0 : ttl - 1)
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
