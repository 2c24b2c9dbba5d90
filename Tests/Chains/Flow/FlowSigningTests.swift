internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct FlowSigningTests {
  /// The context of a vector in the members that kms-fetch writes.
  private func context(_ vector: JSONValue, account: String, publicKey: String) throws -> JSONValue {
    let context = try EVMVectors.value(vector["context"])
    func number(_ json: JSONValue?) -> JSONValue { .string(json?.number?.digits ?? "") }
    let proposer = context["proposer"]
    return [
      "referenceBlockId": context["refBlock"] ?? .null, "gasLimit": number(context["computeLimit"]),
      "proposer": [
        "address": proposer?["address"] ?? .null, "keyId": number(proposer?["keyId"]),
        "sequenceNumber": number(proposer?["sequenceNum"]),
      ],
      "payer": [
        "address": context["payer"]?["address"] ?? .null, "keyId": number(context["payer"]?["keyId"]),
      ],
      "account": [
        "address": .string(account), "keyId": number(context["authorizerKeyId"]),
        "publicKey": .string(publicKey),
      ],
    ]
  }

  @Test func signsTheVectorsByteForByte() throws {
    var signed = 0
    var overruled = 0
    for vector in try EVMVectors.vectors("transactions/flow") where vector["pending"] != nil {
      let name = try EVMVectors.value(vector["name"]?.string)
      let label = Comment(rawValue: name)
      let serialized = try EVMVectors.value(vector["pending"]?["serializedTransaction"]?.string)
      let testnet = vector["testnet"]?.bool == true
      let arguments = try EVMVectors.value(vector["unsigned"]?["arguments"]?.array)
      guard name != FlowVectors.ofAnotherNetwork else {
        #expect(throws: ChainError.self) {
          try PendingFlowTransaction(parsing: serialized, testnet: testnet)
        }
        overruled += 1
        continue
      }
      let pending = try PendingFlowTransaction(parsing: serialized, testnet: testnet)
      #expect(pending.script(testnet: testnet).arguments.map(\.json.text) == arguments.map(\.text), label)
      guard !FlowVectors.overruled.contains(name) else {
        overruled += 1
        continue
      }
      let secret = try EVMVectors.value(vector["privateKeys"]?.array?.first?.string)
      let request = try FlowVectors.request(
        serialized, secret: secret, testnet: testnet,
        context: context(
          vector, account: pending.account.text, publicKey: FlowVectors.material(secret).address),
        allowCustomScripts: true)
      let result = try FlowVectors.chain.sign(request)
      let tag = Hex.encode(FlowPayload.message([]))
      #expect(tag + result.txData == vector["expected"]?["payload"]?.string, label)
      #expect(result.txID == nil && result.from == .one(pending.account.text))
      let signature = try EVMVectors.value(result.json["payloadSignature"])
      #expect(signature["signature"] == vector["expected"]?["authorizerSignature"], label)
      #expect(signature["address"]?.string == pending.account.text && signature["keyId"]?.string == "0")
      #expect(try FlowVectors.chain.sign(request) == result)
      signed += 1
    }
    #expect(signed == 5 && overruled == FlowVectors.overruled.count)
  }

  /// The scripts are fixed: a change to one of them is a change to what money is signed for.
  @Test func scriptsAreThoseThatWereChecked() throws {
    let hashes = try FlowVectors.samples.flatMap { text in
      try [true, false].map { testnet in
        let pending = try PendingFlowTransaction(
          parsing: FlowVectors.of(testnet: testnet, text), testnet: testnet)
        let script = pending.script(testnet: testnet).text
        return String(Hex.encode(Hash.sha256(Array(script.utf8))).prefix(16))
      }
    }
    #expect(hashes == Self.scriptHashes)
  }

  static let scriptHashes: [String] = [
    "3f138a37b5b32c20", "1434018c9f00b054", "5da6a103a02ecf6f", "5da6a103a02ecf6f",
    "c6864849795aaa4b", "0694fccc52035ca2", "a2ae5cc8edd25b4e", "ca26b94f859d45ea",
    "d2546807b301a1a5", "a2ccdb8a3c103fe6", "2638bf5292dfc840", "415dba81be385e91",
    "def78de594104248", "871fd08c53518f46", "dd42ff1560c6d166", "86ac639a3c274711",
  ]

  @Test func signsEveryTypeWithCurrentCadence() throws {
    for (i, text) in FlowVectors.samples.enumerated() {
      for testnet in [true, false] {
        let context = try JSONValue(parsing: FlowVectors.of(testnet: testnet, FlowVectors.context.text))
        let signed = try FlowVectors.sign(
          FlowVectors.of(testnet: testnet, text), context: context, testnet: testnet)
        let (script, arguments, rest) = try FlowVectors.payload(signed.txData)
        // What Cadence 1.0 does not know any more.
        for old in ["AuthAccount", "pub ", ".link<", "getCapability", "addPublicKey"] {
          #expect(!script.contains(old), "type \(i)")
        }
        #expect(script.contains("&Account"))
        #expect(script.contains("0x3c5959b568896393") || !testnet || !script.contains("0x1654653399040a61"))
        #expect(!arguments.isEmpty)
        #expect(
          rest == [
            .bytes(try EVMVectors.value(Hex.decode(FlowVectors.block))), .bytes([0x27, 0x0f]),
            .bytes([0x87, 0xfe, 0x4e, 0xbd, 0x0c, 0xdd, 0xde, 0x06]), .bytes([3]), .bytes([7]),
            .bytes([0x87, 0xfe, 0x4e, 0xbd, 0x0c, 0xdd, 0xde, 0x06]),
            .list([.bytes(try account(testnet: testnet))]),
          ])
        try expectSignature(of: signed)
        #expect(signed.expiresAt == 1_700_003_600)
      }
    }
  }

  private func account(testnet: Bool) throws -> [UInt8] {
    try EVMVectors.value(FlowAddress(FlowVectors.of(testnet: testnet, FlowVectors.account))).bytes
  }

  private func expectSignature(of signed: SignedTransaction) throws {
    let payload = try EVMVectors.value(Hex.decode(signed.txData))
    let rs = try EVMVectors.value(
      Hex.decode(try EVMVectors.value(signed.json["payloadSignature"]?["signature"]?.string)))
    let digest = Hash.sha3_256(
      Array("FLOW-V0.0-transaction".utf8) + [UInt8](repeating: 0, count: 11) + payload)
    let signature = try ECDSASignature(rs: rs, recoveryID: 0)
    #expect(
      Secp256k1.verify(signature, digest: digest, publicKey: try FlowVectors.material().publicKey)
        || signature.hasLowS == false)
    let recovered = [UInt8](0...3).compactMap { id in
      (try? ECDSASignature(rs: rs, recoveryID: id)).flatMap { Secp256k1.recover($0, digest: digest) }
    }
    #expect(recovered.contains { Hex.encode($0.dropFirst()) == FlowVectors.publicKey })
  }

  @Test func signsServerScriptsOnlyWhenAllowed() throws {
    for type in [3, 8, 9, 99] {
      let text = FlowVectors.custom.replacing("\"type\":8", with: "\"type\":\(type)")
      #expect(throws: ChainError.self) { try FlowVectors.sign(text) }
      do { _ = try FlowVectors.sign(text) } catch let error as ChainError {
        #expect(error.code == .customScriptRefused)
      }
      let signed = try FlowVectors.sign(text, allowCustomScripts: true)
      #expect(try FlowVectors.payload(signed.txData).script == "transaction { execute { log(1) } }")
    }
  }

  @Test func asksForTheAccountsKey() throws {
    let request = try FlowVectors.request(FlowVectors.samples[2])
    let facts = FlowFacts(testnet: true)
    let wallet = try FlowVectors.chain.wallets.wallet(
      privateKey: SecretBytes(copying: Array(FlowVectors.secret.utf8)), testnet: true)
    var view = WalletView(
      signatureID: "id", chain: "FLOW", testnet: true, kind: .privateKey, address: wallet.address)
    #expect(
      try FlowVectors.chain.needs(of: request.pending, wallet: view, testnet: true)
        == [facts.proposal, facts.account(FlowVectors.account, publicKey: FlowVectors.publicKey)])
    #expect(
      try FlowVectors.chain.needs(of: request.pending, wallet: nil, testnet: true)
        == [facts.proposal, facts.account(FlowVectors.account, publicKey: nil)])
    view.kind = .mnemonic
    #expect(throws: ChainError.self) {
      try FlowVectors.chain.needs(of: request.pending, wallet: view, testnet: true)
    }
  }
}
