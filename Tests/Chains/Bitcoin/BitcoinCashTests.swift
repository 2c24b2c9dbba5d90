import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// BCH: every transaction vector byte for byte, and how keys find their inputs.
@Suite struct BitcoinCashTests {
  static let vectors = BitcoinVectors.transactions(["BCH"])

  @Test func findsAllVectors() { #expect(Self.vectors.count == 9) }

  @Test(arguments: vectors.filter { $0.json["expected"]?["txData"] != nil })
  func signs(_ vector: BitcoinVectors.Vector) throws {
    var signing = try TestSigning("BCH", testnet: vector.testnet)
    signing.policy.bchECDSA = vector.json["signatureAlgorithm"]?.string == "ecdsa"
    let pending = try vector.json["pending"] ?? signing.pending(Self.serialized(vector))
    let signed: SignedTransaction
    if let mnemonic = vector.json["mnemonic"]?.string {
      signed = try signing.sign(pending, mnemonic: mnemonic)
    } else {
      let keys = try #require(vector.json["privateKeys"]?.array).map { try signing.material($0.string ?? "") }
      signed = try signing.sign(pending, keys: keys)
    }
    #expect(signed.txData == vector.json["expected"]?["txData"]?.string)
    #expect(signed.txID == vector.json["expected"]?["txId"]?.string)
  }

  /// This vector has no key: it shows the text form alone.
  @Test(arguments: vectors.filter { $0.json["expected"]?["serializedTransaction"] != nil })
  func readsTheTextForm(_ vector: BitcoinVectors.Vector) throws {
    let text = try #require(vector.json["expected"]?["serializedTransaction"]?.string)
    let read = try BitcoinCashTransaction(text)
    #expect(
      text
        == "\(Hex.encode(read.transaction.encoded())):[\(read.amounts.map(String.init).joined(separator: ","))]"
    )
    #expect(read.amounts == [3_500_000])
  }

  private static func serialized(_ vector: BitcoinVectors.Vector) throws -> String {
    let unsigned = try #require(vector.json["unsigned"])
    let inputs = try #require(unsigned["inputs"]?.array)
    let transaction = BitcoinTransaction(
      version: UInt32(unsigned["version"]?.uint64 ?? 0),
      inputs: try inputs.map {
        let outPoint = BitcoinTransaction.OutPoint(
          transactionID: $0["txid"]?.string ?? "", index: UInt32($0["vout"]?.uint64 ?? 0))
        return .init(outPoint: try #require(outPoint), sequence: UInt32($0["sequence"]?.uint64 ?? 0))
      },
      outputs: try #require(unsigned["outputs"]?.array).map {
        .init(
          value: try #require($0["satoshis"]?.uint64),
          script: try #require(Hex.decode($0["scriptPubKey"]?.string ?? "")))
      }, lockTime: 0)
    let amounts = inputs.map { String($0["satoshis"]?.uint64 ?? 0) }.joined(separator: ",")
    return "\(Hex.encode(transaction.encoded())):[\(amounts)]"
  }
}

/// How keys find the inputs of a Bitcoin Cash transaction, and what is refused.
@Suite struct BitcoinCashKeyTests {
  var signing: TestSigning
  let keys: [PrivateKeyMaterial]
  static let ids = ["11", "22", "33"].map { String(repeating: $0, count: 32) }

  init() throws {
    signing = try TestSigning("BCH")
    keys = try [
      "cRyyxD939hjqzReRdfseoVSFoh3HVfBhVeVDbqpgW3kwnsqQPbw1",
      "cRCLa2kAZ4XpSF62HaqbBEWKA2aVquTGX5sRmFuu2SpZ4s72vi5Y",
      "cRdDKUpyKa7Cq1BaeJCANedJsegfSWxRGn13FGfSnxs3BuTRyr9W",
    ].map { [signing] in try signing.material($0) }
  }

  private func serialized(
    inputs: Int = 3, amounts: String? = nil, version: UInt32 = 2, value: UInt64 = 290_000,
    script: [UInt8]? = nil
  ) throws -> String {
    let transaction = BitcoinTransaction(
      version: version,
      inputs: try Self.ids.prefix(inputs).map {
        .init(
          outPoint: try #require(BitcoinTransaction.OutPoint(transactionID: $0, index: 1)),
          sequence: 0xffff_ffff)
      },
      outputs: [
        .init(
          value: value, script: script ?? LockingScript.publicKeyHashScript([UInt8](repeating: 3, count: 20)))
      ], lockTime: 0)
    return "\(Hex.encode(transaction.encoded())):\(amounts ?? "[100000,100000,100000]")"
  }

