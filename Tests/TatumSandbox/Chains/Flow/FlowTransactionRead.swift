import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A transaction as the access node gets it, put together into what was signed.
struct FlowTransactionRead {
  struct Signature {
    let address: String
    let keyID: UInt64
    let bytes: [UInt8]
  }

  static let tag = Array("FLOW-V0.0-transaction".utf8) + [UInt8](repeating: 0, count: 11)

  let script: String
  let arguments: [JSONValue]
  let proposer: String
  let proposerKeyID: UInt64
  let sequenceNumber: UInt64
  let payer: String
  let authorizers: [String]
  let payloadSignatures: [Signature]
  let envelopeSignatures: [Signature]
  private let payload: [UInt8]

  /// Reads the body of `POST /v1/transactions`.
  init(_ json: JSONValue) throws(Refusal) {
    func base64(_ value: JSONValue?) -> [UInt8]? { value?.string.flatMap { Base64.decode($0) } }
    func plain(_ value: JSONValue?) -> String? { value?.string.flatMap { $0.utf8.count == 16 ? $0 : nil } }
    guard let script = base64(json["script"]),
      let block = json["reference_block_id"]?.string.flatMap({ Hex.decode($0) }),
      block.count == 32, let limit = json["gas_limit"]?.uint64, limit <= 9999,
      let proposer = plain(json["proposal_key"]?["address"]),
      let keyID = json["proposal_key"]?["key_index"]?.uint64,
      let sequence = json["proposal_key"]?["sequence_number"]?.uint64, let payer = plain(json["payer"])
    else { throw Refusal("invalid transaction: a member is missing") }
    self.script = String(decoding: script, as: UTF8.self)
    self.proposer = proposer
    proposerKeyID = keyID
    sequenceNumber = sequence
    self.payer = payer
    authorizers = (json["authorizers"]?.array ?? []).compactMap { $0.string }
    let texts = (json["arguments"]?.array ?? []).compactMap { base64($0) }
    arguments = texts.compactMap { try? JSONValue(parsing: $0) }
    guard arguments.count == texts.count else {
      throw Refusal("invalid transaction: an argument is not JSON")
    }
    payloadSignatures = try Self.signatures(json["payload_signatures"])
    envelopeSignatures = try Self.signatures(json["envelope_signatures"])
    func bytes(_ hex: String) -> ArraySlice<UInt8> { Self.string(Hex.decode(hex) ?? [])[...] }
    payload = RLPItem.list([
      Self.string(script)[...], RLPItem.list(texts.map { Self.string($0)[...] })[...],
      Self.string(block)[...],
      RLPItem.integer(limit), bytes(proposer), RLPItem.integer(keyID), RLPItem.integer(sequence),
      bytes(payer),
      RLPItem.list(authorizers.map(bytes))[...],
    ])
  }

  private static func signatures(_ json: JSONValue?) throws(Refusal) -> [Signature] {
    var signatures: [Signature] = []
    for item in json?.array ?? [] {
      guard let address = item["address"]?.string, let key = item["key_index"]?.uint64,
        let bytes = item["signature"]?.string.flatMap({ Base64.decode($0) }), bytes.count == 64
      else { throw Refusal("invalid transaction: a signature is none") }
      signatures.append(Signature(address: address, keyID: key, bytes: bytes))
    }
    return signatures
  }

  private static func string(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.count == 1, bytes[0] < 0x80 { return bytes }
    if bytes.count < 56 { return [0x80 + UInt8(bytes.count)] + bytes }
    let length = Quantity.minimalBytes(UInt64(bytes.count))
    return [0xB7 + UInt8(length.count)] + length + bytes
  }

  /// 16 lower-case digits of an address with `0x`.
  static func address(_ text: String) -> String? {
    guard text.hasPrefix("0x"), text.utf8.count == 18, Hex.decode(text.dropFirst(2)) != nil else {
      return nil
    }
    return text.dropFirst(2).lowercased()
  }

  // MARK: Messages

  var payloadMessage: [UInt8] { Self.tag + payload }

  var envelopeMessage: [UInt8] { Self.tag + RLPItem.list([payload[...], list(payloadSignatures)]) }

  var id: String {
    Hex.encode(
      Hash.sha3_256(RLPItem.list([payload[...], list(payloadSignatures), list(envelopeSignatures)])))
  }

  /// Signer's place among proposer, payer and authorizers, key, signature; sorted by the first two.
  private func list(_ signatures: [Signature]) -> ArraySlice<UInt8> {
    var seen: Set<String> = []
    let signers = ([proposer, payer] + authorizers).filter { seen.insert($0).inserted }
    let entries = signatures.map { (signers.firstIndex(of: $0.address) ?? 99, $0) }
      .sorted { ($0.0, $0.1.keyID) < ($1.0, $1.1.keyID) }
    return RLPItem.list(
      entries.map { place, signature in
        RLPItem.list([
          RLPItem.integer(UInt64(place)), RLPItem.integer(signature.keyID), Self.string(signature.bytes)[...],
        ])[...]
      })[...]
  }

  /// Verifies signatures by recovering the key: s may be high, which a plain check refuses.
  func check(
    _ signatures: [Signature], over message: [UInt8], _ accounts: [String: [UInt64: FlowNode.Key]]
  ) throws(Refusal) {
    let digest = Hash.sha3_256(message)
    for signature in signatures {
      guard let key = accounts[signature.address]?[signature.keyID]?.publicKey else {
        throw Refusal("invalid transaction: no key \(signature.keyID) in account \(signature.address)")
      }
      let isValid = [UInt8](0...3).contains { id in
        guard let candidate = try? ECDSASignature(rs: signature.bytes, recoveryID: id) else { return false }
        return Secp256k1.recover(candidate, digest: digest).map { Array($0.dropFirst()) } == key
      }
      guard isValid else {
        throw Refusal("invalid transaction: [Error Code: 1006] invalid signature of \(signature.address)")
      }
    }
  }
}
