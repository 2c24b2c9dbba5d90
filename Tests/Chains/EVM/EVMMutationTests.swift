internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

/// Whatever comes in: an answer or a refusal, never a trap; and what is signed is what was asked for, by the key.
@Suite struct EVMMutationTests {
  static let key = try? SigningChain.eth.wallets.key(
    kind: .privateKey, secret: SecretBytes(copying: Array(EVMVectors.testKey.utf8)), index: nil,
    testnet: false)

  static let context: JSONValue = [
    "from": .string(EVMVectors.testAddress), "nonce": "7", "gas": "90000", "gasPrice": "1000000000",
  ]

  static let strange: [JSONValue] = [
    .null, true, false, 0, 1, -1, 255, "", " ", "0", "1", "-1", "0x", "0x0", "0x1", "0X1", "0xg", "1.5",
    "1e9", "abc",
    "\u{0}", "🙂", [], [[]], [:], ["a": 1], [1, "x", [:]],
    .string(String(repeating: "9", count: 78)), .string(String(repeating: "9", count: 5000)),
    .string("0x" + String(repeating: "f", count: 16)), .string("0x" + String(repeating: "f", count: 64)),
    .string("0x" + String(repeating: "0", count: 5000)), .string(String(repeating: "🙂", count: 40)),
    "0x3535353535353535353535353535353535353535", "xdc3535353535353535353535353535353535353535",
    "one13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmc", "one1", "xdc", "18446744073709551615",
    "18446744073709551614",
    [["address": "0x3535353535353535353535353535353535353535", "storageKeys": []]],
    [["address": "0x3535353535353535353535353535353535353535", "storageKeys": ["0x00"]]],
  ]

  static let members = [
    "from", "to", "value", "data", "input", "nonce", "gas", "gasLimit", "gasPrice", "maxFeePerGas",
    "maxPriorityFeePerGas", "accessList", "type", "chainId", "feeCurrency", "gatewayFee", "common",
    "surprise",
  ]

  /// Runs everything that reads the record; true when it was signed.
  @discardableResult
  func exercise(_ text: String, chain: SigningChain, context: JSONValue = Self.context) throws -> Bool {
    let pending = try PendingTransaction(EVMVectors.pending(text, chain: chain), chain: chain.name)
    let view = WalletView(
      signatureID: "id", chain: chain.name, testnet: false, kind: .privateKey,
      address: EVMVectors.testAddress)
    let material = try #require(Self.key)
    var request = SigningCase(
      pending: pending, testnet: false, context: context,
      keys: [SigningKey(reference: try pending.firstKeyReference(), privateKey: material)], unixTime: 0)
    do throws(ChainError) {
      _ = try chain.needs(of: pending, wallet: view, testnet: false)
      let nonce = try chain.nonceRequest(of: request)
      request.nonce = nonce?.explicit ?? nonce?.networkCount
      let signed = try chain.sign(request)
      expect(signed, text, chain, context)
      return true
    } catch {
      #expect(!error.message.isEmpty)
      return false
    }
  }

  /// The signature is the key's, over what `text` asks for, completed from `context`, and over nothing else.
  private func expect(
    _ signed: SignedTransaction, _ text: String, _ chain: SigningChain, _ context: JSONValue
  ) {
    let label = Comment(rawValue: "\(chain.name) \(text)")
    do {
      let bytes = try #require(Hex.decodePrefixed(signed.txData))
      #expect(try EVMTransactionTests.recoveredSender(of: bytes).hexText == EVMVectors.testAddress, label)
      #expect(Hex.encodePrefixed(Hash.keccak256(bytes)) == signed.txID, label)
      let asked = try EVMMeaning(asked: text, context: context, chain: chain, testnet: false)
      #expect(try EVMMeaning(signed: bytes) == asked, label)
      // Whoever names a sender names the key's.
      let named = try JSONValue(parsing: text)["from"].flatMap { $0.number?.digits == "0" ? nil : $0 }
      for from in [named, context["from"]].compactMap({ $0?.string }) {
        #expect(from.lowercased().hasSuffix(EVMVectors.testAddress.dropFirst(2)), label)
      }
    } catch { Issue.record(error, label) }
  }

