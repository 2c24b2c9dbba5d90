internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Whatever comes in: an answer or a refusal, never a trap; and what is signed pays what the operations show.
@Suite struct CardanoMutationTests {
  /// Every truncation and every flipped bit of every body: signed only where nothing that counts has changed.
  @Test func noBitOfABodyMayChange() throws {
    for vector in try CardanoVectors.pending() {
      let body = try EVMVectors.value(Hex.decode(try EVMVectors.value(vector["unsigned"]?["body"]?.string)))
      var request = try CardanoVectors.request(vector, form: .body)
      let addresses = try CardanoVectors.inputAddresses(of: vector, perInput: false)
      func isSigned(_ bytes: [UInt8]) -> Bool {
        request.context = CardanoVectors.context(
          body: bytes, ttl: vector["context"]?["ttl"]?.string ?? "", addresses: addresses, form: .body)
        return (try? CardanoVectors.chain.sign(request)) != nil
      }
      #expect(isSigned(body))
      for count in body.indices { #expect(!isSigned(Array(body[..<count]))) }
      for bit in 0..<8 * body.count {
        var changed = body
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(!isSigned(changed), "bit \(bit)")
      }
    }
  }

  @Test func randomBytesAreNoTransaction() throws {
    var generator = SeededGenerator(state: 1852)
    let base = try CBORText.body()
    var signed = 0
    for round in 0..<2500 {
      var bytes = round % 3 == 0 ? generator.bytes(Int.random(in: 0...200, using: &generator)) : base
      for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert([0x81, 0x9f, 0xa1, 0xbf, 0xd9, 0x5f, 0xff, 0x1b][round % 8], at: at)
        default: bytes[at] = [0x9b, 0xbb, 0x5b, 0x7b, 0xdb, 0xf8, 0xfb, 0x3b][round % 8]
        }
      }
      do {
        let result = try CardanoVectors.sign(body: bytes)
        // Only an encoding of the same content may come through, such as a longer head.
        #expect(result.txID == Hex.encode(Hash.blake2b(bytes, count: 32)))
        #expect(try CardanoBody(bytes) == CardanoBody(base))
        signed += 1
      } catch { #expect(error is ChainError) }
      for form in [CardanoVectors.Form.transaction, .rosettaBody, .rosettaTransaction] {
        _ = try? UnsignedCardanoTransaction(form.text(bytes))
      }
      _ = try? UnsignedCardanoTransaction(Hex.encode(bytes))
    }
    #expect(signed < 100)
  }

  static let strange: [JSONValue] = [
    .null, true, 0, -1, 1, "", " ", "0", "-0", "-1", "1e3", "0x1", "\u{0}", "🙂", [], [[]], [:], ["a": 1],
    .string(String(repeating: "9", count: 5000)), .string(String(repeating: "a", count: 5000)),
    "18446744073709551615", "18446744073709551616", "-18446744073709551615", .string(CardanoVectors.address),
    "addr_test1", "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi",
  ]

  /// Replaces every value anywhere within `json` by `replacement`, one at a time.
  private func variants(_ json: JSONValue, _ replacement: JSONValue) -> [JSONValue] {
    var all: [JSONValue] = [replacement]
    switch json {
    case .array(let items):
      for (i, item) in items.enumerated() {
        for variant in variants(item, replacement) {
          var changed = items
          changed[i] = variant
          all.append(.array(changed))
        }
      }
    case .object(let object):
      for member in object.members {
        for variant in variants(member.value, replacement) {
          var changed = object
          changed[member.name] = variant
          all.append(.object(changed))
        }
        var without = object
        without[member.name] = nil
        all.append(.object(without))
      }
    default: break
    }
    return all
  }

  @Test func everyMemberOfTheOperationsMayBeStrangeOrMissing() throws {
    let body = try CBORText.body()
    let operations = CardanoVectors.Sample().operations
    let content = try RosettaOperations(parsing: operations.text, testnet: true)
    var signed = 0
    for value in Self.strange {
      for changed in variants(operations, value) {
        guard (try? CardanoVectors.sign(changed, body: body)) != nil else { continue }
        // What is signed is what the changed operations say, too: only members without meaning changed.
        let read = try RosettaOperations(parsing: changed.text, testnet: true)
        #expect(
          read.inputs == content.inputs && read.outputs == content.outputs && read.fee == content.fee,
          "\(changed.text)")
        signed += 1
      }
    }
    #expect(signed > 100)
  }

  @Test func everyMemberOfTheContextMayBeStrangeOrMissing() throws {
    let body = try CBORText.body()
    let context = CardanoVectors.context(body: body, ttl: "50000000", addresses: [CardanoVectors.address])
    for value in Self.strange {
      for changed in variants(context, value) where changed != context {
        let code: ErrorCode?
        do {
          _ = try CardanoVectors.sign(body: body) { $0.context = changed }
          code = nil
        } catch { code = (error as? ChainError)?.code }
        #expect(code != nil, "\(changed.text)")
      }
    }
  }

  @Test func largeInputsAreRefusedQuickly() throws {
    let body = try CBORText.body()
    for text in [
      String(repeating: "9f", count: 1 << 20), String(repeating: "81", count: 1 << 20),
      "82" + "7a000fffff" + String(repeating: "30", count: 0xfffff), String(repeating: "00", count: 1 << 21),
      CardanoVectors.wrapped(body, extra: [UInt8](repeating: 0x81, count: 500_000) + [0]),
      CardanoVectors.wrapped([UInt8](repeating: 0x80, count: 70_000)),
    ] {
      #expect(throws: ChainError.self) {
        try CardanoVectors.sign(body: body) { $0.set("unsignedTransaction", .string(text)) }
      }
    }
  }
}
