internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct BNBSigningTests {
  @Test func signsTheVectorsByteForByte() throws {
    var count = 0
    for vector in try BNBVectors.transactions() {
      let facts = vector["context"]
      guard let text = vector["pending"]?["serializedTransaction"]?.string, facts?["source"] == 0 else {
        continue
      }
      let context: JSONValue = [
        "accountNumber": .string(facts?["accountNumber"]?.number?.digits ?? ""),
        "sequence": .string(facts?["sequence"]?.number?.digits ?? ""), "chainId": facts?["chainId"] ?? .null,
      ]
      let request = try BNBVectors.request(
        text, context: context, testnet: vector["testnet"]?.bool == true,
        secret: EVMVectors.value(vector["privateKeys"]?.array?.first?.string))
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      if facts?["chainId"] == "Binance-Chain-Nile" {
        // Chain ids are pinned (defect F5): Nile was a test network before Ganges.
        #expect { try BNBVectors.chain.sign(request) } throws: {
          ($0 as? ChainError)?.code == .chainIDMismatch
        }
        continue
      }
      let signed = try BNBVectors.chain.sign(request)
      #expect(signed.txData == vector["expected"]?["txData"]?.string, label)
      #expect(signed.txID == vector["expected"]?["txId"]?.string, label)
      #expect(signed.nonce == facts?["sequence"]?.uint64, label)
      #expect(signed.from == .one(request.keys[0].privateKey.address), label)
      #expect(signed.extra.isEmpty && signed.expiresAt == nil && signed.lastValidHeight == nil)
      #expect(try BNBVectors.chain.sign(request) == signed, label)
      count += 1
    }
    #expect(count == 8)
  }

  /// All vectors that have a body, also those of other networks and sources, which pending transactions can't name.
  @Test func encodesTheVectorsByteForByte() throws {
    var count = 0
    for vector in try BNBVectors.transactions() {
      guard let body = vector["unsigned"], body["inputs"] != nil, let facts = vector["context"] else {
        continue
      }
      func parties(_ name: String) throws -> [BNBParty] {
        try EVMVectors.value(body[name]?.array).map { party in
          BNBParty(
            address: try EVMVectors.value(party["address"]?.string.flatMap { Hex.decode($0) }),
            coins: try EVMVectors.value(party["coins"]?.array).map { coin in
              BNBCoin(
                denom: try EVMVectors.value(coin["denom"]?.string),
                amount: try EVMVectors.value(coin["amount"]?.uint64))
            })
        }
      }
      let transfer = BNBTransfer(
        inputs: try parties("inputs"), outputs: try parties("outputs"),
        memo: try EVMVectors.value(body["memo"]?.string),
        chainID: try EVMVectors.value(facts["chainId"]?.string),
        accountNumber: try EVMVectors.value(facts["accountNumber"]?.uint64),
        sequence: try EVMVectors.value(facts["sequence"]?.uint64),
        source: try EVMVectors.value(body["source"]?.uint64))
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let hrp = try EVMVectors.value(facts["addressPrefix"]?.string)
      let key = try Secp256k1PrivateKey(
        SecretBytes(
          copying: EVMVectors.value(vector["privateKeys"]?.array?.first?.string.flatMap { Hex.decode($0) })))
      let expected = vector["expected"]
      if vector["flag"]?.string == "signDocWithStringAmounts" {
        // An old document with other text: only the encoding is compared.
        let signature = try EVMVectors.value(expected?["signature"]?.string.flatMap { Hex.decode($0) })
        let bytes = transfer.encoded(publicKey: key.publicKey(), signature: signature)
        #expect(Hex.encode(bytes) == expected?["txData"]?.string, label)
      } else {
        let signed = try transfer.signed(with: key, hrp: hrp)
        #expect(transfer.signDocument(hrp: hrp).text == expected?["signDoc"]?.string, label)
        #expect(Hex.encode(signed.bytes) == expected?["txData"]?.string, label)
        #expect(Hex.encode(signed.id).uppercased() == expected?["txId"]?.string, label)
      }
      count += 1
    }
    #expect(count == 13)
  }

  /// The signature of javascript-sdk over given bytes.
  @Test func signsTheBytesOfTheSDK() throws {
    let vector = try #require(
      try BNBVectors.transactions().first { $0["flag"]?.string == "signatureOnly" })
    let text = try #require(vector["unsigned"]?["signDoc"]?.string)
    let key = try Secp256k1PrivateKey(
      SecretBytes(
        copying: EVMVectors.value(vector["privateKeys"]?.array?.first?.string.flatMap { Hex.decode($0) })))
    let digest = Hash.sha256(Array(text.utf8))
    #expect(Hex.encode(digest) == vector["expected"]?["signingHash"]?.string)
    #expect(Hex.encode(try key.sign(digest: digest).rs) == vector["expected"]?["signature"]?.string)
  }

  @Test func usesTheSequenceThatTheJournalAssigns() throws {
    let text = JSONValue.object(try BNBVectors.object()).text
    var request = try BNBVectors.request(text)
    #expect(
      try BNBVectors.chain.nonceRequest(of: request)
        == NonceRequest(sender: BNBVectors.testAddress, explicit: nil, networkCount: 7))
    request.nonce = 9
    let signed = try BNBVectors.chain.sign(request)
    #expect(signed.nonce == 9)
    #expect(
      signed == (try BNBVectors.chain.sign(BNBVectors.request(text, context: Self.with("sequence", "9")))))
  }

  static func with(_ member: String, _ value: JSONValue?) -> JSONValue {
    var context = BNBVectors.context.object ?? JSONObject()
    context[member] = value
    return .object(context)
  }

  @Test func asksForAccountNumberAndSequenceOnly() throws {
    let request = try BNBVectors.request(JSONValue.object(try BNBVectors.object()).text)
    let wallet = WalletView(
      signatureID: "id", chain: "BNB", testnet: true, kind: .privateKey, address: BNBVectors.testAddress)
    #expect(
      try BNBVectors.chain.needs(of: request.pending, wallet: wallet, testnet: true) == [
        .constant(member: "from", value: .string(BNBVectors.testAddress)),
        BNBFacts.chainID(testnet: true), BNBFacts.account(BNBVectors.testAddress),
      ])
    #expect(
      try BNBVectors.chain.needs(of: request.pending, wallet: nil, testnet: true) == [
        BNBFacts.chainID(testnet: true)
      ])
    // The addresses are those of the test network.
    #expect(throws: ChainError.self) {
      try BNBVectors.chain.needs(of: request.pending, wallet: wallet, testnet: false)
    }
  }
}
