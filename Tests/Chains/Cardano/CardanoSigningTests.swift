internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

@Suite struct CardanoSigningTests {
  @Test(arguments: CardanoVectors.Form.allCases, [false, true])
  func signsTheVectorsByteForByte(form: CardanoVectors.Form, perInput: Bool) throws {
    for vector in try CardanoVectors.pending() {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let request = try CardanoVectors.request(vector, form: form, perInput: perInput)
      let signed = try CardanoVectors.chain.sign(request)
      #expect(signed.txData == vector["expected"]?["txData"]?.string, label)
      #expect(signed.txID == vector["expected"]?["txId"]?.string, label)
      let addresses = try CardanoVectors.inputAddresses(of: vector, perInput: false)
      #expect(signed.from == .inputs(addresses), label)
      #expect(signed.nonce == nil && signed.expiresAt != nil)
      #expect(signed.lastValidHeight == request.context["ttl"]?.uint64.map { $0 - 1 })
      #expect(signed.extra.map(\.name) == ["signatures", "unsignedTransaction"])
      let signatures = try EVMVectors.value(signed.json["signatures"]?.array)
      let expected = try EVMVectors.value(vector["expected"]?["signatures"]?.array)
      #expect(signatures.count == expected.count, label)
      for (ours, theirs) in zip(signatures, expected) {
        #expect(ours["publicKey"] == theirs["publicKey"] && ours["signature"] == theirs["signature"], label)
        #expect(addresses.contains(ours["address"]?.string ?? ""), label)
      }
      #expect(try CardanoVectors.chain.sign(request) == signed)
    }
  }

