import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// FLOW: signatures of the API, submission to the access node.
@Suite(.timeLimit(.minutes(20))) struct FlowTests {
  private func text(_ json: JSONValue?) throws -> String { try #require(json?.string) }

  // MARK: Vectors

  @Test func makesTheEnvelopesOfTheVectors() throws {
    let vectors = try FlowNetwork.vectors()
    #expect(vectors.count == 5)
    for vector in vectors {
      let expected = try #require(vector["expected"])
      let message = try text(expected["payload"])
      var flow = try #require(FlowTransaction(payload: String(message.dropFirst(64))))
      #expect(Hex.encode(flow.payloadMessage) == message)
      func signature(_ address: String, _ key: UInt64, _ member: String) throws -> FlowTransaction.Signature {
        FlowTransaction.Signature(
          address: address, keyID: key, bytes: try #require(Hex.decode(try text(expected[member]))))
      }
      let account = try text(
        JSONValue(parsing: text(vector["pending"]?["serializedTransaction"]))["body"]?["account"])
      #expect(flow.authorizers == [account] && flow.proposer == "0x87fe4ebd0cddde06")
      flow.payloadSignatures = [
        try signature(account, 0, "authorizerSignature"),
        try signature(flow.proposer, flow.proposerKeyID, "proposerSignature"),
      ]
      #expect(try Hex.encode(flow.envelopeMessage) == text(expected["envelope"]))
      flow.envelopeSignatures = [try signature(flow.payer, 0, "payerSignature")]
      #expect(try flow.id == text(expected["txId"]))
    }
  }

  @Test func noPayloadIsReadThatIsNone() throws {
    let hex = String(try text(FlowNetwork.vectors()[1]["expected"]?["payload"]).dropFirst(64))
    for count in stride(from: 0, to: hex.count, by: 2) {
      #expect(FlowTransaction(payload: String(hex.prefix(count))) == nil)
    }
    for text in [
      "c0", "80", "c8c0c0c0c0c0c0c0c0", "f8", "bf0000000000000000", "ff" + String(repeating: "f", count: 16),
    ] {
      #expect(FlowTransaction(payload: text) == nil)
    }
    let bytes = try #require(Hex.decode(hex))
    for bit in 0..<8 * bytes.count {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      if let flow = FlowTransaction(payload: Hex.encode(changed)) { #expect(flow.payload == changed) }
    }
    let nested = String(repeating: "c1", count: 10_000) + "80"
    #expect(FlowTransaction(payload: nested) == nil)
  }

  // MARK: Broadcast

  @Test func collectsSignaturesSubmitsAndTellsTheAPI() throws {
    let vector = try FlowNetwork.vectors()[1]
    let network = FlowNetwork(vector, results: [FlowNetwork.pending, FlowNetwork.sealed])
    let (line, requests) = try FlowNetwork.run(FlowNetwork.record(vector), network)
    let txID = try text(vector["expected"]?["txId"])
    #expect(line?["result"]?["txId"]?.string == txID)
    let submitted = try #require(requests.first { $0.path == "/flow/v1/transactions" })
    #expect(submitted.headers["x-api-key"] == nil)
    let body = try #require(submitted.json)
    #expect(
      body["script"]?.string.flatMap { Base64.decode($0) }
        == Array("transaction { execute { log(\"Hello, World!\") } }".utf8))
    #expect(
      body["arguments"]?.array?.first?.string.flatMap { Base64.decode($0) }
        == Array(#"{"type":"UInt64","value":"7"}"#.utf8))
    #expect(body["payer"] == "87fe4ebd0cddde06" && body["gas_limit"] == "9999")
    #expect(
      body["proposal_key"] == ["address": "87fe4ebd0cddde06", "key_index": "3", "sequence_number": "0"])
    #expect(body["payload_signatures"]?.array?.count == 2 && body["envelope_signatures"]?.array?.count == 1)
    // The key goes back, then the API learns the id.
    let told = requests.filter { $0.path == "/v3/flow/broadcast" }.map(\.body)
    #expect(
      Set(told) == [#"{"txData":"\#(txID)","proposalKey":3}"#, #"{"txData":"\#(txID)","signatureId":"5f"}"#])
  }

  @Test func failsWhatFailsOnTheChain() throws {
    let vector = try FlowNetwork.vectors()[0]
    let failed = #"{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1101] panic"}"#
    let (line, requests) = try FlowNetwork.run(
      FlowNetwork.record(vector), FlowNetwork(vector, results: [failed]))
    #expect(line?["error"]?["code"] == "broadcast-rejected" && line?["error"]?["outcome"] == "failed")
    #expect(requests.contains { $0.body == #"{"txData":"","proposalKey":3}"# })
    #expect(
      !requests.contains { $0.body.contains("signatureId\":\"5f\"") && $0.path == "/v3/flow/broadcast" })
  }

  /// Neither a lost answer nor a used sequence number says that nothing was paid.
  @Test func doesNotFailWhatMayHaveBeenExecuted() throws {
    let vector = try FlowNetwork.vectors()[0]
    let overtaken =
      #"{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1007] invalid proposal key"}"#
    for (results, submission) in [
      ([FlowNetwork.pending], nil), ([overtaken], nil), ([FlowNetwork.pending], TestServer.Reply.hangUp),
      ([FlowNetwork.pending], .answer(201, #"{"id":"00"}"#)),
    ] as [([String], TestServer.Reply?)] {
      let (line, requests) = try FlowNetwork.run(
        FlowNetwork.record(vector), FlowNetwork(vector, results: results, submission: submission),
        timeout: .seconds(1))
      #expect(line?["error"]?["outcome"] == "unknown")
      #expect(!requests.contains { $0.path == "/v3/flow/broadcast" })
    }
  }

  @Test func asksForTheResultWhenTheNodeRefuses() throws {
    let vector = try FlowNetwork.vectors()[0]
    let refusal = TestServer.Reply.answer(400, #"{"code":400,"message":"transaction already exists"}"#)
    let (line, _) = try FlowNetwork.run(
      FlowNetwork.record(vector), FlowNetwork(vector, results: [FlowNetwork.sealed], submission: refusal))
    #expect(line?["result"] != nil)
  }

  @Test func sendsNothingWithoutEverySignature() throws {
    let vector = try FlowNetwork.vectors()[0]
    for change: (inout JSONObject) -> Void in [
      { $0["payloadSignature"] = nil }, { $0["txData"] = "c0" },
      { $0["payloadSignature"] = ["address": "0x0000000000000001", "keyId": "0", "signature": "00"] },
    ] {
      let (line, requests) = try FlowNetwork.run(
        FlowNetwork.record(vector, change: change), FlowNetwork(vector, results: [FlowNetwork.sealed]))
      #expect(line?["error"]?["outcome"] == "failed")
      // The proposal key goes back, and nothing else happens.
      #expect(requests.map(\.path).sorted() == ["/v3/flow/broadcast", "/v3/tatum/kms/batch"])
      #expect(requests.contains { $0.body == #"{"txData":"","proposalKey":3}"# })
    }
    // The API does not sign: nothing was sent, and the same bytes come again.
    let other = try FlowNetwork.vectors()[1]
    let (line, requests) = try FlowNetwork.run(
      FlowNetwork.record(vector), FlowNetwork(other, results: [FlowNetwork.sealed]))
    #expect(line?["error"] != nil)
    #expect(!requests.contains { $0.path == "/flow/v1/transactions" })
  }

  @Test func givesBackTheKeyOfWhatWasNotSigned() throws {
    let line = recordLine(
      "5f", chain: "FLOW",
      more:
        #","context":{"proposer":{"keyId":"9"}},"error":{"stage":"verify","outcome":"denied","code":"denied","message":"no"}"#
    )
    let (_, requests) = try FlowNetwork.run(line, FlowNetwork([:], results: []))
    #expect(requests.map(\.body) == [#"{"txData":"","proposalKey":9}"#])
  }
}
