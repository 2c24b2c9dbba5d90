import KMSPrimitives
import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// Facts of the chains that are not EVM chains.
@Suite(.timeLimit(.minutes(20))) struct OtherFactsTests {
  private func find(
    _ chain: String, _ needs: [Need],
    _ handler: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  ) throws -> (context: Result<JSONValue, DialogueFailure>?, requests: [TestServer.Request]) {
    let server = TestServer(handler)
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: .seconds(20))
    let nodes = PublicNodes(["VET": WebAddress(server.url + "/vet/")])
    let resolver = FactResolver(runner: DialogueRunner(api: api, nodes: nodes))
    var context: Result<JSONValue, DialogueFailure>?
    resolver.context(of: needs, chain: chain) { context = $0.map(\.json) }
    api.client.run()
    return (context, server.requests)
  }

  private let vet = VeChainFacts(testnet: true)
  private let egld = MultiversXFacts(testnet: true)

  @Test func asksAVeChainNodeWithoutTheKey() throws {
    let call = ContractCall(from: "0xaa", to: "0xbb", value: "1000000000000000000", data: "0x0001")
    let (context, requests) = try find("VET", [vet.blockReference, vet.gas(of: call)]) { request in
      switch request.path {
      case "/vet/blocks/0": .json(#"{"id":"0x\#(String(repeating: "0", count: 62))27"}"#)
      case "/vet/blocks/best": .json(#"{"id":"0x0123456789ABCDEF\#(String(repeating: "1", count: 48))"}"#)
      default: .json(#"[{"gasUsed":1000,"reverted":false,"vmError":""}]"#)
      }
    }
    #expect(
      try context?.get() == [
        "chainTag": "39", "blockRef": "0x0123456789abcdef",
        "gas": .string(String(21_000 + 4 + 68 + 1000 + 15_000)),
      ])
    #expect(requests.allSatisfy { $0.headers["x-api-key"] == nil })
    let simulation = requests.first { $0.method == "POST" }
    #expect(simulation?.path == "/vet/accounts/*?revision=best")
    #expect(
      simulation?.body
        == #"{"clauses":[{"to":"0xbb","value":"0xde0b6b3a7640000","data":"0x0001"}],"caller":"0xaa"}"#)
  }

  @Test func refusesAVeChainCallThatReverts() throws {
    let (context, _) = try find("VET", [vet.gas(of: ContractCall(to: "0xbb"))]) { _ in
      .json(#"[{"gasUsed":5,"reverted":true,"vmError":"execution reverted"}]"#)
    }
    guard case .failure(let failure) = context else {
      Issue.record("not refused")
      return
    }
    #expect(failure.kind == .refused)
  }

  @Test func countsIntrinsicGasOfVeChain() {
    #expect(VeChainFacts.intrinsicGas(of: ContractCall(to: "0x1")) == 21_000)
    #expect(VeChainFacts.intrinsicGas(of: ContractCall(data: "0x00ff")) == 53_072)
    #expect(VeChainFacts.intrinsicGas(of: ContractCall(data: "00ff")) == nil)
    #expect(VeChainFacts.intrinsicGas(of: ContractCall(data: "0x0")) == nil)
  }

  @Test func findsTheBlockhashOfSolana() throws {
    let hash = "7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE"
    let (context, requests) = try find("SOL", [SolanaFacts.blockhash(of: "", testnet: true)]) { _ in
      .json(
        #"{"result":{"context":{"slot":1},"value":{"blockhash":"\#(hash)","lastValidBlockHeight":3090}}}"#)
    }
    #expect(try context?.get() == ["recentBlockhash": .string(hash), "lastValidBlockHeight": "3090"])
    #expect(requests.first?.path == "/v3/blockchain/node/solana-devnet")
    #expect(requests.first?.json?["params"]?.text == #"[{"commitment":"finalized"}]"#)
  }

  @Test func findsTheFactsOfMultiversX() throws {
    let call = ContractCall(from: "erd1a", to: "erd1b", value: "1000", data: "hello")
    let (context, requests) = try find(
      "EGLD", [egld.nonce(of: "erd1a"), egld.configuration, egld.gasLimit(of: call)]
    ) {
      switch $0.path {
      case "/v3/blockchain/node/egld-testnet/network/config":
        .json(
          #"{"data":{"config":{"erd_chain_id":"D","erd_min_gas_price":1000000000,"erd_min_transaction_version":1}}}"#
        )
      case "/v3/blockchain/node/egld-testnet/address/erd1a/nonce": .json(#"{"data":{"nonce":7}}"#)
      default: .json(#"{"data":{"txGasUnits":57500}}"#)
      }
    }
    #expect(
      try context?.get() == [
        "nonce": "7", "gasPrice": "1000000000", "chainId": "D", "version": "1", "gasLimit": "57500",
      ])
    #expect(
      requests.first { $0.method == "POST" }?.body
        == #"{"nonce":7,"value":"1000","receiver":"erd1b","sender":"erd1a","gasPrice":1000000000,"gasLimit":0,"data":"aGVsbG8=","chainID":"D","version":1}"#
    )
  }

  private static let multiversXConfiguration =
    #"{"data":{"config":{"erd_chain_id":"D","erd_min_gas_price":1000000000,"erd_min_transaction_version":1}}}"#

  /// The estimates of one sender share what they need besides.
  @Test func asksForConfigurationAndNonceOfMultiversXOnce() throws {
    let calls = (1...5).map { ContractCall(from: "erd1a", to: "erd1b", value: String($0)) }
    let (context, requests) = try find(
      "EGLD", [egld.configuration, egld.nonce(of: "erd1a")] + calls.map { egld.gasLimit(of: $0) }
    ) {
      switch $0.path {
      case "/v3/blockchain/node/egld-testnet/network/config": .json(Self.multiversXConfiguration)
      case "/v3/blockchain/node/egld-testnet/address/erd1a/nonce": .json(#"{"data":{"nonce":7}}"#)
      default: .json(#"{"data":{"txGasUnits":57500}}"#)
      }
    }
    #expect(try context?.get()["gasLimit"] == "57500")
    #expect(requests.count { $0.path == "/v3/blockchain/node/egld-testnet/network/config" } == 1)
    #expect(requests.count { $0.path == "/v3/blockchain/node/egld-testnet/address/erd1a/nonce" } == 1)
    #expect(requests.count { $0.path == "/v3/blockchain/node/egld-testnet/transaction/cost" } == 5)
  }

  /// What the transaction carries is what is estimated (decision 1).
  @Test func estimatesWithTheNonceAndThePriceOfTheTransaction() throws {
    let call = ContractCall(
      from: "erd1a", to: "erd1b", value: "1", gasPrice: "2000000000", nonce: "18446744073709551615")
    let (context, requests) = try find("EGLD", [egld.gasLimit(of: call)]) {
      $0.method == "GET" ? .json(Self.multiversXConfiguration) : .json(#"{"data":{"txGasUnits":50000}}"#)
    }
    #expect(try context?.get()["gasLimit"] == "50000")
    let body = requests.last?.json
    #expect(body?["nonce"]?.number?.digits == "18446744073709551615")
    #expect(body?["gasPrice"]?.number?.digits == "2000000000")
    #expect(!requests.contains { $0.path.hasSuffix("/nonce") })
  }

  @Test func tellsWhyMultiversXCanNotEstimate() throws {
    let call = ContractCall(from: "erd1a", to: "erd1b", value: "1", nonce: "0")
    let (context, _) = try find("EGLD", [egld.gasLimit(of: call)]) {
      $0.method == "GET"
        ? .json(Self.multiversXConfiguration)
        : .json(#"{"data":{"txGasUnits":0,"returnMessage":"function not found"},"code":"successful"}"#)
    }
    guard case .failure(let failure) = context else {
      Issue.record("taken for an estimate")
      return
    }
    #expect(failure.kind == .refused)
    #expect(failure.message.contains("function not found"))
  }

  @Test func findsTheAccountOfBeaconChain() throws {
    let needs: [Need] = [BNBFacts.account("tbnb1x"), BNBFacts.chainID(testnet: true)]
    let (context, _) = try find("BNB", needs) { _ in .json(#"{"account_number":42,"sequence":7}"#) }
    #expect(
      try context?.get() == ["accountNumber": "42", "sequence": "7", "chainId": "Binance-Chain-Ganges"])
  }

  @Test func asksRosettaForTheCardanoTransaction() throws {
    let operations: JSONValue = [["type": "input"]]
    let (context, requests) = try find("ADA", [CardanoFacts.payloads(for: operations, testnet: false)]) {
      request in
      switch request.path.split(separator: "/").last {
      case "preprocess": .json(#"{"options":{"relative_ttl":1000}}"#)
      case "metadata": .json(#"{"metadata":{"ttl":"65294"}}"#)
      default:
        .json(
          #"{"unsigned_transaction":"a4","payloads":[{"account_identifier":{"address":"addr1"},"hex_bytes":"FF","signature_type":"ed25519"}]}"#
        )
      }
    }
    #expect(
      try context?.get().text
        == #"{"ttl":"65294","unsignedTransaction":"a4","payloads":[{"address":"addr1","hex":"ff"}]}"#)
    #expect(
      requests.map { String($0.path.split(separator: "/").last ?? "") } == [
        "preprocess", "metadata", "payloads",
      ])
    #expect(requests.allSatisfy { $0.path.hasPrefix("/v3/blockchain/node/cardano-mainnet/construction/") })
    #expect(requests.allSatisfy { $0.json?["network_identifier"]?["network"]?.string == "mainnet" })
    #expect(requests.last?.json?["metadata"]?["ttl"]?.string == "65294")
  }

  private static let previous = PreviousFacts(BitcoinCashChain.bitcoinCash.parameters, testnet: true)

  @Test func findsTheOutputsThatBitcoinCashSpends() throws {
    let needs: [Need] = [
      BitcoinCashFacts.output("aa", 1, by: Self.previous),
      BitcoinCashFacts.output("bb", 0, by: Self.previous),
    ]
    let (context, _) = try find("BCH", needs) { request in
      request.path.hasSuffix("/bb")
        ? .answer(
          403, #"{"statusCode":403,"errorCode":"bch.tx.not.found","message":"Transaction bb not found."}"#)
        : .json(
          #"{"vout":[{"n":0},{"n":1,"value":0.3786728,"scriptPubKey":{"addresses":["bchtest:qx"]}}]}"#)
    }
    #expect(
      try context?.get().text
        == #"{"utxos":[{"txHash":"aa","index":1,"value":"37867280","address":"bchtest:qx"}]}"#)
  }

  /// Each question is asked once: that for a transaction, too, whose outputs are two inputs.
  @Test func asksForATransactionOfBitcoinCashOnce() throws {
    let needs: [Need] = [
      BitcoinCashFacts.output("aa", 1, by: Self.previous),
      BitcoinCashFacts.output("bb", 1, by: Self.previous),
      BitcoinCashFacts.output("aa", 0, by: Self.previous), Self.previous.previous("aa"),
    ]
    let (context, requests) = try find("BCH", needs) { _ in
      .json(
        #"{"vout":[{"n":0,"value":2,"scriptPubKey":{"addresses":["a"]}},{"n":1,"value":1,"#
          + #""scriptPubKey":{"addresses":["b"]}}]}"#)
    }
    #expect(
      try context?.get()["utxos"]?.array?.compactMap { $0["value"]?.string }
        == ["100000000", "100000000", "200000000"])
    // What the members do not give, the node is asked for, once, too.
    #expect(
      requests.map(\.path).sorted() == [
        "/v3/bcash/transaction/aa", "/v3/bcash/transaction/bb", "/v3/blockchain/node/bch-testnet",
        "/v3/blockchain/node/bch-testnet",
      ])
  }

  /// The node's answer has the bytes: value and address are theirs, and nothing else is asked.
  @Test func readsAnOutputOfBitcoinCashFromItsTransaction() throws {
    let raw =
      "0200000001dc34c87ad0d0b154a30900716549661bdab2719725beb4fd9c82cd5b03cf1aea000000006a477e907d4445576d"
      + "699ee396a184a5555bcc6b66af8eadbd9733d6772223b64d8f7e907d4445576d699ee396a184a5555bcc6b66af8eadbd9733"
      + "d6772223b64d8f010101010101012102ad411fd70a7f0556f7130b579e86c7bfaa2b076e023a89a62879fb6426d10619ffff"
      + "ffff0140420f00000000001976a914929cb91f16e8e6c403c067e91ffd102ddc98420288ac00000000"
    let made = try #require(Hex.decode(raw).flatMap { PreviousTransaction($0) })
    let id = Hex.encode(made.hash.reversed())
    let needs = [BitcoinCashFacts.output(id, 0, by: Self.previous), Self.previous.previous(id)]
    let (context, requests) = try find("BCH", needs) { _ in .json(#"{"result":"\#(raw)"}"#) }
    let hash = try #require(Hex.decode("929cb91f16e8e6c403c067e91ffd102ddc984202"))
    let address = try #require(Self.previous.network.address(of: .publicKeyHash(hash)))
    #expect(address.hasPrefix("bchtest:q"))
    #expect(
      try context?.get()
        == [
          "utxos": [["txHash": .string(id), "index": 0, "value": "1000000", "address": .string(address)]],
          "previous": [.string(raw)],
        ])
    #expect(requests.map(\.path) == ["/v3/blockchain/node/bch-testnet"])
  }

  @Test(arguments: [
    ("0.3786728", "37867280"), ("1", "100000000"), ("21000000", "2100000000000000"), ("1e-8", "1"),
    ("1.5E2", "15000000000"),
    ("0.00000001", "1"), ("0", "0"), ("0.000000010", "1"),
  ]) func shiftsDecimals(text: String, satoshi: String) {
    #expect(DecimalText.shifted(text, by: 8) == satoshi)
  }

  @Test(arguments: ["", "-1", "0.000000001", "1e-9", "1e999", "1e-9223372036854775808", "a", "1.2.3", ".5e"])
  func refusesOtherDecimals(text: String) { #expect(DecimalText.shifted(text, by: 8) == nil) }
}
