internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// A Flow transaction on its way to an access node: the payload as it was signed, and signatures.
///
/// This program links no chain code, so what it needs of RLP is here: one list of strings and lists of strings.
struct FlowTransaction: Hashable {
  /// One signature of an account's key.
  struct Signature: Hashable {
    /// `0x` and 16 digits.
    var address: String
    var keyID: UInt64
    /// r and s, 64 bytes.
    var bytes: [UInt8]
  }

  /// The RLP of the payload, byte for byte as it was signed.
  let payload: [UInt8]
  /// Proposer's and authorizer's signatures of the payload.
  var payloadSignatures: [Signature] = []
  /// The payer's signature of the envelope.
  var envelopeSignatures: [Signature] = []

  let proposer: String
  let proposerKeyID: UInt64
  let payer: String
  let authorizers: [String]
  private let script: [UInt8]
  private let arguments: [[UInt8]]
  private let referenceBlock: [UInt8]
  private let gasLimit: UInt64
  let sequenceNumber: UInt64

  /// Reads the hexadecimal payload; nil when it is none.
  init?(payload hex: String) {
    guard let bytes = Hex.decode(hex), case .list(let fields)? = RLPText.decode(bytes), fields.count == 9,
      case .string(let script) = fields[0], let arguments = fields[1].strings,
      case .string(let block) = fields[2], block.count == 32, let gasLimit = fields[3].integer,
      let proposer = fields[4].address, let keyID = fields[5].integer, let sequence = fields[6].integer,
      let payer = fields[7].address, case .list(let authorizers) = fields[8]
    else { return nil }
    payload = bytes
    self.script = script
    self.arguments = arguments
    referenceBlock = block
    self.gasLimit = gasLimit
    self.proposer = proposer
    proposerKeyID = keyID
    sequenceNumber = sequence
    self.payer = payer
    self.authorizers = authorizers.compactMap(\.address)
    guard self.authorizers.count == authorizers.count else { return nil }
  }

  // MARK: What is signed

  /// `FLOW-V0.0-transaction` and zeros, 32 bytes.
  private static let tag = Array("FLOW-V0.0-transaction".utf8) + [UInt8](repeating: 0, count: 11)

  /// What proposer and authorizers sign.
  var payloadMessage: [UInt8] { Self.tag + payload }

  /// What the payer signs: the payload and its signatures.
  var envelopeMessage: [UInt8] {
    Self.tag + RLPText.list([payload, list(of: payloadSignatures)])
  }

  /// The transaction's id: SHA3-256 of payload and all signatures, without the tag.
  var id: String {
    Hex.encode(
      Hash.sha3_256(RLPText.list([payload, list(of: payloadSignatures), list(of: envelopeSignatures)])))
  }

  /// `[[signer, key, signature], …]`: signers are counted in the order proposer, payer, authorizers, each account once,
  /// and the list is sorted by signer and key.
  private func list(of signatures: [Signature]) -> [UInt8] {
    var signers: [String] = []
    for address in [proposer, payer] + authorizers where !signers.contains(address) {
      signers.append(address)
    }
    let entries = signatures.map { (signers.firstIndex(of: $0.address) ?? signers.count, $0) }
      .sorted { ($0.0, $0.1.keyID) < ($1.0, $1.1.keyID) }
    return RLPText.list(
      entries.map { index, signature in
        RLPText.list([
          RLPText.integer(UInt64(index)), RLPText.integer(signature.keyID), RLPText.string(signature.bytes),
        ])
      })
  }

  // MARK: What is sent