  /// The 31 vectors without operations: what a body of another origin comes to.
  @Test func readsOrRefusesTheBodiesOfOtherSources() throws {
    var read = 0
    var refused = 0
    for vector in try EVMVectors.vectors("transactions/ada") where vector["pending"] == nil {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let unsigned = try EVMVectors.value(vector["unsigned"])
      let bytes = try EVMVectors.value(Hex.decode(try EVMVectors.value(unsigned["body"]?.string)))
      #expect(Hex.encode(Hash.blake2b(bytes, count: 32)) == vector["expected"]?["txId"]?.string, label)
      if unsigned["otherBodyFields"] != nil {
        // Certificates and withdrawals: no operation shows them.
        #expect(code { try CardanoBody(bytes) } == .contentMismatch, label)
        refused += 1
        continue
      }
      let body = try CardanoBody(bytes)
      #expect(String(body.fee) == unsigned["fee"]?.string, label)
      #expect(String(body.ttl) == unsigned["ttl"]?.string, label)
      #expect(
        body.hasTaggedSets
          == (vector["flag"] == "setTag258" || vector["testnet"]?.bool == true && vector["flag"] != nil))
      let inputs = try EVMVectors.value(unsigned["inputs"]?.array).map {
        "\(try EVMVectors.value($0["txHash"]?.string)):\(try EVMVectors.value($0["index"]?.uint64))"
      }
      #expect(body.inputs.map(\.description) == inputs, label)
      for (ours, theirs) in zip(body.outputs, try EVMVectors.value(unsigned["outputs"]?.array)) {
        let value = try EVMVectors.value(theirs["value"])
        #expect(String(ours.lovelace) == (value.string ?? value["lovelace"]?.string), label)
        var assets: [String: String] = [:]
        for policy in value["assets"]?.object?.members ?? [] {
          for token in policy.value.object?.members ?? [] {
            assets[policy.name + "." + token.name] = token.value.string
          }
        }
        let found = ours.assets.map { (Hex.encode($0.policyID) + "." + Hex.encode($0.name), String($1)) }
        #expect(Dictionary(uniqueKeysWithValues: found) == assets, label)
      }
      try expectTransaction(vector, bytes, body, label)
      read += 1
    }
    #expect(read == 22 && refused == 9)
  }

  /// Puts the vector's signatures around the body: its bytes come out, but for the form from before Alonzo.
  private func expectTransaction(
    _ vector: JSONValue, _ bytes: [UInt8], _ body: CardanoBody, _ label: Comment
  ) throws {
    let expected = try EVMVectors.value(vector["expected"]?["txData"]?.string)
    // Byron inputs have bootstrap witnesses, which are not made here.
    guard !label.rawValue.contains("byron"), !label.rawValue.contains("FromLegacy") else { return }
    // The list of signatures is not always in the order of the transaction.
    let witnesses = CardanoWitnesses(
      witnesses: try EVMVectors.value(vector["expected"]?["signatures"]?.array).map { item in
        let texts = try ["publicKey", "signature"].map { try EVMVectors.value(item[$0]?.string) }
        return (try EVMVectors.value(expected.firstRange(of: texts[0])).lowerBound, texts)
      }.sorted { $0.0 < $1.0 }.map { _, texts in
        CardanoWitnesses.Witness(
          address: "", publicKey: try EVMVectors.value(Hex.decode(texts[0])),
          signature: try EVMVectors.value(Hex.decode(texts[1])))
      })
    let ours = Hex.encode(witnesses.transaction(body: bytes, hasTaggedSets: body.hasTaggedSets))
    #expect(
      ours == (expected.hasPrefix("83") ? "84" + expected.dropFirst(2).dropLast(2) + "f5f6" : expected), label
    )
    for witness in witnesses.witnesses where vector["flag"] != "signatureNotValid" {
      #expect(
        Ed25519.verify(witness.signature, Hash.blake2b(bytes, count: 32), publicKey: witness.publicKey), label
      )
    }
  }

  private func code(_ body: () throws -> some Any) -> ErrorCode? {
    do {
      _ = try body()
      return nil
    } catch { return (error as? ChainError)?.code }
  }

  @Test func signsMapOutputsTaggedSetsAndIndefiniteLengths() throws {
    let address = try CardanoAddress(CardanoVectors.other, testnet: true, member: "").bytes
    let mapOutput = CBORText.map([
      (CBORText.uint(0), CBORText.bytes(address)), (CBORText.uint(1), CBORText.uint(8_000_000)),
    ])
    let change = try CBORText.output(CardanoVectors.address, CBORText.uint(1_800_000))
    let plain = try CardanoVectors.sign(body: CBORText.body())
    for outputs in [CBORText.array([mapOutput, change]), [0x9f] + mapOutput + change + [0xff]] {
      let body = try CBORText.body(outputs: outputs)
      let signed = try CardanoVectors.sign(body: body)
      #expect(signed.txData.hasPrefix("84" + Hex.encode(body) + "a10081"))
      #expect(signed.txID != plain.txID)
    }
    let tagged = try CBORText.body(inputs: CBORText.tag(258, CBORText.array([CBORText.coin(0x11, 0)])))
    let signed = try CardanoVectors.sign(body: tagged)
    #expect(signed.txData.hasPrefix("84" + Hex.encode(tagged) + "a100d9010281"))
  }

  @Test func carriesTokensThatTheOperationsShow() throws {
    let policy = [UInt8](repeating: 7, count: 28)
    func tokens(_ amounts: [(String, UInt64)]) -> [UInt8] {
      CBORText.map([
        (
          CBORText.bytes(policy),
          CBORText.map(amounts.map { (CBORText.bytes(Array($0.0.utf8)), CBORText.uint($0.1)) })
        )
      ])
    }
    let value = CBORText.array([CBORText.uint(8_000_000), tokens([("", 5), ("gold", .max)])])
    let body = try CBORText.body(
      outputs: CBORText.array([
        CBORText.output(CardanoVectors.other, value),
        CBORText.output(CardanoVectors.address, CBORText.uint(1_800_000)),
      ]))
    func bundle(_ gold: String) -> JSONValue {
      [
        [
          "policyId": .string(Hex.encode(policy)),
          "tokens": [
            [
              "value": .string(gold),
              "currency": ["symbol": .string(Hex.encode(Array("gold".utf8))), "decimals": 0],
            ],
            ["value": "5", "currency": ["symbol": "\\x", "decimals": 0]],
          ],
        ]
      ]
    }
    var sample = CardanoVectors.Sample()
    sample.outputs[0].bundle = bundle("18446744073709551615")
    #expect(try CardanoVectors.sign(sample.operations, body: body).txData.contains(Hex.encode(body)))
    // One token less, other amounts, at another output, or not shown at all.
    sample.outputs[0].bundle = bundle("1")
    #expect(code { try CardanoVectors.sign(sample.operations, body: body) } == .contentMismatch)
    sample.outputs[0].bundle = nil
    #expect(code { try CardanoVectors.sign(sample.operations, body: body) } == .contentMismatch)
    sample.outputs[1].bundle = bundle("18446744073709551615")
    #expect(code { try CardanoVectors.sign(sample.operations, body: body) } == .contentMismatch)
    sample.outputs[1].bundle = nil
    sample.outputs[0].bundle = bundle("18446744073709551615")
    #expect(code { try CardanoVectors.sign(sample.operations, body: CBORText.body()) } == .contentMismatch)
  }

  @Test func spendsFromABaseAddressWithThePaymentKey() throws {
    let key = try CardanoVectors.material(CardanoVectors.key, testnet: true)
    let base = Bech32.encodeBytes(
      hrp: "addr_test",
      bytes: [0x00] + CardanoAddress.keyHash(key.publicKey) + [UInt8](repeating: 9, count: 28))
    let operations = CardanoVectors.Sample().operations.text.replacing(
      "\"address\":\"\(CardanoVectors.address)\",\"metadata\"", with: "\"address\":\"\(base)\",\"metadata\"")
    let signed = try CardanoVectors.sign(try JSONValue(parsing: operations), body: CBORText.body()) {
      var context = $0.context.object ?? JSONObject()
      context["payloads"] = .array(
        (context["payloads"]?.array ?? []).map { ["address": .string(base), "hex": $0["hex"] ?? .null] })
      $0.context = .object(context)
    }
    #expect(signed.from == .inputs([base]))
    #expect(signed.json["signatures"]?.array?.first?["address"]?.string == base)
  }

  @Test func namesAllWaysToTheKeys() throws {
    func references(_ members: String) throws -> [KeyReference] {
      let json = try JSONValue(
        parsing: #"{"id":"1","chain":"ADA","serializedTransaction":"","# + members + "}")
      return try CardanoVectors.chain.keyReferences(of: try PendingTransaction(json, chain: "ADA"))
    }
    func key(_ id: String, _ index: UInt32? = nil) -> KeyReference {
      KeyReference(signatureID: id, index: index)
    }
    #expect(try references(#""hashes":["a","b","a"]"#) == [key("a"), key("b")])
    #expect(try references(#""hashes":["a"],"index":3"#) == [key("a", 3)])
    #expect(
      try references(#""signatures":[{"id":"a","index":1},{"id":"a","index":2}]"#) == [
        key("a", 1), key("a", 2),
      ])
    #expect(
      try references(#""hashes":["a","b"],"signatures":[{"id":"a","index":1}]"#) == [key("b"), key("a", 1)])
    #expect(
      try references(#""hashes":["b"],"index":4,"withdrawalId":"w","signatures":[{"id":"a","index":1}]"#)
        == [key("a", 1)])
    #expect(try references(#""hashes":["b"],"index":4,"withdrawalId":"w""#) == [key("b", 4)])
  }

  @Test func asksForThePayloadsOfTheOperations() throws {
    let vector = try EVMVectors.value(try CardanoVectors.pending().first)
    let pending = try PendingTransaction(try EVMVectors.value(vector["pending"]), chain: "ADA")
    let operations = try JSONValue(parsing: pending.serializedTransaction)
    #expect(
      try CardanoVectors.chain.needs(of: pending, wallet: nil, testnet: true)
        == [CardanoFacts.payloads(for: operations, testnet: true)])
    #expect(CardanoVectors.chain.currentHeight(in: ["ttl": "50001000"]) == 50_000_000)
    #expect(CardanoVectors.chain.currentHeight(in: ["ttl": "5"]) == nil)
    #expect(CardanoVectors.chain.currentHeight(in: [:]) == nil)
  }
}