  @Test func everyMemberOfEveryTypeMayBeStrangeOrMissing() throws {
    let bases = [
      EVMRefusalTests.text(), EVMRefusalTests.text(["accessList": "[]"]),
      EVMRefusalTests.text(["gasPrice": nil, "maxFeePerGas": "30", "maxPriorityFeePerGas": "2", "type": "2"]),
      EVMRefusalTests.text(["feeCurrency": #""0x765de816845861e75a25fca122bb6898b8b1282a""#]),
    ]
    var signed = 0
    for base in bases {
      let object = try #require(try JSONValue(parsing: base).object)
      for chain in [SigningChain.eth, .xdc, .one, .celo] {
        for member in Self.members {
          for value in [nil] + Self.strange.map(Optional.some) {
            var changed = object
            changed[member] = value
            if try exercise(JSONValue.object(changed).text, chain: chain) { signed += 1 }
          }
        }
      }
    }
    #expect(signed > 1000)
  }

  @Test func everyMemberOfTheContextMayBeStrangeOrMissing() throws {
    let object = try #require(Self.context.object)
    let text = #"{"to":"0x3535353535353535353535353535353535353535"}"#
    var signed = 0
    for member in ["from", "chainId", "nonce", "gas", "gasPrice"] {
      for value in [nil] + Self.strange.map(Optional.some) {
        var changed = object
        changed[member] = value
        if try exercise(text, chain: .eth, context: .object(changed)) { signed += 1 }
      }
    }
    #expect(signed > 10)
    for context in Self.strange { try exercise(text, chain: .eth, context: context) }
  }

  /// The members around `serializedTransaction` decide which key signs, never what it signs.
  @Test func everyMemberOfThePendingObjectMayBeStrangeOrMissing() throws {
    let base = try #require(EVMVectors.pending(EVMRefusalTests.text(), chain: .eth, index: 3).object)
    let expected = try EVMVectors.sign(EVMRefusalTests.text())
    let lists: [JSONValue] = [
      ["A"], ["b", "a"], [["id": "C"]], [["id": "c", "index": 7]], [["id": "c", "index": -1]], [["id": 1]],
      ["", "a"],
    ]
    var read = 0
    for member in [
      "id", "chain", "hashes", "index", "txId", "withdrawalId", "withdrawalResponses", "signatures",
    ] {
      for value in [nil] + (Self.strange + lists).map(Optional.some) {
        var changed = base
        changed[member] = value
        let pending: PendingTransaction
        do throws(ChainError) { pending = try PendingTransaction(.object(changed), chain: "ETH") } catch {
          #expect(error.code == .malformedTransaction && !error.message.isEmpty)
          continue
        }
        read += 1
        // The first of `hashes` at `index`, else the first of `signatures` at its own.
        let json = JSONValue.object(changed)
        let reference = try #require(try SigningChain.eth.keyReferences(of: pending).first)
        let hash = json["hashes"]?.array?.first?.string
        let signature = json["signatures"]?.array?.first
        #expect(reference.signatureID == (hash ?? signature?["id"]?.string)?.lowercased())
        let index = hash == nil ? signature?["index"] ?? json["index"] : json["index"]
        // 1.0 and 10e-1 are 1 (decision 25); what is no index is one that no mnemonic has.
        let number = index.flatMap { json in json.number.map { WholeNumber.read($0.digits) } ?? json.uint64 }
        let expectedIndex = index.map { _ in
          number.flatMap { $0 < 1 << 31 ? UInt32($0) : nil } ?? KeyReference.noIndex
        }
        #expect(reference.index == expectedIndex)
        let request = SigningCase(
          pending: pending, testnet: false, context: [:],
          keys: [SigningKey(reference: reference, privateKey: try #require(Self.key))], nonce: 5, unixTime: 0)
        #expect(try SigningChain.eth.sign(request) == expected)
      }
    }
    #expect(read > 100)
  }

  @Test func everyByteOfTheTextMayChange() throws {
    var generator = SeededGenerator(state: 4)
    let base = Array(
      EVMRefusalTests.text([
        "accessList":
          #"[{"address":"0x3535353535353535353535353535353535353535","storageKeys":["0x\#(String(repeating: "5", count: 64))"]}]"#,
        "data": #""0x0102""#, "chainId": "1",
      ]).utf8)
    var signed = 0
    for _ in 0..<4000 {
      var bytes = base
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: at)
        default:
          bytes[at] = UInt8(
            ascii: "0123456789abcdefx\"{}[],:".unicodeScalars.randomElement(using: &generator) ?? "0")
        }
      }
      if try exercise(String(decoding: bytes, as: UTF8.self), chain: .eth) { signed += 1 }
    }
    #expect(signed > 100)
  }
}