  /// The body of `POST /v1/transactions` (onflow/flow, `openapi/access.yaml`).
  var json: JSONValue {
    func signatures(_ list: [Signature]) -> JSONValue {
      .array(
        list.map {
          [
            "address": .string(Self.digits($0.address)), "key_index": .string(String($0.keyID)),
            "signature": .string(Base64.encode($0.bytes)),
          ]
        })
    }
    return [
      "script": .string(Base64.encode(script)),
      "arguments": .array(arguments.map { .string(Base64.encode($0)) }),
      "reference_block_id": .string(Hex.encode(referenceBlock)), "gas_limit": .string(String(gasLimit)),
      "payer": .string(Self.digits(payer)),
      "proposal_key": [
        "address": .string(Self.digits(proposer)), "key_index": .string(String(proposerKeyID)),
        "sequence_number": .string(String(sequenceNumber)),
      ],
      "authorizers": .array(authorizers.map { .string(Self.digits($0)) }),
      "payload_signatures": signatures(payloadSignatures),
      "envelope_signatures": signatures(envelopeSignatures),
    ]
  }

  private static func digits(_ address: String) -> String { String(address.dropFirst(2)) }
}

/// RLP (ethereum.org, "RLP"): strings, lists of them, and lists of lists.
private indirect enum RLPText {
  case string([UInt8])
  case list([RLPText])

  // MARK: Reading

  /// Reads exactly one item, lists at most two deep; nil when the bytes are not the shortest encoding of one.
  static func decode(_ bytes: [UInt8]) -> RLPText? {
    var at = 0
    guard let item = item(bytes, &at, end: bytes.count, depth: 0), at == bytes.count else { return nil }
    return item
  }

  private static func item(_ bytes: [UInt8], _ at: inout Int, end: Int, depth: Int) -> RLPText? {
    guard at < end, depth < 3 else { return nil }
    let first = bytes[at]
    at += 1
    if first < 0x80 { return .string([first]) }
    let isList = first >= 0xC0
    guard let count = count(first - (isList ? 0xC0 : 0x80), bytes, &at, end: end) else { return nil }
    let itemEnd = at + count
    guard isList else {
      let content = Array(bytes[at..<itemEnd])
      at = itemEnd
      return count == 1 && content[0] < 0x80 ? nil : .string(content)
    }
    var items: [RLPText] = []
    while at < itemEnd {
      guard let inner = item(bytes, &at, end: itemEnd, depth: depth + 1) else { return nil }
      items.append(inner)
    }
    return .list(items)
  }

  private static func count(_ short: UInt8, _ bytes: [UInt8], _ at: inout Int, end: Int) -> Int? {
    var count = Int(short)
    if short > 55 {
      let width = Int(short) - 55
      // Four bytes count more than a record can hold.
      guard width <= 4, end - at >= width, bytes[at] != 0 else { return nil }
      count = bytes[at..<at + width].reduce(0) { $0 << 8 | Int($1) }
      at += width
      guard count > 55 else { return nil }
    }
    return count <= end - at ? count : nil
  }

  /// The strings of a list.
  var strings: [[UInt8]]? {
    guard case .list(let items) = self else { return nil }
    let strings = items.compactMap { if case .string(let bytes) = $0 { bytes } else { nil } }
    return strings.count == items.count ? strings : nil
  }

  /// An integer without leading zeros.
  var integer: UInt64? {
    guard case .string(let bytes) = self, bytes.count <= 8, bytes.first != 0 else { return nil }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The text of an address of 8 bytes.
  var address: String? {
    guard case .string(let bytes) = self, bytes.count == 8 else { return nil }
    return "0x" + Hex.encode(bytes)
  }

  // MARK: Writing

  static func string(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.count == 1, let only = bytes.first, only < 0x80 { return bytes }
    return header(0x80, bytes.count) + bytes
  }

  static func integer(_ value: UInt64) -> [UInt8] { string(bigEndian(value)) }

  /// A list of items that are encoded already.
  static func list(_ items: [[UInt8]]) -> [UInt8] {
    let content = items.flatMap { $0 }
    return header(0xC0, content.count) + content
  }

  private static func header(_ base: UInt8, _ count: Int) -> [UInt8] {
    if count < 56 { return [base + UInt8(truncatingIfNeeded: count)] }
    let width = bigEndian(UInt64(count))
    return [base + 55 + UInt8(truncatingIfNeeded: width.count)] + width
  }

  private static func bigEndian(_ value: UInt64) -> [UInt8] {
    Array((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }.drop { $0 == 0 })
  }
}
