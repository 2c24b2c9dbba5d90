import KMSChains
import KMSProcess
import KMSRecords
import Testing

@testable import KMSNetwork

/// Whose words an error answer has, and what the API's own mean.
@Suite struct APIAnswerTests {
  private static func failure(_ status: Int, _ body: String) -> APIFailure {
    APIAnswer(HTTPResponse(status: status, body: Array(body.utf8))).failure(
      url: "POST https://api.example/v3/ethereum/broadcast")
  }

  private static func kind(_ failure: APIFailure) -> String {
    switch failure {
    case .unauthorized: "key"
    case .outOfCredits: "credits"
    case .subscriptionExpired: "subscription"
    case .unknownRoute: "route"
    case .tooLarge: "size"
    case .tooManyRequests: "rate"
    case .serverError: "gateway"
    case .invalid: "invalid"
    case .refused: "network"
    case .lost: "lost"
    default: "other"
    }
  }

  @Test(arguments: [
    (401, #"{"message":"Unauthorized","statusCode":401}"#, "key"),
    (
      401, #"{"errorCode":"subscription.invalid","message":"Unable to find valid subscription for 'x'"}"#,
      "key"
    ),
    (
      401, #"{"errorCode":"subscription.not.active","message":"Subscription not active anymore."}"#,
      "subscription"
    ),
    (403, #"{"errorCode":"subscription.expired","message":"Subscription expired"}"#, "subscription"),
    (403, #"{"statusCode":403,"message":"Forbidden"}"#, "key"),
    (403, #"{"statusCode":403,"message":"Forbidden resource","error":"Forbidden"}"#, "key"),
    (402, "{}", "credits"),
    (
      403,
      #"{"statusCode":403,"message":"You have reached the limit of 10000 credits with your free plan. Upgrade."}"#,
      "credits"
    ),
    (429, #"{"message":"You have reached the limit of 5 credits a second"}"#, "rate"),
    (404, #"{"statusCode":404,"message":"Cannot POST /v3/ethereum/web3","error":"Not Found"}"#, "route"),
    (404, "<html>not found</html>", "route"), (405, #"{"message":"Method Not Allowed"}"#, "route"),
    (404, #"{"statusCode":404,"errorCode":"tx.not.found","message":"Transaction not found."}"#, "network"),
    (413, "<html><h1>413 Request Entity Too Large</h1></html>", "size"), (429, "", "rate"),
    (500, #"{"message":"Internal server error","statusCode":500}"#, "gateway"),
    (502, "<html>Bad Gateway</html>", "gateway"),
    (503, "", "gateway"), (403, "<!DOCTYPE html><title>Just a moment...</title>", "gateway"),
    (408, "", "lost"), (400, #"{"message":["txData must be longer"],"error":"Bad Request"}"#, "invalid"),
    (400, #"{"errorCode":"validation.failed","message":"Request validation failed."}"#, "invalid"),
    (400, "{}", "invalid"), (400, #"{"message":"bad tx: chain tag mismatch"}"#, "network"),
    (
      403,
      #"{"errorCode":"ethereum.broadcast.failed","message":"Unable to broadcast transaction due to x."}"#,
      "network"
    ),
    (400, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"nonce too low"}}"#, "network"),
  ]) func tellsTheAPIsErrorsFromTheNetworks(status: Int, body: String, expected: String) {
    #expect(Self.kind(Self.failure(status, body)) == expected)
  }

  @Test func endsTheRunForWhatAPersonHasToSettle() {
    for (status, body, exit) in [
      (401, "{}", KMSProcess.ExitStatus.noPermission), (402, "{}", .unavailable),
      (403, #"{"errorCode":"subscription.expired","message":"x"}"#, .noPermission),
    ] {
      let failure = Self.failure(status, body)
      #expect(failure.endsRun)
      #expect(failure.exitStatus == exit)
      #expect(failure.message.contains("https://dashboard.tatum.io"), "it says what to do")
    }
    #expect(!Self.failure(500, "").endsRun)
    #expect(!Self.failure(403, #"{"errorCode":"x","message":"y"}"#).endsRun)
  }

  @Test func namesTheURLThatDoesNotExist() {
    let failure = Self.failure(404, #"{"statusCode":404,"message":"Cannot POST /v3/ethereum/broadcast"}"#)
    #expect(failure.message.contains("POST https://api.example/v3/ethereum/broadcast"))
    #expect(failure.message.contains("--api-url"))
  }

  @Test func keepsEveryMessageOfAnArray() {
    let failure = Self.failure(
      400, #"{"statusCode":400,"message":["one is wrong","two is, too"],"error":"Bad Request"}"#)
    #expect(failure.message.contains("one is wrong; two is, too"))
  }

  @Test func showsLineBreaksAsSpacesAndTricksAsEscapes() {
    let failure = Self.failure(
      403, #"{"errorCode":"x","message":"first\nsecond\r\n\tthird\u001b[2J\u202eevil\u2066"}"#)
    #expect(failure.message.hasSuffix(#"first second   third\u{1b}[2J\u{202e}evil\u{2066}"#))
  }

  @Test(
    arguments: [
      ("Unable to broadcast transaction due to nonce too low.", "nonce too low", nil),
      ("Unable to broadcast transaction due to Returned error: nonce too low.", "nonce too low", nil),
      ("Unexpected error occurred. Reason: Unable to broadcast transaction due to x.", "x", nil),
      ("Unable to communicate with blockchain. tx_bad_auth", "tx_bad_auth", nil),
      ("bad-txns-inputs-missingorspent Code: -25", "bad-txns-inputs-missingorspent", -25),
      (
        "insufficient funds for gas * price + value [-32000]", "insufficient funds for gas * price + value",
        -32000
      ),
      (
        #"Invalid JSON RPC response: {"error":{"code":-32010,"message":"AlreadyKnown"}}"#, "AlreadyKnown",
        -32010
      ),
      ("SIGERROR 56616c6964617465207369676e6174757265206572726f72", "SIGERROR Validate signature error", nil),
      ("tx 5d0f1d9b5a4b1f1d6a1bd1c4a37c2ec1", "tx 5d0f1d9b5a4b1f1d6a1bd1c4a37c2ec1", nil),
      ("", "", nil),
    ] as [(String, String, Int64?)])
  func takesTheFramesOff(text: String, words: String, code: Int64?) {
    #expect(NetworkWords(unwrapping: text) == NetworkWords(words, code: code))
  }

  @Test(
    arguments: [
      ("execution reverted: ERC20: transfer amount exceeds balance", 3, Verdict.refused),
      ("execution reverted", -32000, .refused), ("VM execution error.", -32015, .refused),
      ("gas required exceeds allowance (0)", -32000, .refused),
      ("invalid argument 0: hex string without 0x", -32602, .refused),
      ("insufficient funds for gas * price + value: balance 0", -32000, .refused),
      ("header not found", -32000, .trouble), ("missing trie node 5d0f (path )", -32000, .trouble),
      ("request timed out", -32002, .trouble), ("limit exceeded", -32005, .trouble),
      ("Internal error", -32603, .trouble),
      ("Method not found", -32601, .trouble), ("timeout of 30000ms exceeded", nil, .trouble),
      ("connect ECONNREFUSED 10.0.0.1:8545", nil, .trouble), ("nobody knows", nil, .trouble),
    ] as [(String, Int64?, Verdict)])
  func tellsANoAtTheFactsFromWhatPasses(text: String, code: Int64?, verdict: Verdict) {
    #expect(FactAnswers.verdict(of: NetworkWords(text, code: code)) == verdict)
  }

  @Test func takesAFactBehindAWrapperForWhatItIs() {
    #expect(
      Self.failure(403, #"{"errorCode":"bsc.error","message":"Unexpected error occurred. Reason: timeout"}"#)
        .isPassing)
    #expect(
      !Self.failure(
        403,
        #"{"errorCode":"eth.transaction.gas","message":"Unable to calculate gas limit for transaction. execution reverted"}"#
      ).isPassing)
  }
}

/// What a look-up proves.
@Suite struct PresenceTests {
  private let id = "0x5d0f1d9b5a4b1f1d6a1bd1c4a37c2ec1c1d5ac8ee4f2a2dc1c4f6a6e3b2f7d10"

  private func refused(_ code: String?, _ text: String) -> Answer {
    .failure(.refused(status: 403, code: code, words: NetworkWords(unwrapping: text)))
  }

  @Test func believesTheTransactionItself() {
    #expect(Presence(.json(["hash": .string(id), "blockNumber": 5]), of: id) == .there)
    #expect(Presence(.json(["txID": .string(String(id.dropFirst(2)).uppercased())]), of: id) == .there)
    #expect(Presence(.json(["txID": .string(String(repeating: "a", count: 64))]), of: id) == .unknown)
    for nothing in [[:], .null, ["error": "x"], ["errorCode": "tx.not.found"], "text"] as [JSONValue] {
      #expect(Presence(.json(nothing), of: id) == .unknown)
    }
  }

  @Test func takesOnlyWordsThatMeanItForAbsence() {
    for answer in [
      refused("tx.not.found", "Transaction not found. Possible not exists or is still pending."),
      refused("eth.tx.not.found", "Transaction \(id) not found. Possible not exists or is still pending."),
      refused(
        "blockchain.error.code", "No such mempool or blockchain transaction. Use gettransaction. Code: -5"),
      refused("xrp.failed", "Unable to communicate with blockchain. txnNotFound"),
      refused(nil, "Unable to find transaction."),
    ] { #expect(Presence(answer, of: id) == .absent) }
    for answer in [
      refused("tron.failed", "Unable to communicate with blockchain. timeout of 30000ms exceeded"),
      refused("xlm.failed", "Unable to communicate with blockchain. Request failed with status code 404"),
      refused("vet.failed", "Unable to communicate with blockchain. Transaction not found, node is syncing"),
      refused(nil, "Forbidden"), .failure(.ended(.plan, "credits")), .failure(.unavailable("503")),
      .failure(.invalid("hash must be longer")),
    ] { #expect(Presence(answer, of: id) == .unknown) }
  }
}
