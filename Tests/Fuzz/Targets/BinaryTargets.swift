internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

@testable internal import KMSChains
@testable internal import KMSNetwork
@testable internal import KMSSigning

extension FuzzTarget {
  /// The binary forms in which chains write transactions.
  static let binaries: [FuzzTarget] = [
    FuzzTarget("cbor", maximumLength: 1024, run: cbor),
    FuzzTarget("protobuf", maximumLength: 1024, run: protobuf),
    FuzzTarget("xdr", maximumLength: 1024, run: xdr),
    FuzzTarget("message", maximumLength: 1300, run: message),
    FuzzTarget("rlp", maximumLength: 1024, run: rlp),
    FuzzTarget("transaction", maximumLength: 1024, run: transaction),
    FuzzTarget("previous", maximumLength: 1024, run: previous),
  ]

  /// CBOR items, Cardano's bodies and what they come wrapped in.
  private static func cbor(_ input: [UInt8]) throws(FuzzFailure) {
    if let item = try? CBOR.decode(input) {
      var shortest: [UInt8] = []
      item.append(to: &shortest)
      try require((try? CBOR.decode(shortest)) == item, "its shortest form reads otherwise")
      try require(shortest.count <= 9 * input.count, "\(shortest.count) bytes of \(input.count)")
      var reader = CBORReader(input)
      try require((try? reader.skip()) != nil && reader.isAtEnd, "it can be read, and not be skipped")
    }
    if let body = try? CardanoBody(input) { try require(!body.inputs.isEmpty, "a body without inputs") }
    if let unsigned = try? UnsignedCardanoTransaction(Hex.encode(input)) {
      try require(unsigned.body.count <= input.count, "a body longer than what it came in")
    }
  }

  /// TRON's messages, each type of contract with the member names of its readable form.
  private static func protobuf(_ input: [UInt8]) throws(FuzzFailure) {
    guard let fields = try? ProtobufReader.fields(of: input[...]) else { return }
    var again: [UInt8] = []
    for field in fields {
      switch field.value {
      case .varint(let number):
        appendVarint(UInt64(field.number) << 3, to: &again)
        appendVarint(number, to: &again)
      case .bytes(let bytes):
        appendVarint(UInt64(field.number) << 3 | 2, to: &again)
        appendVarint(UInt64(bytes.count), to: &again)
        again += bytes
      }
    }
    try require(again == input, "there are two ways to write it")
    for contract in TronContract.all {
      for isVisible in [false, true] {
        let comparison = RawDataComparison(isVisible: isVisible)
        for message in [contract.message, contract.rawData] {
          let isShown = (try? comparison.compare(input[...], as: message, with: [:], path: "x")) != nil
          try require(!isShown || input.isEmpty, "bytes that nothing shows")
        }
      }
    }
  }