  /// Signs, and checks that input i is signed by `signers[i]`.
  private func expect(
    _ signing: TestSigning, _ pending: JSONValue, keys: [PrivateKeyMaterial], signers: [PrivateKeyMaterial],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let signed = try signing.sign(pending, keys: keys)
    try IndependentVerifier(#require(Hex.decode(signed.txData))).verify(
      signers.map {
        .init(value: 100_000, script: [0x76, 0xa9, 0x14] + Hash.hash160($0.publicKey) + [0x88, 0xac])
      }, forkID: true)
    var seen: Set<String> = []
    #expect(
      signed.from == .inputs(signers.map(\.address).filter { seen.insert($0).inserted }),
      sourceLocation: sourceLocation)
  }

  private func code(_ text: String, keys: [PrivateKeyMaterial]? = nil, context: JSONValue = [:]) -> ErrorCode?
  {
    var signing = signing
    signing.context = context
    return refusal { try signing.sign(signing.pending(text), keys: keys ?? self.keys) }
  }

  @Test func byPosition() throws {
    let pending = signing.pending(try serialized())
    try expect(signing, pending, keys: keys, signers: keys)
    try expect(signing, pending, keys: keys.reversed(), signers: keys.reversed())
    // The original dropped the repeated key and left the last input unsigned.
    try expect(signing, pending, keys: [keys[0], keys[0], keys[1]], signers: [keys[0], keys[0], keys[1]])
    try expect(signing, pending, keys: [keys[1]], signers: [keys[1], keys[1], keys[1]])
    #expect(code(try serialized(), keys: [keys[0], keys[1]]) == .walletNotFound)
    #expect(code(try serialized(), keys: []) == .walletNotFound)
  }

  @Test func ecdsaWhereTheOperatorWantsIt() throws {
    var signing = signing
    signing.policy.bchECDSA = true
    let pending = signing.pending(try serialized())
    try expect(signing, pending, keys: keys, signers: keys)
    #expect(try signing.sign(pending, keys: keys).txData != self.signing.sign(pending, keys: keys).txData)
  }

  private func utxos(_ change: (Int, inout JSONObject) -> Void = { _, _ in }) -> JSONValue {
    var items: [JSONValue] = []
    for (i, id) in Self.ids.enumerated() {
      var item = JSONObject()
      item["txHash"] = .string(id)
      item["index"] = "1"
      item["value"] = "100000"
      item["address"] = .string(keys[i].address)
      change(i, &item)
      items.append(.object(item))
    }
    return ["utxos": .array(items)]
  }

  @Test func byAddressWhereTheContextKnowsIt() throws {
    var signing = signing
    signing.context = utxos()
    let pending = signing.pending(try serialized())
    try expect(signing, pending, keys: [keys[2], keys[0], keys[1]], signers: keys)
    signing.context = utxos { i, item in item["address"] = .string(keys[i == 1 ? 1 : 0].address) }
    try expect(signing, pending, keys: [keys[1], keys[0]], signers: [keys[0], keys[1], keys[0]])
    // Legacy addresses mean the same.
    signing.context = utxos { i, item in
      item["address"] = .string(Base58Check.encode([0x6f] + Hash.hash160(keys[i].publicKey)))
    }
    try expect(signing, pending, keys: keys.reversed(), signers: keys)
    // So do those of wallets that know tokens (`z…`), and all without their prefix or in capitals.
    signing.context = utxos { i, item in
      let text = CashAddr.encode(prefix: "bchtest", kind: 2, hash: Hash.hash160(keys[i].publicKey)) ?? ""
      item["address"] = .string(
        i == 0 ? text : i == 1 ? text.uppercased() : String(text.dropFirst("bchtest:".utf8.count)))
    }
    try expect(signing, pending, keys: keys.reversed(), signers: keys)
  }

