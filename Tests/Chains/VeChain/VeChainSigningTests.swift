internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct VeChainSigningTests {
  /// Signed with chain tag 1, which is neither network: chain tags are pinned (defect F5). Their bytes are made below
  /// that check, see `encodesTheVectorsByteForByte`.
  static let otherNetwork: Set<String> = ["wallet-core Signer test", "wallet-core TWAnySigner test"]

  @Test func signsTheVectorsByteForByte() throws {
    var count = 0
    for vector in try EVMVectors.vectors("transactions/vet") {
      let name = try #require(vector["name"]?.string)
      guard let text = vector["pending"]?["serializedTransaction"]?.string else { continue }
      let facts = try #require(vector["context"])
      var transaction = try #require(try JSONValue(parsing: text).object)
      // The vectors name thorify's defaults and others in their context; to choose, a server writes them here.
      transaction["expiration"] = facts["expiration"]
      transaction["gasPriceCoef"] = facts["gasPriceCoef"]
      let nonce = try #require(facts["nonce"]?.uint64)
      let context: JSONValue = [
        "from": facts["from"] ?? .null, "chainTag": .string(facts["chainTag"]?.number?.digits ?? ""),
        "blockRef": facts["blockRef"] ?? .null, "gas": .string(facts["estimateGas"]?.number?.digits ?? ""),
        "nonce": .string("0x" + String(nonce, radix: 16)),
      ]
      let request = try VeChainVectors.request(
        JSONValue.object(transaction).text, context: context, testnet: vector["testnet"]?.bool == true,
        secret: try #require(vector["privateKeys"]?.array?.first?.string))
      if Self.otherNetwork.contains(name) {
        #expect { try VeChainVectors.chain.sign(request) } throws: {
          ($0 as? ChainError)?.code == .chainIDMismatch
        }
        continue
      }
      let label = Comment(rawValue: name)
      let signed = try VeChainVectors.chain.sign(request)
      #expect(signed.txData == vector["expected"]?["txData"]?.string, label)
      #expect(signed.txID == vector["expected"]?["txId"]?.string, label)
      #expect(signed.from == .one(facts["from"]?.string ?? ""), label)
      #expect(signed.lastValidHeight == 0x00ab_12cd + 720, label)
      #expect(signed.nonce == nil && signed.expiresAt != nil && signed.extra.isEmpty)
      #expect(try VeChainVectors.chain.sign(request) == signed, label)
      #expect(try VeChainVectors.chain.nonceRequest(of: request) == nil)
      count += 1
    }
    #expect(count == 6)
  }

  /// All vectors, also those with several clauses and of other networks.
  @Test func encodesTheVectorsByteForByte() throws {
    var count = 0
    for vector in try EVMVectors.vectors("transactions/vet") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let body = try #require(vector["unsigned"])
      var clauses: [VeChainClause] = []
      for clause in try #require(body["clauses"]?.array) {
        clauses.append(
          VeChainClause(
            to: try clause["to"]?.string.map { try EVMAddressForm.hexadecimal.read($0, member: "to") },
            value: try #require(clause["value"]?.string.flatMap { UInt256(decimal: $0) }),
            data: try #require(clause["data"]?.string.flatMap { Hex.decodePrefixed($0) })))
      }
      let transaction = VeChainTransaction(
        chainTag: UInt8(try #require(body["chainTag"]?.uint64)),
        blockRef: try PendingVeChainTransaction.blockRef(try EVMVectors.value(body["blockRef"]), "blockRef"),
        expiration: UInt32(try #require(body["expiration"]?.uint64)), clauses: clauses,
        gasPriceCoef: UInt8(try #require(body["gasPriceCoef"]?.uint64)),
        gas: try #require(body["gas"]?.uint64),
        dependsOn: body["dependsOn"]?.string.flatMap { Hex.decodePrefixed($0) },
        nonce: try #require(body["nonce"]?.uint64))
      let key = try VeChainVectors.chain.wallets.key(
        kind: .privateKey,
        secret: SecretBytes(copying: Array((vector["privateKeys"]?.array?.first?.string ?? "").utf8)),
        index: nil,
        testnet: false)
      let sender = try EVMAddressForm.hexadecimal.read(key.address, member: "address")
      let signed = try transaction.signed(with: Secp256k1PrivateKey(key.secret), sender: sender)
      let expected = vector["expected"]
      #expect(Hex.encodePrefixed(transaction.signingDigest) == expected?["signingHash"]?.string, label)
      #expect(Hex.encodePrefixed(signed.bytes) == expected?["txData"]?.string, label)
      #expect(Hex.encodePrefixed(signed.id) == expected?["txId"]?.string, label)
      #expect(try VeChainVectors.read(Hex.encodePrefixed(signed.bytes)).sender == sender, label)
      count += 1
    }
    #expect(count == 10)
  }

  /// Defect F10: the original derived with another coin and always failed.
  @Test func signsWithAMnemonicWallet() throws {
    let text = #"{"from":0,"to":"0x3535353535353535353535353535353535353535","value":"1"}"#
    var context = try #require(VeChainVectors.context.object)
    context["from"] = nil
    var count = 0
    for vector in try EVMVectors.vectors("wallets/vet") where vector["kind"]?.string == "hdWallet" {
      let testnet = vector["testnet"]?.bool == true
      context["chainTag"] = .string(testnet ? "39" : "74")
      let mnemonic = try #require(vector["mnemonic"]?.string)
      for key in try #require(vector["keys"]?.array) {
        let address = try #require(key["address"]?.string)
        context["from"] = .string(address)
        let signed = try VeChainVectors.chain.sign(
          VeChainVectors.request(
            text, context: .object(context), testnet: testnet, secret: mnemonic, kind: .mnemonic,
            index: Int(try EVMVectors.value(key["index"]?.uint64))))
        #expect(signed.from == .one(address))
        #expect(try VeChainVectors.read(signed.txData).sender.hexText == address)
        count += 1
      }
    }
    #expect(count == 17)
    #expect(throws: WalletError.indexMissing) {
      try VeChainVectors.request(
        text,
        secret:
          "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
        kind: .mnemonic)
    }
  }

  /// Decision 1.
  @Test func theTransactionWinsOverTheContext() throws {
    let to = #""to":"0x3535353535353535353535353535353535353535""#
    let own = try VeChainVectors.sign(
      "{\(to),\"gas\":\"50000\",\"blockRef\":\"0x0000000100000002\",\"nonce\":5,\"chainTag\":39,\"expiration\":10}",
      context: ["gas": "21000", "nonce": "0x09"])
    let fields = try VeChainVectors.read(own.txData).fields
    #expect(fields[0] == .bytes([39]))
    #expect(fields[1] == .bytes([1, 0, 0, 0, 2]))
    #expect(fields[2] == .bytes([10]))
    #expect(fields[5] == .bytes([0xC3, 0x50]))
    #expect(fields[7] == .bytes([5]))
    #expect(own.lastValidHeight == 11)
    // A gas limit of 0 is missing, in every form; a nonce of 0 is one.
    for zero in ["0", #""0""#, #""0x0""#, #""""#, "null"] {
      let filled = try VeChainVectors.sign("{\(to),\"gas\":\(zero)}")
      #expect(try VeChainVectors.read(filled.txData).fields[5] == .bytes([0x52, 0x08]))
    }
    let zero = try VeChainVectors.sign("{\(to),\"nonce\":0}")
    #expect(try VeChainVectors.read(zero.txData).fields[7] == .bytes([]))
    // thorify reads a text without prefix as hexadecimal, too.
    let nonces = try [#""10""#, #""0x10""#, "16"].map { try VeChainVectors.sign("{\(to),\"nonce\":\($0)}") }
    #expect(nonces[0] == nonces[1] && nonces[1] == nonces[2])
  }

  @Test func usesTheDefaultsOfThorify() throws {
    let to = #""to":"0x3535353535353535353535353535353535353535""#
    let fields = try VeChainVectors.read(VeChainVectors.sign("{\(to)}").txData).fields
    #expect(fields[2] == .bytes([0x02, 0xD0]))  // 720 blocks
    #expect(fields[4] == .bytes([]) && fields[6] == .bytes([]) && fields[8] == .list([]))
  }

  @Test func signsSeveralClauses() throws {
    let clauses = #"[{"to":"0x3535353535353535353535353535353535353535","value":"1"},{"data":"0x6080"}]"#
    let signed = try VeChainVectors.sign("{\"clauses\":\(clauses),\"gas\":80000}")
    guard case .list(let items) = try VeChainVectors.read(signed.txData).fields[3] else {
      Issue.record("no list of clauses")
      return
    }
    let receiver = [UInt8](repeating: 0x35, count: 20)
    #expect(
      items == [
        .list([.bytes(receiver), .bytes([1]), .bytes([])]),
        .list([.bytes([]), .bytes([]), .bytes([0x60, 0x80])]),
      ])
    let single = #"{"to":"0x3535353535353535353535353535353535353535","value":"0xff","data":"0x01"}"#
    #expect(
      try VeChainVectors.sign("{\"clauses\":[\(single)],\"gas\":30000}")
        == VeChainVectors.sign(String(single.dropLast()) + ",\"gas\":30000}"))
  }

  @Test func tellsTheHeightOfTheNetwork() {
    #expect(VeChainVectors.chain.currentHeight(in: VeChainVectors.context) == 0x00ab_12cd)
    for context: JSONValue in [[:], .null, ["blockRef": "0x00"], ["blockRef": 5], ["blockRef": "best"]] {
      #expect(VeChainVectors.chain.currentHeight(in: context) == nil)
    }
  }
}
