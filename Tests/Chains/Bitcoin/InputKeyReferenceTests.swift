import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Which keys a pending transaction asks for.
@Suite struct InputKeyReferenceTests {
  private func references(_ json: JSONValue) throws -> [KeyReference] {
    guard case .object(var object) = json else { return [] }
    object["id"] = "60f69e3b55e578bb94693bdd"
    object["serializedTransaction"] = "{}"
    return try BitcoreChain.bitcoin.keyReferences(of: PendingTransaction(.object(object), chain: "BTC"))
  }

  @Test func allHashesAtTheIndexThenSignaturesAtTheirs() throws {
    #expect(
      try references([
        "hashes": ["A", "b", "a"], "index": 7, "signatures": [["id": "c", "index": 1], ["id": "d"]],
      ])
        == [
          KeyReference(signatureID: "a", index: 7), KeyReference(signatureID: "b", index: 7),
          KeyReference(signatureID: "a", index: 7), KeyReference(signatureID: "c", index: 1),
          KeyReference(signatureID: "d", index: 7),
        ])
    #expect(try references(["hashes": ["a"]]) == [KeyReference(signatureID: "a", index: nil)])
  }

  @Test func aWalletThatSignaturesNameTooIsTakenFromThere() throws {
    #expect(
      try references([
        "hashes": ["a", "b"], "signatures": [["id": "a", "index": 3], ["id": "a", "index": 4]],
      ])
        == [
          KeyReference(signatureID: "b", index: nil), KeyReference(signatureID: "a", index: 3),
          KeyReference(signatureID: "a", index: 4),
        ])
  }

  @Test func withdrawalsAskForEachInputInEachWallet() throws {
    let id = String(repeating: "ab", count: 32)
    let withdrawal: JSONValue = [
      "hashes": ["a", "a"], "signatures": [["id": "b", "index": 9]],
      "withdrawalId": "60ab4a6bb6cf6d123cae3f98",
      "withdrawalResponses": [
        ["vIn": "-1", "vInIndex": -1], ["vIn": .string(id), "vInIndex": 1, "address": ["derivationKey": 5]],
        ["vIn": .string(id), "vInIndex": 2, "address": ["derivationKey": 5]],
        ["vIn": .string(id), "vInIndex": 3],
      ],
    ]
    let found = try references(withdrawal)
    #expect(found.map(\.signatureID) == ["a", "b", "a", "b"])
    #expect(found.map(\.index) == [5, 5, 0, 0])
    #expect(found[0].purpose == "the input that spends \(id):1")
    #expect(found[2].purpose == "the input that spends \(id):3")
  }

  /// One long text in thousands of references, or thousands of entries for thousands of wallets, must not multiply.
  @Test(.timeLimit(.minutes(20))) func manyWalletsAndManyEntriesTakeLinearTime() throws {
    let id = String(repeating: "ab", count: 500_000)
    let entry: JSONValue = ["vIn": .string(id), "vInIndex": 1]
    let wallets = JSONValue.array((0..<25_000).map { .string(String($0)) })
    let withdrawal: JSONValue = [
      "hashes": wallets, "withdrawalId": "60ab4a6bb6cf6d123cae3f98", "withdrawalResponses": [entry],
    ]
    let found = try references(withdrawal)
    #expect(found.count == 25_000)
    // One text, shared: 25,000 of a megabyte each would be 25 GB.
    #expect(found.allSatisfy { $0.purpose == found[0].purpose })

    let short: JSONValue = ["vIn": "ab", "vInIndex": 1]
    let many: JSONValue = [
      "hashes": wallets, "withdrawalId": "60ab4a6bb6cf6d123cae3f98",
      "withdrawalResponses": .array([JSONValue](repeating: short, count: 100_000)),
    ]
    #expect(try references(many).count == 25_000)
  }

  @Test func withdrawalsWithoutResponsesAreTreatedAsOnChain() throws {
    #expect(
      try references(["hashes": ["a"], "index": 2, "withdrawalId": "60ab4a6bb6cf6d123cae3f98"])
        == [KeyReference(signatureID: "a", index: 2)])
    #expect(
      try references(["hashes": ["a"], "withdrawalResponses": [["vIn": "x", "vInIndex": 0]]])
        == [KeyReference(signatureID: "a", index: nil)])
  }

  @Test func refusesToDeriveWithoutEnd() throws {
    let hashes = JSONValue.array((0..<200).map { .string("wallet-\($0)") })
    let responses = JSONValue.array(
      (0..<200).map { ["vIn": "x", "vInIndex": 0, "address": ["derivationKey": .number(JSONNumber($0))]] })
    #expect(
      refusal {
        try references([
          "hashes": hashes, "withdrawalId": "60ab4a6bb6cf6d123cae3f98", "withdrawalResponses": responses,
        ])
      } == .malformedTransaction)
  }

  @Test func addressesOfAWithdrawalMustBeThoseThatItSpendsFrom() throws {
    let signing = try TestSigning("BTC")
    let key = try signing.material("cSCaeFG5DTAMKsu7TGEQ4z9DyTuuzCyhNEg6V488yMevrEsUbitB")
    let transaction = BitcoreRefusalTests.transaction(key)
    func code(_ address: JSONValue) -> ErrorCode? {
      guard case .object(var object) = signing.pending(transaction.text) else { return nil }
      object["withdrawalId"] = "60ab4a6bb6cf6d123cae3f98"
      object["withdrawalResponses"] = [
        ["vIn": .string(BitcoreRefusalTests.id), "vInIndex": 0, "address": ["address": address]]
      ]
      return refusal { try signing.sign(.object(object), keys: [key]) }
    }
    #expect(code("mzj9PEnd212qJVBkNfcBYWg5fmn5UadTHJ") == nil)
    #expect(code(.null) == nil)
    #expect(code("tb1q62u2xmtxz7lehxe6jtl6a5xwczgyxunyl3vm06") == .contentMismatch)
    #expect(code("1LC67vJfNxeTWDBeMgFkiQgFhBWBm2cPRt") == .malformedTransaction)
    #expect(code("bc1qquqgdmw9xxgwc79gr46p6f4kvpvzg0rsvgn4wt") == .malformedTransaction)
  }
}
