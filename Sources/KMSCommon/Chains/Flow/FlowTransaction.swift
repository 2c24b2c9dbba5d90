internal import KMSCrypto
package import KMSPrimitives
package import KMSRecords

/// A Flow transaction on its way to an access node: the payload as it was signed, and signatures.
package struct FlowTransaction: Hashable {
  /// One signature of an account's key.
  struct Signature: Hashable {
    /// `0x` and 16 digits.
    var address: String
    var keyID: UInt64
    /// r and s, 64 bytes.
    var bytes: [UInt8]
  }

  /// The RLP of the payload, byte for byte as it was signed.
  package let payload: [UInt8]
  /// Proposer's and authorizer's signatures of the payload.
  var payloadSignatures: [Signature] = []
  /// The payer's signature of the envelope.
  var envelopeSignatures: [Signature] = []

  package let proposer: String
  package let proposerKeyID: UInt64
  package let payer: String
  package let authorizers: [String]
  private let script: [UInt8]
  private let arguments: [[UInt8]]
  let referenceBlock: [UInt8]
  private let gasLimit: UInt64
  package let sequenceNumber: UInt64

  /// Reads the hexadecimal payload; nil when it is none.
  package init?(payload hex: String) {
    guard let bytes = Hex.decode(hex), case .list(let fields)? = try? RLP.decode(bytes), fields.count == 9,
      let script = fields[0].bytes, let arguments = fields[1].strings, let block = fields[2].bytes,
      block.count == 32, let gasLimit = fields[3].integer, let proposer = fields[4].address,
      let keyID = fields[5].integer, let sequence = fields[6].integer, let payer = fields[7].address,
      case .list(let authorizers) = fields[8]
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

  /// `FLOW-V0.0-transaction`, filled up with zeros to 32 bytes: what sets signatures of transactions apart from others.
  private static let domainTag: [UInt8] = {
    let tag = Array("FLOW-V0.0-transaction".utf8)
    return tag + [UInt8](repeating: 0, count: 32 - tag.count)
  }()

  /// What is hashed: the domain tag and `encoded` (of a payload or an envelope).
  package static func message(_ encoded: [UInt8]) -> [UInt8] { domainTag + encoded }

  /// Big endian without leading zeros, as RLP wants integers.
  package static func integer(_ value: UInt64) -> RLP.Item { .bytes(UInt256(value).minimalBytes) }

  /// What proposer and authorizers sign.
  var payloadMessage: [UInt8] { Self.message(payload) }

  /// What the payer signs: the payload and its signatures.
  var envelopeMessage: [UInt8] {
    Self.message(list([payload, RLP.encode(items(of: payloadSignatures))]))
  }

  /// The transaction's id: SHA3-256 of payload and all signatures, without the tag.
  package var id: String {
    let signatures = [payloadSignatures, envelopeSignatures].map { RLP.encode(items(of: $0)) }
    return Hex.encode(Hash.sha3_256(list([payload] + signatures)))
  }

  /// A list of items that are encoded already.
  private func list(_ items: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    RLP.appendListHeader(payloadCount: items.reduce(0) { $0 + $1.count }, to: &out)
    for item in items { out += item }
    return out
  }

  /// `[[signer, key, signature], …]`: signers are counted in the order proposer, payer, authorizers, each account once,
  /// and the list is sorted by signer and key.
  private func items(of signatures: [Signature]) -> RLP.Item {
    var signers: [String] = []
    for address in [proposer, payer] + authorizers where !signers.contains(address) {
      signers.append(address)
    }
    let entries = signatures.map { (signers.firstIndex(of: $0.address) ?? signers.count, $0) }
      .sorted { ($0.0, $0.1.keyID) < ($1.0, $1.1.keyID) }
    return .list(
      entries.map { index, signature in
        .list([
          Self.integer(UInt64(index)), Self.integer(signature.keyID), .bytes(signature.bytes),
        ])
      })
  }

  // MARK: What is sent

  /// The body of `POST /v1/transactions` (onflow/flow, `openapi/access.yaml`).
  package var json: JSONValue {
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

extension RLP.Item {
  /// A byte string.
  fileprivate var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }

  /// The strings of a list of strings.
  fileprivate var strings: [[UInt8]]? {
    guard case .list(let items) = self else { return nil }
    let strings = items.compactMap(\.bytes)
    return strings.count == items.count ? strings : nil
  }

  /// An integer without leading zeros.
  fileprivate var integer: UInt64? {
    guard let bytes, bytes.count <= 8, bytes.first != 0 else { return nil }
    return UInt64(bigEndianBytes: bytes)
  }

  /// The text of an address of 8 bytes.
  fileprivate var address: String? {
    guard let bytes, bytes.count == 8 else { return nil }
    return "0x" + Hex.encode(bytes)
  }
}
