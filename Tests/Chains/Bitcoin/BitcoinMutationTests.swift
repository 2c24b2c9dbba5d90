import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Every member of a pending transaction removed, replaced and retyped: always a refusal, or a valid transaction that
/// does what is pending then, and nothing else.
@Suite struct BitcoinMutationTests {
  static let replacements: [JSONValue] = [
    .null, true, 0, 1, -1, 2, "", "0", "-1", "1", "zz", "00", "0x00", [], [[]], [.null], [:], ["a": 1],
    .number(JSONNumber(UInt64.max)), .number(JSONNumber(Int64.max)), .number(JSONNumber(UInt32.max)),
    .number(JSONNumber(1 << 32)), .number(JSONNumber(2_100_000_000_000_001)),
    "18446744073709551615", "18446744073709551616", "٣", .string(String(repeating: "ab", count: 32)),
    .string(String(repeating: "f", count: 4_000)), "6a", "6a00", "76a914", "ffffffffff", "4e00000080",
    "6a4effffffff", "5114", "a914000000000000000000000000000000000000000087",
  ]

  @Test(arguments: BitcoinVectors.chains, [false, true])
  func anythingMayBeWrong(_ chain: String, _ withHash: Bool) throws {
    let base = try Base(chain, withHash: withHash)
    #expect(try base.sign(base.pending) != nil)
    var signed = 0
    var refused = 0
    for mutated in Self.mutations(base.pending) + Self.mutations(base.inner).map(base.pending(with:)) {
      if try base.sign(mutated) == nil { refused += 1 } else { signed += 1 }
    }
    #expect(refused > 400)
    #expect(signed > 50)
  }

