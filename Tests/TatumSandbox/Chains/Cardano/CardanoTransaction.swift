import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A signed transaction of Cardano, read from what the broadcast endpoint gets.
struct CardanoTransaction {
  struct Output: Equatable {
    /// The address's bytes.
    let address: [UInt8]
    let lovelace: UInt64
    /// Policy and name in hex, as `policy.name`.
    var assets: [String: UInt64] = [:]
  }

  /// `transaction id:index`, sorted.
  let inputs: [String]
  let outputs: [Output]
  let fee: UInt64
  let ttl: UInt64?
  /// Numbers of further members of the body.
  let otherMembers: [UInt64]
  let witnesses: [(publicKey: [UInt8], signature: [UInt8])]
  let id: [UInt8]

  /// Reads Rosetta's envelope, hexadecimal CBOR of `[hexadecimal transaction, extra data]`: the form that the API takes.
  init(envelope hex: String) throws(Refusal) {
    guard let bytes = Hex.decode(hex) else { throw Refusal("txData is not hexadecimal") }
    let parts = try CardanoItem.decode(bytes).list("envelope")
    guard parts.count == 2, case .text(let text) = parts[0].content, let inner = Hex.decode(utf8: text) else {
      throw Refusal("txData is not the envelope [transaction, extra data]")
    }
    try self.init(inner)
  }

  private init(_ bytes: [UInt8]) throws(Refusal) {
    let parts = try CardanoItem.decode(bytes).list("transaction")
    guard parts.count == 4, parts[2].encoded == [0xF5], parts[3].encoded == [0xF6] else {
      throw Refusal("DecoderFailure: not a valid transaction without auxiliary data")
    }
    let body = try parts[0].members("body")
    guard let inputs = body[0], let outputs = body[1], let fee = body[2] else {
      throw Refusal("DecoderFailure: the body lacks inputs, outputs or fee")
    }
    var coins: [String] = []
    for item in try inputs.list("inputs") {
      let coin = try item.list("input")
      guard coin.count == 2 else { throw Refusal("DecoderFailure: input") }
      coins.append(Hex.encode(try coin[0].bytes("input")) + ":\(try coin[1].unsigned("input"))")
    }
    self.inputs = coins.sorted()
    guard Set(coins).count == coins.count else { throw Refusal("DecoderFailure: inputs are no set") }
    var paid: [Output] = []
    for item in try outputs.list("outputs") { paid.append(try Self.output(item)) }
    self.outputs = paid
    self.fee = try fee.unsigned("fee")
    ttl = try body[3].map { (item) throws(Refusal) in try item.unsigned("ttl") }
    otherMembers = body.keys.filter { $0 > 3 }.sorted()
    let sets = try parts[1].members("witnesses")
    guard sets.keys.allSatisfy({ $0 == 0 }) else { throw Refusal("witnesses of another kind than keys") }
    var witnesses: [(publicKey: [UInt8], signature: [UInt8])] = []
    for item in try sets[0]?.list("witnesses") ?? [] {
      let witness = try item.list("witness")
      guard witness.count == 2 else { throw Refusal("DecoderFailure: witness") }
      witnesses.append((try witness[0].bytes("public key"), try witness[1].bytes("signature")))
    }
    self.witnesses = witnesses
    id = Hash.blake2b(Array(parts[0].encoded), count: 32)
  }

  private static func output(_ item: CardanoItem) throws(Refusal) -> Output {
    let parts: [CardanoItem]
    if case .map = item.content {
      let members = try item.members("output")
      guard let address = members[0], let value = members[1], members.count == 2 else {
        throw Refusal("DecoderFailure: output")
      }
      parts = [address, value]
    } else {
      parts = try item.list("output")
    }
    guard parts.count == 2 else { throw Refusal("an output with data or a script") }
    let address = try parts[0].bytes("address")
    if case .unsigned(let lovelace) = parts[1].content { return Output(address: address, lovelace: lovelace) }
    let value = try parts[1].list("value")
    guard value.count == 2, case .map(let policies) = value[1].content else {
      throw Refusal("DecoderFailure: value")
    }
    var output = Output(address: address, lovelace: try value[0].unsigned("value"))
    for policy in policies {
      guard case .map(let tokens) = policy.value.content else { throw Refusal("DecoderFailure: value") }
      for token in tokens {
        let name = Hex.encode(try policy.key.bytes("policy")) + "." + Hex.encode(try token.key.bytes("name"))
        output.assets[name] = try token.value.unsigned("amount")
      }
    }
    return output
  }
}
