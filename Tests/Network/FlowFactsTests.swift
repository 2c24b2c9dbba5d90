import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// FLOW: facts from API and access node.
@Suite(.timeLimit(.minutes(20))) struct FlowFactsTests {
  private static let node = "/flow"
  private static let facts = FlowFacts(testnet: true)
  private static let publicKey = String(repeating: "ab", count: 64)

  private static func key(
    _ index: Int, _ publicKey: String, sequence: Int = 0, weight: Int = 1000, revoked: Bool = false,
    algorithm: String = "ECDSA_secp256k1", hash: String = "SHA3_256"
  ) -> String {
    #"{"index":"\#(index)","public_key":"0x\#(publicKey)","signing_algorithm":"\#(algorithm)","#
      + #""hashing_algorithm":"\#(hash)","sequence_number":"\#(sequence)","weight":"\#(weight)","revoked":\#(revoked)}"#
  }

  private func find(
    _ needs: [[Need]], _ handler: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  ) throws -> (contexts: [Result<JSONValue, DialogueFailure>], requests: [TestServer.Request]) {
    let server = TestServer(handler)
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: .seconds(20))
    let nodes = PublicNodes(["FLOW": WebAddress(server.url + Self.node + "/")])
    let resolver = FactResolver(runner: DialogueRunner(api: api, nodes: nodes))
    var contexts: [Result<JSONValue, DialogueFailure>] = []
    for list in needs { resolver.context(of: list, chain: "FLOW") { contexts.append($0.map(\.json)) } }
    api.client.run()
    return (contexts, server.requests)
  }

  @Test func findsProposerPayerBlockAndKey() throws {
    let lent = Mutex(2)
    let block = String(repeating: "f0", count: 32)
    let other = String(repeating: "cd", count: 64)
    let keys = [
      Self.key(0, other), Self.key(1, Self.publicKey, revoked: true), Self.key(2, Self.publicKey, weight: 0),
      Self.key(3, Self.publicKey, algorithm: "ECDSA_P256"), Self.key(4, Self.publicKey, hash: "SHA2_256"),
      Self.key(5, Self.publicKey),
    ].joined(separator: ",")
    let (contexts, requests) = try find([
      [Self.facts.proposal, Self.facts.account("0x955cd3f17b2fd8ad", publicKey: Self.publicKey)],
      [Self.facts.proposal, Self.facts.account("0x955cd3f17b2fd8ad", publicKey: nil)],
    ]) { request in
      switch request.path {
      case "/v3/flow/proposal/false":
        let id = lent.withLock {
          $0 += 1
          return $0
        }
        return .json(#"{"keyId":\#(id),"address":"0x87FE4EBD0CDDDE06"}"#)
      case "/v3/flow/proposal/true": return .json(#"{"keyId":0,"address":"87fe4ebd0cddde06"}"#)
      case "/flow/v1/blocks?height=final": return .json(#"[{"header":{"id":"\#(block)"}}]"#)
      case "/flow/v1/accounts/87fe4ebd0cddde06?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(Self.key(3, other, sequence: 7)),\#(Self.key(4, other, sequence: 9))]}"#)
      case "/flow/v1/accounts/955cd3f17b2fd8ad?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(keys)]}"#)
      default: return .answer(404, "{}")
      }
    }
    let found = try contexts.map { try $0.get() }
    let first = try #require(found.first { $0["account"]?["keyId"] == "5" })
    #expect(first["referenceBlockId"]?.string == block && first["gasLimit"] == "9999")
    #expect(first["payer"] == ["address": "0x87fe4ebd0cddde06", "keyId": "0"])
    #expect(
      first["account"] == [
        "address": "0x955cd3f17b2fd8ad", "keyId": "5", "publicKey": .string(Self.publicKey),
      ])
    // Each transaction has a proposal key of its own.
    #expect(Set(found.compactMap { $0["proposer"]?["keyId"]?.string }) == ["3", "4"])
    #expect(Set(found.compactMap { $0["proposer"]?["sequenceNumber"]?.string }) == ["7", "9"])
    #expect(found.contains { $0["account"]?["keyId"] == "0" }, "without a key the account's first one")
    #expect(requests.allSatisfy { ($0.headers["x-api-key"] != nil) == $0.path.hasPrefix("/v3/") })
  }

  @Test(arguments: ["{}", #"{"keyId":1,"address":"0x1"}"#, #"{"keyId":-1,"address":"0x87fe4ebd0cddde06"}"#])
  func doesNotGuessWhatTheAPIDidNotSay(proposal: String) throws {
    let (contexts, _) = try find([[Self.facts.proposal]]) { _ in .json(proposal) }
    guard case .failure = contexts.first else {
      Issue.record("found something")
      return
    }
  }

  private static let account = facts.account("0x955cd3f17b2fd8ad", publicKey: publicKey)

  /// Nodes of the network and the interface's description spell the algorithm differently.
  @Test(arguments: ["ECDSA_secp256k1", "ECDSASecp256k1"])
  func knowsTheKeyInBothSpellings(algorithm: String) throws {
    let (contexts, _) = try find([[Self.account]]) { _ in
      .json(
        #"{"keys":[\#(Self.key(0, "cd")),\#(Self.key(1, Self.publicKey, algorithm: algorithm))]}"#)
    }
    #expect(try contexts.first?.get()["account"]?["keyId"] == "1")
  }

  /// The key is the API's, and nobody else gives it back.
  @Test func givesTheProposalKeyBackWhenItsSequenceNumberCannotBeHad() throws {
    let (contexts, requests) = try find([[Self.facts.proposal, Self.account]]) { request in
      switch request.path {
      case "/v3/flow/proposal/false": return .json(#"{"keyId":7,"address":"0x87fe4ebd0cddde06"}"#)
      case "/v3/flow/proposal/true": return .json(#"{"keyId":0,"address":"0x87fe4ebd0cddde06"}"#)
      case "/flow/v1/blocks?height=final":
        return .json(#"[{"header":{"id":"\#(String(repeating: "f0", count: 32))"}}]"#)
      case "/flow/v1/accounts/955cd3f17b2fd8ad?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(Self.key(0, Self.publicKey))]}"#)
      case "/flow/v1/accounts/87fe4ebd0cddde06?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(Self.key(1, Self.publicKey))]}"#)
      default: return .json("{}")
      }
    }
    guard case .failure(let failure) = contexts.first else {
      Issue.record("found something")
      return
    }
    #expect(failure.kind == .passing)
    let released = requests.filter { $0.path == "/v3/flow/broadcast" }
    #expect(released.map(\.body) == [#"{"txData":"","proposalKey":7}"#])
  }

  @Test func borrowsNothingWhenTheRestCannotBeHad() throws {
    let (contexts, requests) = try find([
      [Self.facts.proposal, Self.account], [Self.facts.proposal, Self.account],
    ]) {
      $0.path.contains("/v1/blocks")
        ? .json(#"[{"header":{"id":"\#(String(repeating: "f0", count: 32))"}}]"#) : .answer(404, "{}")
    }
    #expect(contexts.count == 2)
    for context in contexts {
      // A node that does not have the account may lag (decision 22).
      guard case .failure(let failure) = context else {
        Issue.record("found something")
        continue
      }
      #expect(failure.kind == .passing)
    }
    #expect(!requests.contains { $0.path.contains("/v3/flow/proposal") })
  }

  /// The wrong node, or no proposal key left: not the transaction's fault, so nothing is reported as failed.
  @Test(arguments: [nil, #"{"statusCode":403,"errorCode":"flow.proposal.keys","message":"all lent"}"#])
  func leavesForLaterWhatIsNotTheTransactionsFault(refusal: String?) throws {
    let (contexts, requests) = try find([[Self.facts.proposal, Self.account]]) { request in
      guard let refusal else { return .answer(404, "<html>") }
      switch request.path {
      case "/v3/flow/proposal/false": return .answer(403, refusal)
      case "/v3/flow/proposal/true": return .json(#"{"keyId":0,"address":"0x87fe4ebd0cddde06"}"#)
      case "/flow/v1/blocks?height=final":
        return .json(#"[{"header":{"id":"\#(String(repeating: "f0", count: 32))"}}]"#)
      default: return .json(#"{"keys":[\#(Self.key(0, Self.publicKey))]}"#)
      }
    }
    guard case .failure(let failure) = contexts.first else {
      Issue.record("found something")
      return
    }
    #expect(failure.kind == .passing)
    #expect(!requests.contains { $0.path == "/v3/flow/broadcast" })
  }
}