  @Test(arguments: BitcoinVectors.chains)
  func anyTextMayBeBroken(_ chain: String) throws {
    let base = try Base(chain, withHash: false)
    let text = Array((base.pending["serializedTransaction"]?.string ?? "").utf8)
    var generator = SeededGenerator(state: 7)
    for _ in 0..<400 {
      var broken = text
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: broken.removeLast(Int.random(in: 1...text.count, using: &generator))
      case 1: broken.remove(at: Int.random(in: text.indices, using: &generator))
      case 2:
        broken.insert(
          .random(in: 32...126, using: &generator), at: .random(in: text.indices, using: &generator))
      default:
        broken[Int.random(in: text.indices, using: &generator)] = .random(in: 32...126, using: &generator)
      }
      guard case .object(var object) = base.pending else { continue }
      object["serializedTransaction"] = .string(String(decoding: broken, as: UTF8.self))
      _ = try base.sign(.object(object))
    }
  }

  @Test(arguments: BitcoinVectors.chains)
  func anyContextMayBeWrong(_ chain: String) throws {
    var base = try Base(chain, withHash: false)
    base.signing.context = base.context
    for mutated in Self.mutations(base.context) + Self.replacements {
      base.signing.context = mutated
      _ = try base.sign(base.pending)
    }
  }

  /// A pending withdrawal with everything that may be in one, signed with fixed keys.
  struct Base {
    var signing: TestSigning
    var pending: JSONValue
    var inner: JSONValue
    var context: JSONValue = [:]
    let keys: [PrivateKeyMaterial]

    init(_ chain: String, withHash: Bool) throws {
      signing = try TestSigning(chain)
      var random = BitcoinSigningPropertyTests.Random(generator: SeededGenerator(state: 5))
      let kinds: [BitcoinSigningPropertyTests.Kind] =
        switch chain {
        case "DOGE": [.publicKeyHash, .publicKeyHash, .multisig]
        case "BCH": [.publicKeyHash, .publicKeyHash]
        default: [.publicKeyHash, .witness, .nestedMultisig]
        }
      for kind in kinds { try random.addInput(kind) }
      random.addOutputs(2)
      let change = Hash.hash160([1])
      random.transaction.outputs[1].script = [0x76, 0xa9, 0x14] + change + [0x88, 0xac]
      let fee =
        random.transaction.inputs.map(\.value).reduce(0, +)
        - random.transaction.outputs.map(\.value).reduce(0, +)
      random.transaction.extra = [
        ("changeScript", .string("OP_DUP OP_HASH160 20 0x\(Hex.encode(change)) OP_EQUALVERIFY OP_CHECKSIG")),
        ("changeIndex", 1), ("fee", .number(JSONNumber(fee))),
      ]
      keys = random.keys
      inner = random.transaction.json
      let unsigned = try BitcoreTransaction(random.transaction.text).unsigned.transaction
      if withHash, case .object(var object) = inner {
        object["hash"] = .string(unsigned.id)
        inner = .object(object)
      }
      if chain == "BCH" {
        let amounts = random.transaction.inputs.map { String($0.value) }.joined(separator: ",")
        inner = .string("\(Hex.encode(unsigned.encoded())):[\(amounts)]")
      }
      let network = try BitcoinVectors.parameters(chain).testnet
      let entries = random.transaction.inputs.map { input -> JSONValue in
        [
          "vIn": .string(input.id), "vInIndex": .number(JSONNumber(input.index)), "amount": "0.001",
          "address": [
            "address": network.address(of: LockingScript(input.script)).map(JSONValue.string) ?? .null,
            "derivationKey": 4,
          ],
        ]
      }
      pending = signing.pending("")
      if case .object(var object) = pending {
        object["index"] = 3
        object["withdrawalId"] = "60ab4a6bb6cf6d123cae3f98"
        object["withdrawalResponses"] = .array(entries + [["vIn": "-1", "vInIndex": -1, "amount": "0"]])
        object["signatures"] = [["id": .string(TestSigning.walletID), "index": 2]]
        pending = .object(object)
      }
      pending = pending(with: inner)
      context = [
        "utxos": .array(
          random.transaction.inputs.map {
            [
              "txHash": .string($0.id), "index": .string(String($0.index)),
              "value": .string(String($0.value)),
              "address": network.address(of: LockingScript($0.script)).map(JSONValue.string) ?? .null,
            ]
          })
      ]
    }

    func pending(with inner: JSONValue) -> JSONValue {
      guard case .object(var object) = pending else { return pending }
      object["serializedTransaction"] = .string(
        inner.string ?? String(decoding: inner.encoded(), as: UTF8.self))
      return .object(object)
    }

    /// The signed transaction, checked against what was pending; nil when it was refused with a `ChainError`.
    func sign(_ pending: JSONValue) throws -> SignedTransaction? {
      do {
        let signed = try signing.sign(pending, keys: keys)
        try verify(signed, pending)
        return signed
      } catch is ChainError { return nil }
    }

    private func verify(_ signed: SignedTransaction, _ pending: JSONValue) throws {
      let text = try #require(pending["serializedTransaction"]?.string)
      let verifier = try IndependentVerifier(#require(Hex.decode(signed.txData)))
      #expect(verifier.id == signed.txID)
      if signing.chain.name == "BCH" {
        let parts = text.split(separator: ":")
        #expect(verifier.unsigned == Hex.decode(parts[0]))
        let amounts = try #require(try JSONValue(parsing: String(parts[1])).array).map(\.uint64)
        let spent = try zip(amounts, verifier.inputs).map { amount, input in
          IndependentVerifier.Spent(
            value: try #require(amount),
            script: [0x76, 0xa9, 0x14] + Hash.hash160(input.script.suffix(33)) + [0x88, 0xac])
        }
        return try verifier.verify(spent, forkID: true)
      }
      let json = try JSONValue(parsing: text)
      try verifier.verify(
        #require(json["inputs"]?.array).map {
          let output = try #require($0["output"])
          return .init(
            value: try #require(output["satoshis"]?.uint64),
            script: try #require(Hex.decode(output["script"]?.string ?? "")))
        })
      let asked = try #require(json["inputs"]?.array).map { input in
        let number = { (member: String) in input[member]?.uint64.map { String($0) } }
        return "\(input["prevTxId"]?.string?.lowercased() ?? ""):\(number("outputIndex") ?? "") "
          + (number("sequenceNumber") ?? "4294967295")
      }
      #expect(
        verifier.inputs.map { "\($0.outPointText) \(IndependentVerifier.number($0.sequence))" } == asked)
      #expect(IndependentVerifier.number(verifier.version) == json["version"]?.uint64)
      #expect(IndependentVerifier.number(verifier.lockTime) == json["nLockTime"]?.uint64)
      #expect(
        verifier.outputs.map { "\($0.value) \(Hex.encode($0.script))" }
          == (json["outputs"]?.array ?? []).map {
            "\($0["satoshis"]?.uint64 ?? 0) \($0["script"]?.string?.lowercased() ?? "")"
          })
    }
  }

  /// Every variant of `json` with one value, at any depth, removed or replaced.
  static func mutations(_ json: JSONValue) -> [JSONValue] {
    var variants = replacements
    switch json {
    case .object(let object):
      for member in object.members {
        var without = object
        without[member.name] = nil
        variants.append(.object(without))
        for variant in mutations(member.value) {
          var changed = object
          changed[member.name] = variant
          variants.append(.object(changed))
        }
      }
    case .array(let items):
      for i in items.indices {
        var without = items
        without.remove(at: i)
        variants.append(.array(without))
        variants.append(.array(items + [items[i]]))
        for variant in mutations(items[i]) {
          var changed = items
          changed[i] = variant
          variants.append(.array(changed))
        }
      }
    default: break
    }
    return variants
  }
}
