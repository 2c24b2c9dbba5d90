import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

/// The sandbox's own decoders of TRON, VET and BNB, judged by published transactions and by these with one bit flipped.
@Suite struct AccountChainSandboxTests {
  @Test func acceptsPublishedTransactionsOfTRON() throws {
    let sandbox = try SandboxProcess()
    var accepted = 0
    for vector in try SourceTree.transactionVectors("TRON") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let txData = try #require(vector["expected"]?["txData"]?.string)
      let pending = try #require(vector["pending"])
      try sandbox.control("reset")
      try sandbox.control("pending", pending)
      for (i, changed) in try variants(of: txData).enumerated() {
        let answer = try sandbox.broadcast("tron", changed)
        #expect(answer.status == 403, "\(label), variant \(i): \(answer.text)")
      }
      let answer = try sandbox.broadcast("tron", txData, signatureID: pending["id"]?.string)
      #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
      let seen = try sandbox.look("broadcasts").array?.last
      #expect(seen?["mismatches"] == [] && seen?["flags"] == [], label)
      #expect(seen?["senders"]?.array?.first == vector["context"]?["from"], label)
      let again = try sandbox.broadcast("tron", txData)
      #expect(again.status == 403 && again.text.contains("DUP_TRANSACTION_ERROR"), label)
      accepted += 1
    }
    #expect(accepted == 25)
  }

  /// The transaction with a digit of its bytes, of its signature, or of what it shows replaced.
  private func variants(of txData: String) throws -> [String] {
    let object = try #require(try JSONValue(parsing: txData).object)
    func changed(_ text: String, _ at: Int) -> String {
      var digits = Array(text.utf8)
      digits[at] = digits[at] == UInt8(ascii: "3") ? UInt8(ascii: "5") : UInt8(ascii: "3")
      return String(decoding: digits, as: UTF8.self)
    }
    var variants: [String] = []
    let raw = try #require(object["raw_data_hex"]?.string)
    for at in stride(from: 1, to: raw.utf8.count, by: 17) {
      var copy = object
      copy["raw_data_hex"] = .string(changed(raw, at))
      variants.append(JSONValue.object(copy).text)
    }
    let signature = try #require(object["signature"]?.array?.first?.string)
    for at in stride(from: 0, to: signature.utf8.count, by: 9) {
      var copy = object
      copy["signature"] = [.string(changed(signature, at))]
      variants.append(JSONValue.object(copy).text)
    }
    for name in ["expiration", "timestamp", "fee_limit"] {
      var shown = try #require(object["raw_data"]?.object)
      shown[name] = 12345
      var copy = object
      copy["raw_data"] = .object(shown)
      variants.append(JSONValue.object(copy).text)
    }
    return variants
  }

  @Test func acceptsPublishedTransactionsOfVET() throws {
    let sandbox = try SandboxProcess()
    var accepted = 0
    for vector in try SourceTree.transactionVectors("VET") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let txData = try #require(vector["expected"]?["txData"]?.string)
      let raw = try #require(Hex.decodePrefixed(txData))
      let body = try #require(vector["unsigned"])
      let number = UInt64(String(try #require(body["blockRef"]?.string).dropFirst(2).prefix(8)), radix: 16)
      try sandbox.control("reset")
      try sandbox.control(
        "state",
        [
          "chains": [
            "VET": ["chainTag": body["chainTag"] ?? 0, "block": .number(JSONNumber(try #require(number)))]
          ]
        ])
      for i in stride(from: accepted % 3, to: raw.count, by: 3) {
        var flipped = raw
        flipped[i] ^= 1 << (i % 8)
        let answer = try sandbox.broadcast("vet", "0x" + Hex.encode(flipped))
        // What changes the body is a transaction of somebody else, which no node can tell from a right one.
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(
          answer.status == 403 || seen?["senders"]?.array?.first != vector["context"]?["from"],
          "\(label), byte \(i)")
      }
      let answer = try sandbox.broadcast("vet", txData)
      if vector["name"]?.string == "thor-devkit: two clauses" {
        // Made for its encoding: 21000 gas do not pay for two clauses.
        #expect(answer.status == 403 && answer.text.contains("intrinsic gas"))
        continue
      }
      #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
      if let from = vector["context"]?["from"] {
        #expect(try sandbox.look("broadcasts").array?.last?["senders"] == [from], label)
      }
      #expect(try sandbox.broadcast("vet", txData).status == 200, label)
      try sandbox.control("mine")
      let again = try sandbox.broadcast("vet", txData)
      #expect(again.status == 403 && again.text.contains("known tx"), label)
      accepted += 1
    }
    #expect(accepted == 9)
  }

  @Test func acceptsPublishedTransactionsOfBNB() throws {
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      let chainID: JSONValue = isTestnet ? "Binance-Chain-Ganges" : "Binance-Chain-Tigris"
      for vector in try SourceTree.transactionVectors("BNB") where vector["context"]?["chainId"] == chainID {
        let label = Comment(rawValue: vector["name"]?.string ?? "")
        let txData = try #require(vector["expected"]?["txData"]?.string)
        let raw = try #require(Hex.decode(txData)), facts = try #require(vector["context"])
        let hash = try #require(vector["unsigned"]?["inputs"]?.array?.first?["address"]?.string)
        let sender = Bech32.encodeBytes(
          hrp: isTestnet ? "tbnb" : "bnb", bytes: try #require(Hex.decode(hash)))
        try sandbox.control("reset")
        try sandbox.control(
          "state",
          [
            "testnet": .bool(isTestnet),
            "chains": [
              "BNB": [
                "accounts": [
                  sender: [
                    "accountNumber": facts["accountNumber"] ?? 0, "sequence": facts["sequence"] ?? 0,
                  ]
                ]
              ]
            ],
          ])
        if let pending = vector["pending"] { try sandbox.control("pending", pending) }
        for i in raw.indices {
          var flipped = raw
          flipped[i] ^= 1 << (i % 8)
          #expect(try sandbox.broadcast("bnb", Hex.encode(flipped)).status == 403, "\(label), byte \(i)")
        }
        let answer = try sandbox.broadcast("bnb", txData, signatureID: vector["pending"]?["id"]?.string)
        #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["senders"] == [.string(sender)], label)
        // A pending transaction can't name a source; one vector has it.
        #expect(seen?["mismatches"] == (facts["source"] == 0 ? [] : ["source"]), label)
        let again = try sandbox.broadcast("bnb", txData)
        #expect(again.status == 403 && again.text.contains("already exists in cache"), label)
        accepted += 1
      }
    }
    #expect(accepted == 9)
  }
}