  private static func appendVarint(_ number: UInt64, to out: inout [UInt8]) {
    var rest = number
    while rest > 0x7F {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }

  /// Stellar's envelopes; a signature can be added, and all else stays.
  private static func xdr(_ input: [UInt8]) throws(FuzzFailure) {
    guard let envelope = try? StellarEnvelope(Base64.encode(input)) else { return }
    let key = [UInt8](repeating: 9, count: 32)
    let signature = [UInt8](repeating: 5, count: 64)
    guard !envelope.isFull else { return }
    let signed = envelope.appending(signature: signature, publicKey: key)
    try require(signed.count == input.count + 72, "\(signed.count) bytes of \(input.count)")
    guard let again = try? StellarEnvelope(Base64.encode(signed)) else {
      throw FuzzFailure("signed, it can't be read")
    }
    try require(again.hash(passphrase: "x") == envelope.hash(passphrase: "x"), "signed, it is another one")
  }

  /// Solana's messages; the blockhash can be replaced, and all else stays.
  private static func message(_ input: [UInt8]) throws(FuzzFailure) {
    guard let message = try? SolanaMessage(input) else { return }
    let summary = message.summary
    try require(!summary.isEmpty && summary.utf8.count < 64 * 1232, "\(summary.utf8.count) bytes of words")
    _ = message.accountControl
    guard let hash = SolanaAddress(bytes: [UInt8](repeating: 3, count: 32)) else { return }
    let changed = message.bytes(blockhash: hash)
    try require(changed.count == input.count, "the length changes")
    guard let again = try? SolanaMessage(changed) else { throw FuzzFailure("it can't be read again") }
    try require(again.summary == summary && again.accounts == message.accounts, "it reads otherwise")
  }

  /// RLP, which has one text for each item, and Flow's payload in it.
  private static func rlp(_ input: [UInt8]) throws(FuzzFailure) {
    if let item = try? RLP.decode(input) { try require(RLP.encode(item) == input, "two ways to write it") }
    guard var flow = FlowTransaction(payload: Hex.encode(input)) else { return }
    let id = flow.id
    flow.payloadSignatures.append(
      .init(address: flow.proposer, keyID: flow.proposerKeyID, bytes: [UInt8](repeating: 1, count: 64)))
    try require(flow.id != id && flow.payloadMessage.suffix(input.count) == input[...], "FLOW")
    try require(!flow.envelopeMessage.isEmpty && flow.json.encoded().count < 1000 + 8 * input.count, "FLOW")
  }

  /// Transactions that made what another one spends.
  private static func previous(_ input: [UInt8]) throws(FuzzFailure) {
    if let json = try? JSONValue(parsing: input) {
      let bytes = RebuiltTransaction.bytes(of: json, json["hash"]?.string ?? "")
      try require(bytes.map { PreviousTransaction($0) != nil } ?? true, "rebuilt, and can't be read")
    }
    guard let transaction = PreviousTransaction(input) else { return }
    try require(transaction.stripped.count <= input.count, "longer than it came")
    guard let again = PreviousTransaction(transaction.stripped) else {
      throw FuzzFailure("without witnesses, it can't be read")
    }
    try require(
      again.hash == transaction.hash && again.outputs == transaction.outputs
        && again.stripped == transaction.stripped, "without witnesses, it is another one")
  }

  /// Unsigned transactions of Bitcoin Cash and the scripts in them.
  private static func transaction(_ input: [UInt8]) throws(FuzzFailure) {
    _ = LockingScript(input)
    guard let transaction = BitcoinTransaction(decoding: input) else { return }
    try require(transaction.encoded() == input, "it is written otherwise")
    for output in transaction.outputs {
      for chain in bitcoins {
        let script = LockingScript(output.script)
        guard let address = chain.mainnet.address(of: script) else { continue }
        try require(chain.mainnet.script(ofAddress: address) != nil, "\(address) can't be read")
      }
    }
  }
}

extension CBOR {
  /// The shortest form, everything of definite length.
  fileprivate func append(to out: inout [UInt8]) {
    switch self {
    case .unsigned(let number): CBOR.appendHead(0, number, to: &out)
    case .negative(let number): CBOR.appendHead(1, number, to: &out)
    case .bytes(let bytes):
      CBOR.appendHead(2, UInt64(bytes.count), to: &out)
      out += bytes
    case .text(let bytes):
      CBOR.appendHead(3, UInt64(bytes.count), to: &out)
      out += bytes
    case .array(let items):
      CBOR.appendHead(4, UInt64(items.count), to: &out)
      for item in items { item.append(to: &out) }
    case .map(let pairs):
      CBOR.appendHead(5, UInt64(pairs.count), to: &out)
      for pair in pairs {
        pair.key.append(to: &out)
        pair.value.append(to: &out)
      }
    case .tag(let tag, let item):
      CBOR.appendHead(6, tag, to: &out)
      item.append(to: &out)
    case .simple(let value):
      if value < 24 { out.append(0xE0 | value) } else { out += [0xF8, value] }
    case .float(let bits):
      out.append(0xFB)
      out += withUnsafeBytes(of: bits.bigEndian) { Array($0) }
    }
  }
}
