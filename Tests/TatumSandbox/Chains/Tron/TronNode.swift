import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A full node of TRON: makes the bytes from what is shown, checks id and signature, keeps the transaction.
struct TronNode: ChainNode {
  static let chains = ["TRON"]

  /// The time of the latest block in milliseconds since 1970; expiration is not checked while nil.
  private var headBlockTime: UInt64?
  private var known: Set<String> = []

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      guard member.name == "headBlockTime", let time = member.value.uint64 else {
        throw ControlError("TRON: only headBlockTime, in milliseconds, is known")
      }
      headBlockTime = time
    }
  }

  /// A transaction as a node makes it, which expires in ten minutes.
  func serialize(_ transaction: JSONValue, now: UInt64) throws(ControlError) -> String {
    guard var raw = transaction["raw_data"]?.object else { throw ControlError("TRON: no raw_data") }
    raw["expiration"] = .number(JSONNumber((now + 600) * 1000))
    raw["timestamp"] = .number(JSONNumber(now * 1000))
    let isVisible = transaction["visible"]?.bool ?? false
    let bytes: [UInt8]
    do { bytes = try TronEncoder(isVisible: isVisible).rawData(.object(raw)) } catch {
      throw ControlError("TRON: \(error.message)")
    }
    let whole: JSONValue = [
      "visible": .bool(isVisible), "txID": .string(Hex.encode(Hash.sha256(bytes))), "raw_data": .object(raw),
      "raw_data_hex": .string(Hex.encode(bytes)),
    ]
    return whole.text
  }

  mutating func learn(from pending: JSONValue) {}

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let json = try? JSONValue(parsing: txData), let raw = json["raw_data"] else {
      throw Refusal("OTHER_ERROR : no transaction")
    }
    let isVisible = json["visible"]?.bool ?? false
    let bytes = try TronEncoder(isVisible: isVisible).rawData(raw)
    let digest = Hash.sha256(bytes)
    guard json["raw_data_hex"]?.string == Hex.encode(bytes) else {
      throw Refusal("OTHER_ERROR : raw_data_hex is not raw_data")
    }
    guard json["txID"]?.string == Hex.encode(digest) else {
      throw Refusal("OTHER_ERROR : txID is not the hash of raw_data")
    }
    guard let contracts = raw["contract"]?.array, contracts.count == 1, let contract = contracts.first,
      let value = contract["parameter"]?["value"], let type = contract["type"]?.string,
      contract["parameter"]?["type_url"]?.string == "type.googleapis.com/protocol.\(type)"
    else {
      throw Refusal("CONTRACT_VALIDATE_ERROR : contract size should be exactly 1, this is extend feature")
    }
    let signer = try Self.signer(json["signature"], digest)
    let shown = value["owner_address"]?.string ?? ""
    guard (isVisible ? shown : Hex.decode(shown).map { Base58Check.encode($0) }) == signer else {
      throw Refusal(
        "SIGERROR : Validate signature error: \(signer) is not contained of permission of \(shown)")
    }
    let expiration = raw["expiration"]?.uint64 ?? 0
    if let headBlockTime, expiration <= headBlockTime {
      throw Refusal("TRANSACTION_EXPIRATION_ERROR : Transaction expired")
    }
    let txID = Hex.encode(digest)
    guard known.insert(txID).inserted else { throw Refusal("DUP_TRANSACTION_ERROR : Dup transaction.") }
    return AcceptedTransaction(
      txId: txID, senders: [signer], outputs: [value], mismatches: pending.map { Self.mismatches(json, $0) },
      details: [("type", .string(type)), ("expiration", .string(String(expiration)))])
  }

  /// The address whose key signed `digest`: r, s and 27 + recovery id in hexadecimal, s in the lower half.
  private static func signer(_ json: JSONValue?, _ digest: [UInt8]) throws(Refusal) -> String {
    guard let signatures = json?.array, signatures.count == 1, let text = signatures.first?.string,
      let bytes = Hex.decode(text), bytes.count == 65, (27...28).contains(bytes[64])
    else { throw Refusal("SIGERROR : Signature size is not 65, or there is not one") }
    guard !Quantity.isLess(Secp256k1Order.half, Array(bytes[32..<64].drop { $0 == 0 })),
      let signature = try? ECDSASignature(rs: Array(bytes.prefix(64)), recoveryID: bytes[64] - 27),
      let publicKey = Secp256k1.recover(signature, digest: digest),
      Secp256k1.verify(signature, digest: digest, publicKey: publicKey)
    else { throw Refusal("SIGERROR : Validate signature error") }
    return Base58Check.encode([0x41] + Hash.keccak256(Array(publicKey.dropFirst())).suffix(20))
  }

  /// Members that were changed, added or left out between the pending transaction and the signed one.
  private static func mismatches(_ signed: JSONValue, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text)
    else {
      return ["serializedTransaction"]
    }
    let names = Set((wanted.object?.members ?? []).map(\.name) + (signed.object?.members ?? []).map(\.name))
    return names.filter { $0 != "signature" && wanted[$0] != signed[$0] }.sorted()
  }

  mutating func mine() {}

  var summary: JSONValue { ["transactions": .array(known.sorted().map { .string($0) })] }
}