  /// Bitcoin Cash Node, merge request 1596: one destination, written for wallets without and with tokens.
  @Test func readsAddressesOfWalletsThatKnowTokens() {
    let mainnet = BitcoinCashChain.bitcoinCash.parameters.mainnet
    let script = mainnet.script(ofAddress: "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2")
    #expect(
      script != nil
        && mainnet.script(ofAddress: "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe") == script)
    #expect(
      mainnet.address(of: script ?? .data) == "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2")
  }

  @Test func refusesAContextThatSaysOtherwise() throws {
    let text = try serialized()
    #expect(code(text, context: utxos()) == nil)
    #expect(code(text, context: ["utxos": []]) == .contextMissing)
    #expect(code(text, context: utxos { i, item in if i == 2 { item["index"] = "2" } }) == .contextMissing)
    #expect(
      code(text, context: utxos { i, item in if i == 2 { item["value"] = "100001" } }) == .contentMismatch)
    #expect(code(text, context: utxos { _, item in item["address"] = nil }) == .malformedTransaction)
    #expect(code(text, context: ["utxos": "x"]) == .malformedTransaction)
    let mainnet = try #require(
      BitcoinCashChain.bitcoinCash.parameters.mainnet.address(
        of: .publicKeyHash(Hash.hash160(keys[0].publicKey))))
    #expect(
      code(text, context: utxos { _, item in item["address"] = .string(mainnet) }) == .malformedTransaction)
    let script = try #require(
      BitcoinCashChain.bitcoinCash.parameters.testnet.address(
        of: .scriptHash([UInt8](repeating: 0, count: 20))))
    #expect(
      code(text, context: utxos { _, item in item["address"] = .string(script) }) == .malformedTransaction)
    #expect(code(text, keys: [keys[0], keys[1]], context: utxos()) == .walletNotFound)
    #expect(
      code(
        text, keys: [try signing.material("cVX7YtgL5muLTPncHFhP95oitV1mqUUA5VeSn8HeCRJbPqipzobf")],
        context: utxos())
        == .keyNotSender)
  }

  @Test func withdrawalsGoByAddressElseByDerivationKey() throws {
    let mnemonic =
      "quantum tobacco key they maid mean crime youth chief jungle mind design broken tilt bus shoulder leaf good "
      + "forward erupt split divert bread kitten"
    let derived = try [4, 0, 9].map {
      try signing.chain.wallets.key(kind: .mnemonic, secret: SecretBytes(mnemonic), index: $0, testnet: true)
    }
    for withAddress in [true, false] {
      // The entry that is no input comes first: it shifts nothing.
      var responses: [JSONValue] = [["vIn": "-1", "vInIndex": -1]]
      for (i, index) in [4, 0, 9].enumerated().reversed() {
        responses.append([
          "vIn": .string(Self.ids[i]), "vInIndex": 1,
          "address": [
            "address": withAddress ? .string(derived[i].address) : .null,
            "derivationKey": .number(JSONNumber(index)),
          ],
        ])
      }
      guard case .object(var object) = signing.pending(try serialized()) else { return }
      object["withdrawalId"] = "60abc9dc6679103d7a19b7a3"
      object["withdrawalResponses"] = .array(responses)
      let signed = try signing.sign(.object(object), mnemonic: mnemonic)
      try IndependentVerifier(#require(Hex.decode(signed.txData))).verify(
        derived.map {
          .init(value: 100_000, script: [0x76, 0xa9, 0x14] + Hash.hash160($0.publicKey) + [0x88, 0xac])
        }, forkID: true)
      object["withdrawalResponses"] = .array(Array(responses.dropLast()))
      #expect(refusal { try signing.sign(.object(object), mnemonic: mnemonic) } == .walletNotFound)
    }
  }

  @Test func asksForEveryOutputThatIsSpent() throws {
    let pending = try PendingTransaction(signing.pending(serialized()), chain: "BCH")
    let previous = PreviousFacts(BitcoinCashChain.bitcoinCash.parameters, testnet: true)
    #expect(
      try signing.chain.needs(of: pending, wallet: nil, testnet: true)
        == Self.ids.map { BitcoinCashFacts.output($0, 1, by: previous) } + Self.ids.map(previous.previous))
  }

  @Test func refusesOtherForms() throws {
    let text = try serialized()
    let hex = String(text.prefix { $0 != ":" })
    for wrong in [
      "", ":", hex, "\(hex):", "\(hex):[]", "\(hex):[1,2]", "\(hex):[1,2,3,4]", "\(hex):[1,2,-3]",
      "\(hex):[1,2,3.5]",
      "\(hex):{}", "\(text):", ":\(text)", "00\(text)", "\(hex)00:[100000,100000,100000]", "zz\(text)",
    ] {
      #expect(code(wrong) == .malformedTransaction, "\(wrong)")
    }
    #expect(code(try serialized(version: 3)) == .malformedTransaction)
    #expect(code(try serialized(version: 1)) == nil)
    let full = hex.replacing("01000000" + "00" + "ffffffff", with: "01000000" + "0151" + "ffffffff")
    #expect(code("\(full):[100000,100000,100000]") == .malformedTransaction)
  }

  @Test func refusesFeesDustAndLostCoins() throws {
    #expect(code(try serialized(value: 300_001)) == .malformedTransaction)
    #expect(code(try serialized(amounts: "[2000000,100000,100000]")) == .feeTooHigh)
    #expect(code(try serialized(amounts: "[900000000,100000,100000]")) == .feeTooHigh)
    #expect(code(try serialized(value: 545)) == .dustOutput)
    #expect(code(try serialized(value: 546)) == nil)
    let hash = [UInt8](repeating: 3, count: 32)
    #expect(code(try serialized(script: [0xaa, 0x20] + hash + [0x87])) == nil)
    #expect(code(try serialized(script: [0x00, 0x14] + hash.prefix(20))) == .malformedTransaction)
    // CashTokens: not prepared by the API, and not understood here.
    #expect(code(try serialized(script: [0xef] + hash + [0x10, 0x01, 0x51])) == .malformedTransaction)
  }
}
