import Foundation
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import Testing

/// The sandbox's own decoder of XLM, judged by published envelopes, by these with one bit flipped, and by what must not
/// pass.
@Suite struct XLMSandboxTests {
  /// What the sandbox says; "accepted" when it says yes.
  private func answer(_ sandbox: SandboxProcess, _ txData: String, id: String? = nil) throws -> String {
    let answer = try sandbox.broadcast("xlm", txData, signatureID: id)
    return answer.status == 200 ? "accepted" : answer.json["message"]?.string ?? answer.text
  }

  private func sign(
    _ envelope: String, secret: String = StellarXDR.secret, testnet: Bool = true
  ) throws -> String {
    try LibrarySigning.sign("XLM", envelope, key: secret, testnet: testnet).txData
  }

  @Test func acceptsPublishedEnvelopes() throws {
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      for vector in try SourceTree.transactionVectors("XLM")
      where vector["testnet"]?.bool ?? false == isTestnet {
        let name = vector["name"]?.string ?? ""
        let label = Comment(rawValue: name)
        let txData = try #require(vector["expected"]?["txData"]?.string)
        let raw = try #require(Base64.decode(txData))
        let pending = try #require(vector["pending"])
        try sandbox.control("reset")
        try sandbox.control("state", ["testnet": .bool(isTestnet)])
        try sandbox.control("pending", pending)
        for i in stride(from: accepted % 5, to: raw.count, by: 5) {
          var flipped = raw
          flipped[i] ^= 1 << (i % 8)
          #expect(try answer(sandbox, Base64.encode(flipped)) != "accepted", "\(label), byte \(i)")
        }
        let reply = try sandbox.broadcast("xlm", txData, signatureID: pending["id"]?.string)
        // Signed for a private network, by somebody else, or twice.
        if let code = Self.refused.first(where: { name.hasPrefix($0.key) })?.value {
          #expect(reply.json["message"]?.string?.contains(code) == true, "\(label): \(reply.text)")
          continue
        }
        #expect(reply.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(reply.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["senders"] == [vector["expected"]?["signer"] ?? .null], label)
        #expect(seen?["mismatches"] == [], "\(label): \(seen?.text ?? "")")
        #expect(try answer(sandbox, txData).contains(#""tx_status":"DUPLICATE""#), label)
        try sandbox.control("mine")
        #expect(try answer(sandbox, txData) == "accepted", label)
        accepted += 1
      }
    }
    #expect(accepted == 25 - Self.refused.count)
  }

  private static let refused = [
    "js-stellar-base: fee bump transaction": "tx_bad_auth",
    "js-stellar-base: inner transaction of the fee bump": "tx_bad_auth",
    "js-stellar-base: memo text that is not UTF-8": "tx_bad_auth",
    "signer is not the source account": "tx_bad_auth",
    "envelope already signed by the same key": "tx_bad_auth_extra",
  ]

  /// Every operation, V0, V1 and fee bump, contracts, conditions and memos, made with another implementation.
  @Test func readsEveryOperationOfAnotherImplementation() throws {
    let file = SourceTree.root.appendingPathComponent("Tests/Chains/Vectors/generated/xlm.json")
    let vectors = try #require(JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array)
    var types: Set<UInt64> = []
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      for vector in vectors where vector["testnet"]?.bool == isTestnet {
        try sandbox.control("reset")
        try sandbox.control("state", ["testnet": .bool(isTestnet)])
        try sandbox.control(
          "pending",
          [
            "id": "61dc00000000000000000001", "chain": "XLM", "hashes": [],
            "serializedTransaction": vector["envelope"] ?? .null,
          ])
        let text = try answer(
          sandbox, vector["txData"]?.string ?? "", id: "61dc00000000000000000001")
        // Some have further sources, whose signatures are missing, or conditions and fees that no network takes.
        guard text == "accepted" else {
          #expect(text.contains("Transaction Failed: "), "\(text)")
          continue
        }
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["txId"] == vector["txId"])
        #expect(seen?["mismatches"] == [], "\(seen?.text ?? "")")
        types.formUnion(seen?["outputs"]?.array?.compactMap { $0["type"]?.uint64 } ?? [])
        accepted += 1
      }
    }
    #expect(types == Set(0...26), "\(Set(0...26).subtracting(types).sorted())")
    #expect(accepted >= 81)
  }

  @Test func refusesAnotherNetworkAndForeignSignatures() throws {
    let sandbox = try SandboxProcess()
    let envelope = try StellarXDR.payment(sequence: 124)
    #expect(try answer(sandbox, sign(envelope, testnet: false)).contains(#"{"transaction":"tx_bad_auth"}"#))
    #expect(
      try answer(sandbox, sign(envelope, secret: StellarXDR.otherSecret)).contains(#""tx_bad_auth""#))
    #expect(try answer(sandbox, envelope).contains(#""tx_bad_auth""#))
    let good = try #require(Base64.decode(sign(envelope)))
    var wrongHint = good
    wrongHint[good.count - 72] ^= 1
    #expect(try answer(sandbox, Base64.encode(wrongHint)).contains(#""tx_bad_auth""#))
    // Two signatures where one is wanted.
    let twice = try sign(sign(envelope), secret: StellarXDR.otherSecret)
    #expect(try answer(sandbox, twice).contains(#""tx_bad_auth_extra""#))
    // A signature of another transaction.
    let higher = try #require(Base64.decode(sign(StellarXDR.payment(sequence: 124, stroops: 2))))
    #expect(
      try answer(sandbox, Base64.encode(good.dropLast(72) + higher.suffix(72))).contains(#""tx_bad_auth""#))
    for text in [
      "", "AAAA", "zz", "AAAAAg==", Base64.encode(good + [0, 0, 0, 0]), Base64.encode(good.dropLast(4)),
    ] {
      #expect(try answer(sandbox, text) != "accepted", "\(text.suffix(20))")
    }
    #expect(try answer(sandbox, Base64.encode(good)) == "accepted")
  }

  /// Signed with the right key, but not what was asked for.
  @Test func namesWhatWasChanged() throws {
    let sandbox = try SandboxProcess()
    let cases: [(String, JSONValue)] = [
      (try StellarXDR.payment(sequence: 9, stroops: 6), ["operations[0].body.payment.amount"]),
      (try StellarXDR.payment(sequence: 9, fee: 101), ["fee"]),
      (try StellarXDR.payment(sequence: 9, maxTime: 5), ["cond.type", "cond.time"]),
      (
        try StellarXDR.payment(sequence: 9, to: StellarXDR.publicKey(StellarXDR.secret)),
        ["operations[0].body.payment.destination"]
      ),
      (try StellarXDR.payment(sequence: 10), ["seqNum"]),
    ]
    for (i, (changed, mismatches)) in cases.enumerated() {
      try sandbox.control("reset")
      let id = "61dc0000000000000000000\(i)"
      try sandbox.control(
        "pending",
        [
          "id": .string(id), "chain": "XLM", "hashes": [],
          "serializedTransaction": .string(StellarXDR.payment(sequence: 9)),
        ])
      #expect(try answer(sandbox, sign(changed), id: id) == "accepted")
      let named = try sandbox.look("broadcasts").array?.last?["mismatches"]
      // A condition that was not there: its union differs as a whole.
      #expect(named == mismatches || i == 2 && named == ["cond"], "\(named?.text ?? "")")
    }
  }

  @Test func keepsSequencesTimesAndFees() throws {
    let account = try StellarXDR.account(StellarXDR.secret)
    let sandbox = try SandboxProcess(state: [
      "chains": ["XLM": ["closeTime": 1000, "accounts": [account: ["sequence": "123"]]]]
    ])
    for (envelope, code) in [
      (try StellarXDR.payment(sequence: 123), "tx_bad_seq"),
      (try StellarXDR.payment(sequence: 125), "tx_bad_seq"),
      (try StellarXDR.payment(sequence: 124, maxTime: 999), "tx_too_late"),
      (try StellarXDR.payment(sequence: 124, minTime: 1001, maxTime: 2000), "tx_too_early"),
      (try StellarXDR.payment(sequence: 124, fee: 99), "tx_insufficient_fee"),
    ] {
      #expect(try answer(sandbox, sign(envelope)).contains(#""transaction":"\#(code)""#), "\(code)")
    }
    let good = try sign(StellarXDR.payment(sequence: 124, maxTime: 1000))
    #expect(try answer(sandbox, good) == "accepted")
    #expect(try answer(sandbox, good).contains(#""tx_status":"DUPLICATE""#))
    #expect(
      try answer(sandbox, sign(StellarXDR.payment(sequence: 124))).contains(#""transaction":"tx_bad_seq""#))
    #expect(try answer(sandbox, sign(StellarXDR.payment(sequence: 125))) == "accepted")
    try sandbox.control("mine")
    // Horizon has the result.
    #expect(try answer(sandbox, good) == "accepted")
    #expect(try sandbox.look("broadcasts").array?.last?["flags"] == ["known", "no-signature-id"])
  }

  @Test func checksBothTransactionsOfAFeeBump() throws {
    let sandbox = try SandboxProcess()
    let inner = try sign(StellarXDR.payment(sequence: 124))
    func bump(_ inner: String, fee: Int64 = 400) throws -> String {
      try sign(StellarXDR.feeBump(inner, fee: fee), secret: StellarXDR.otherSecret)
    }
    #expect(
      try answer(sandbox, bump(StellarXDR.payment(sequence: 124))).contains(
        #"{"transaction":"tx_fee_bump_inner_failed","inner_transaction":"tx_bad_auth"}"#))
    #expect(try answer(sandbox, bump(inner, fee: 199)).contains(#""tx_insufficient_fee""#))
    #expect(
      try answer(sandbox, sign(StellarXDR.feeBump(inner, fee: 400))).contains(
        #"{"transaction":"tx_bad_auth"}"#))
    #expect(try answer(sandbox, bump(inner)) == "accepted")
    let seen = try sandbox.look("broadcasts").array?.last
    #expect(seen?["senders"] == [.string(try StellarXDR.account(StellarXDR.otherSecret))])
    #expect(seen?["nonce"] == "124")
  }

  @Test func wantsTheSignaturesOfEverySource() throws {
    let sandbox = try SandboxProcess()
    let other = try StellarXDR.publicKey(StellarXDR.otherSecret)
    let envelope = try StellarXDR.payment(sequence: 124, operationSource: other)
    #expect(
      try answer(sandbox, sign(envelope)).contains(
        #"{"transaction":"tx_failed","operations":["op_bad_auth"]}"#))
    #expect(try answer(sandbox, sign(sign(envelope), secret: StellarXDR.otherSecret)) == "accepted")
    // A signer of the account.
    try sandbox.control(
      "state",
      [
        "chains": [
          "XLM": [
            "accounts": [
              StellarXDR.account(StellarXDR.secret): [
                "signers": [.string(StellarXDR.account(StellarXDR.otherSecret))], "masterDisabled": true,
              ]
            ]
          ]
        ]
      ])
    let own = try StellarXDR.payment(sequence: 125)
    #expect(try answer(sandbox, sign(own)).contains(#""tx_bad_auth""#))
    #expect(try answer(sandbox, sign(own, secret: StellarXDR.otherSecret)) == "accepted")
  }
}
