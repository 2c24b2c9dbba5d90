internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct TronSigningTests {
  @Test func signsTheVectorsByteForByte() throws {
    var count = 0
    for vector in try TronVectors.transactions() {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let request = try TronVectors.request(
        try #require(vector["pending"]?["serializedTransaction"]?.string),
        secret: try #require(vector["privateKeys"]?.array?.first?.string))
      let signed = try TronVectors.chain.sign(request)
      #expect(signed.txData == vector["expected"]?["txData"]?.string, label)
      #expect(signed.txID == vector["expected"]?["txId"]?.string, label)
      #expect(signed.from == .one(try EVMVectors.value(vector["context"]?["from"]?.string)), label)
      let expiration = try #require(vector["unsigned"]?["raw_data"]?["expiration"]?.uint64)
      #expect(signed.expiresAt == Int64(expiration / 1000), label)
      #expect(signed.extra.isEmpty && signed.nonce == nil && signed.lastValidHeight == nil)
      #expect(try TronVectors.chain.sign(request) == signed, label)
      #expect(try TronVectors.chain.needs(of: request.pending, wallet: nil, testnet: false).isEmpty)
      #expect(try TronVectors.chain.nonceRequest(of: request) == nil)
      count += 1
    }
    #expect(count == 25)
  }

  /// The account of index 1 of a published mnemonic, named in both ways.
  @Test func signsWithAMnemonicWallet() throws {
    let vector = try #require(
      try EVMVectors.vectors("wallets/tron").first { $0["name"]?.string?.contains("abandon-about") == true })
    let mnemonic = try #require(vector["mnemonic"]?.string)
    let key = try #require(vector["keys"]?.array?.first { $0["index"]?.uint64 == 1 })
    var sample = TronSample(
      generator: SeededGenerator(state: 1), isVisible: false,
      owner: try #require(TronAddress(text: try EVMVectors.value(key["address"]?.string))))
    let text = JSONValue.object(
      sample.transaction(try #require(TronContract.named("TransferContract")), all: true)
    )
    .text
    let single = try TronVectors.chain.sign(
      TronVectors.request(text, secret: try #require(key["privateKey"]?.string)))
    for inSignatures in [false, true] {
      let request = try TronVectors.request(
        text, secret: mnemonic, kind: .mnemonic, index: 1, inSignatures: inSignatures)
      #expect(try TronVectors.chain.sign(request) == single)
    }
    #expect {
      try TronVectors.chain.sign(TronVectors.request(text, secret: mnemonic, kind: .mnemonic, index: 2))
    } throws: { ($0 as? ChainError)?.code == .keyNotSender }
    #expect(throws: WalletError.indexMissing) {
      try TronVectors.request(text, secret: mnemonic, kind: .mnemonic)
    }
  }

  /// Random transactions of every kind, with every field and with some.
  @Test func signsEveryKindInBothForms() throws {
    let owner = try #require(TronAddress(text: TronVectors.testAddress))
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    for isVisible in [false, true] {
      var sample = TronSample(generator: SeededGenerator(state: 7), isVisible: isVisible, owner: owner)
      for contract in TronContract.all {
        for round in 0..<12 {
          let object = sample.transaction(contract, all: round < 3)
          let label = Comment(rawValue: JSONValue.object(object).text)
          let signed = try TronVectors.sign(object, policy: policy)
          let json = try JSONValue(parsing: signed.txData)
          let signature = try #require(json["signature"]?.array?.first?.string)
          let bytes = try #require(Hex.decode(signature))
          let recovered = Secp256k1.recover(
            try ECDSASignature(rs: Array(bytes.prefix(64)), recoveryID: bytes[64] - 27),
            digest: Hash.sha256(try #require(json["raw_data_hex"]?.string.flatMap { Hex.decode($0) })))
          #expect(TronAddress(publicKey: try EVMVectors.value(recovered)) == owner, label)
          var unsigned = try #require(json.object)
          unsigned["signature"] = nil
          #expect(unsigned == object, label)
        }
      }
    }
    #expect(TronContract.all.count == 29)
    #expect(Set(TronContract.all.map(\.number)).count == 29)
  }

  /// What TronWeb makes of a deployment: names of Solidity in lower case, and members that TRON has no place for.
  @Test func takesInterfacesAsSolidityWritesThem() throws {
    var object = try TronVectors.object("contract deployment")
    let parameter = TronSample.field(2, Array("to".utf8)) + TronSample.field(3, Array("address".utf8))
    let entry =
      TronSample.field(3, Array("f".utf8)) + TronSample.field(4, parameter) + TronSample.field(6, 2)
      + TronSample.field(8, 3)
    let abi = TronSample.field(1, entry)
    let shown: JSONValue = [
      "entrys": [
        [
          "inputs": [["internalType": "address", "name": "to", "type": "address"]], "name": "f",
          "outputs": [],
          "payable": false, "stateMutability": "nonpayable", "type": "function",
        ]
      ]
    ]
    let contract = try #require(object["raw_data"]?["contract"]?.array?.first?["parameter"]?["value"])
    var inner = try #require(contract["new_contract"]?.object)
    inner["abi"] = shown
    let owner = try #require(TronAddress(text: TronVectors.testAddress)).bytes
    let deployed =
      TronSample.field(1, owner) + TronSample.key(3, abi, isInteger: false)
      + TronSample.field(4, [0x60, 0x80, 0x60, 0x40, 0x52]) + TronSample.field(6, 100)
      + TronSample.field(7, Array("T".utf8)) + TronSample.field(8, 1)
    let value = TronSample.field(1, owner) + TronSample.field(2, deployed)
    let url = "type.googleapis.com/protocol.CreateSmartContract"
    let any = TronSample.field(1, Array(url.utf8)) + TronSample.field(2, value)
    let raw =
      TronSample.field(1, [1, 2]) + TronSample.field(4, Array(1...8)) + TronSample.field(8, 9000)
      + TronSample.field(11, TronSample.field(1, 30) + TronSample.field(2, any)) + TronSample.field(18, 5)
    object["raw_data"] = [
      "contract": [
        [
          "parameter": [
            "value": ["owner_address": .string(Hex.encode(owner)), "new_contract": .object(inner)],
            "type_url": .string(url),
          ], "type": "CreateSmartContract",
        ]
      ], "ref_block_bytes": "0102", "ref_block_hash": "0102030405060708", "expiration": 9000, "fee_limit": 5,
    ]
    object = TronVectors.object(object, rawData: raw)
    let created = [0x41] + Hash.keccak256(Hash.sha256(raw) + owner).suffix(20)
    object["contract_address"] = .string(Hex.encode(created))
    #expect(TronVectors.refusal(object) == nil)
    object["contract_address"] = .string(Hex.encode(owner))
    #expect(TronVectors.refusal(object) == .contentMismatch)
  }
}
