import KMSRecords
import Synchronization
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// SOL: a node gets the transaction, and the API is told once the network has confirmed it.
@Suite(.timeLimit(.minutes(20))) struct SolanaBroadcastTests {
  private let sol = recordLine(
    "5f", chain: "SOL", more: #","signed":{"txData":"AQ==","txId":"sig","from":"payer","reused":false}"#)

  private func solana(send: String, statuses: [String], notice: TestServer.Reply = .json(#"{"txId":"sig"}"#))
    -> TestServer
  {
    let asked = Mutex(0)
    return TestServer { request in
      switch request.json?["method"]?.string {
      case "sendTransaction": return .json(send)
      case "getSignatureStatuses":
        let number = asked.withLock {
          $0 += 1; return $0 - 1
        }
        return .json(#"{"result":{"value":[\#(statuses[min(number, statuses.count - 1)])]}}"#)
      default:
        if request.path.hasSuffix("/transaction/sig") { return .answer(404, "{}") }
        return request.path == "/v3/solana/broadcast" ? notice : .answer(204, "")
      }
    }
  }

  @Test func tellsTheAPIOnceSolanaHasConfirmed() throws {
    let server = solana(
      send: #"{"result":"sig"}"#,
      statuses: [
        "null", #"{"confirmationStatus":"processed","err":null}"#,
        #"{"confirmationStatus":"confirmed","err":null}"#,
      ])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["result"]?["txId"]?.string == "sig")
    #expect(server.requests.last?.body == #"{"txData":"sig","signatureId":"5f"}"#)
    #expect(
      server.requests.first?.json?["params"]?.text
        == #"["AQ==",{"encoding":"base64","preflightCommitment":"confirmed"}]"#)
    #expect(server.requests.count == 5)
  }

  @Test func doesNotTellWhatSolanaHasNotConfirmed() throws {
    let server = solana(send: #"{"result":"sig"}"#, statuses: ["null"])
    defer { server.stop() }
    #expect(try broadcast(sol, server, timeout: .seconds(1))?["error"]?["outcome"]?.string == "unknown")
    #expect(!server.requests.contains { $0.path == "/v3/solana/broadcast" })
  }

  @Test func failsWhatFailedOnSolana() throws {
    let server = solana(
      send: #"{"result":"sig"}"#,
      statuses: [#"{"confirmationStatus":"confirmed","err":{"InstructionError":[0,"x"]}}"#])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["error"]?["code"]?.string == "broadcast-rejected")
    #expect(!server.requests.contains { $0.path == "/v3/solana/broadcast" })
  }

  /// Not to be told what became of it is no refusal, and something was sent.
  @Test(arguments: [TestServer.Reply.answer(403, "{}"), .answer(401, "{}"), .answer(500, "{}"), .hangUp])
  func neverFailsWhatSolanaTookWhenItsStatusCanNotBeAsked(status: TestServer.Reply) throws {
    let server = TestServer { request in
      request.json?["method"]?.string == "sendTransaction" ? .json(#"{"result":"sig"}"#) : status
    }
    defer { server.stop() }
    let line = try broadcast(sol, server, timeout: .seconds(1))
    #expect(line?["error"]?["outcome"]?.string == "unknown")
    #expect(line?["error"]?["message"]?.string?.contains("nothing was sent") == false)
  }

  /// Recorded bytes that are refused are looked up, but here the network has said what became of them.
  @Test(arguments: [#"{"result":"sig"}"#, #"{"error":{"code":-32002,"message":"already been processed"}}"#])
  func failsWhatFailedOnSolanaAlsoTheSecondTime(send: String) throws {
    let server = TestServer { request in
      switch request.json?["method"]?.string {
      case "sendTransaction": .json(send)
      case "getSignatureStatuses":
        .json(
          #"{"result":{"value":[{"confirmationStatus":"finalized","err":{"InstructionError":[0,"x"]}}]}}"#)
      default: .json(#"{"txId":"sig","transaction":{},"meta":{"err":{}}}"#)
      }
    }
    defer { server.stop() }
    let line = try broadcast(sol.replacing("\"reused\":false", with: "\"reused\":true"), server)
    #expect(line?["error"]?["code"]?.string == "broadcast-rejected")
    #expect(line?["error"]?["outcome"]?.string == "failed")
    #expect(!server.requests.contains { $0.method == "PUT" })
  }

  /// The block in which it failed may be dropped, and the next one may take it: only a confirmed verdict counts.
  @Test func waitsForTheVerdictOfSolana() throws {
    let failed = #"{"confirmationStatus":"processed","err":{"InstructionError":[0,"x"]}}"#
    let server = solana(
      send: #"{"result":"sig"}"#, statuses: [failed, #"{"confirmationStatus":"confirmed","err":null}"#])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["result"]?["txId"]?.string == "sig")
    let slow = solana(send: #"{"result":"sig"}"#, statuses: [failed])
    defer { slow.stop() }
    #expect(try broadcast(sol, slow, timeout: .seconds(1))?["error"]?["outcome"]?.string == "unknown")
  }

  /// The first attempt may have arrived, so what a node says of a second one would decide nothing.
  @Test func sendsToSolanaOnceWhenTheAnswerIsLost() throws {
    let server = TestServer { request in
      request.json?["method"]?.string == "sendTransaction"
        ? .hangUp : .json(#"{"result":{"value":[null]}}"#)
    }
    defer { server.stop() }
    #expect(try broadcast(sol, server, timeout: .seconds(2))?["error"]?["outcome"]?.string == "unknown")
    #expect(server.requests.count { $0.json?["method"]?.string == "sendTransaction" } == 1)
  }

  /// A node that lags, is overloaded, or does not know the blockhash (yet, or any more) has judged nothing.
  @Test(arguments: [
    #"{"code":-32603,"message":"Internal error"}"#, #"{"code":-32016,"message":"Minimum context slot"}"#,
    #"{"code":429,"message":"Too many requests for a specific RPC call"}"#,
    #"{"message":"upstream timed out"}"#,
    #"{"code":-32002,"message":"Transaction simulation failed: Blockhash not found","data":{"err":"BlockhashNotFound"}}"#,
  ]) func neverFailsWhatANodeOfSolanaCanNotJudge(error: String) throws {
    let server = solana(send: #"{"error":\#(error)}"#, statuses: ["null"])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["error"]?["outcome"]?.string == "unknown")
  }

  @Test(arguments: [#"{"confirmationStatus":"finalized","err":null}"#, "null"])
  func asksSolanaWhatBecameOfRefusedBytes(status: String) throws {
    let server = solana(
      send: #"{"error":{"code":-32002,"message":"Transaction simulation failed"}}"#, statuses: [status])
    defer { server.stop() }
    let line = try broadcast(sol, server)
    #expect((line?["result"] != nil) == (status != "null"))
    #expect((line?["error"]?["outcome"]?.string == "failed") == (status == "null"))
  }

  /// Sent at an earlier tick, and on its way.
  @Test(arguments: [
    (
      #"{"code":-32002,"message":"Transaction simulation failed: This transaction has already been processed"}"#,
      "null"
    ),
    (#"{"code":-32002,"message":"x"}"#, #"{"confirmationStatus":"processed","err":null}"#),
  ])
  func waitsForWhatSolanaHasAlready(error: String, status: String) throws {
    let server = solana(
      send: #"{"error":\#(error)}"#,
      statuses: [status, status, #"{"confirmationStatus":"confirmed","err":null}"#])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["result"]?["txId"]?.string == "sig")
    let slow = solana(send: #"{"error":\#(error)}"#, statuses: [status])
    defer { slow.stop() }
    #expect(try broadcast(sol, slow, timeout: .seconds(1))?["error"]?["outcome"]?.string == "unknown")
  }

  @Test func keepsTheBytesForAnotherTickWhenTheNodeIsBehind() throws {
    let server = solana(
      send: #"{"error":{"code":-32005,"message":"Node is behind by 42 slots"}}"#, statuses: ["null"])
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["error"]?["outcome"]?.string == "unknown")
  }

  @Test func neverFailsWhatIsOnSolanaAlready() throws {
    let server = solana(
      send: #"{"result":"sig"}"#, statuses: [#"{"confirmationStatus":"finalized","err":null}"#],
      notice: .answer(403, #"{"message":"no"}"#))
    defer { server.stop() }
    #expect(try broadcast(sol, server)?["result"]?["txId"]?.string == "sig")
    // Ids of SOL are too long to be marked as complete: the broadcast endpoint is told, now and at the next poll.
    #expect(server.requests.last?.path == "/v3/solana/broadcast")
    #expect(!server.requests.contains { $0.method == "PUT" || $0.path == "/v3/tatum/kms/batch" })
  }

  /// What an earlier run could not tell the API is told when a look-up finds it, and is not sent again.
  @Test func tellsTheAPIWhatALookUpFinds() throws {
    let server = solana(
      send: #"{"error":{"code":-32002,"message":"x"}}"#,
      statuses: [#"{"confirmationStatus":"finalized","err":null}"#])
    defer { server.stop() }
    let line = try broadcast(sol.replacing("\"reused\":false", with: "\"reused\":true"), server)
    #expect(line?["result"]?["txId"]?.string == "sig")
    #expect(server.requests.last?.body == #"{"txData":"sig","signatureId":"5f"}"#)
    #expect(!server.requests.contains { $0.json?["method"]?.string == "sendTransaction" })
  }
}
