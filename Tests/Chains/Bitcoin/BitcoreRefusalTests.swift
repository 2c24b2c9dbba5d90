import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What BTC, LTC and DOGE refuse, and what they must not refuse.
@Suite struct BitcoreRefusalTests {
  let signing: TestSigning
  let key: PrivateKeyMaterial
  let transaction: TestTransaction
  static let id = String(repeating: "ab", count: 32)

  init() throws {
    signing = try TestSigning("BTC")
    key = try signing.material("cSCaeFG5DTAMKsu7TGEQ4z9DyTuuzCyhNEg6V488yMevrEsUbitB")
    transaction = Self.transaction(key)
  }

  static func transaction(_ key: PrivateKeyMaterial) -> TestTransaction {
    TestTransaction(
      inputs: [
        .init(
          id: id, value: 10_000_000, script: [0x76, 0xa9, 0x14] + Hash.hash160(key.publicKey) + [0x88, 0xac])
      ],
      outputs: [(9_990_000, [0x76, 0xa9, 0x14] + [UInt8](repeating: 1, count: 20) + [0x88, 0xac])])
  }

  private func code(
    _ chain: String = "BTC", testnet: Bool = true, policy: SigningPolicy = SigningPolicy(),
    _ change: (inout TestTransaction) -> Void = { _ in }
  ) throws -> ErrorCode? {
    var signing = try TestSigning(chain, testnet: testnet)
    signing.policy = policy
    signing.policy.trustAmounts = true
    var transaction = transaction
    change(&transaction)
    return refusal { try signing.sign(signing.pending(transaction.text), keys: [key]) }
  }

  @Test(arguments: ["BTC", "LTC", "DOGE"])
  func signsTheTransactionThatTheOthersChange(_ chain: String) throws { #expect(try code(chain) == nil) }

  @Test func refusesAnotherHash() throws {
    #expect(try code { $0.extra = [("hash", .string(Self.id))] } == .contentMismatch)
    #expect(try code { $0.extra = [("hash", 1)] } == .malformedTransaction)
  }

  @Test func refusesAnotherFeeThanTheStatedOne() throws {
    #expect(try code { $0.extra = [("fee", 10_000)] } == nil)
    #expect(try code { $0.extra = [("fee", 9_999)] } == .contentMismatch)
    #expect(try code { $0.extra = [("fee", 10_001)] } == .contentMismatch)
  }

  @Test func takesTheFeeThatBitcoreStatesWhenChangeWasTooSmall() throws {
    let script: (String, JSONValue) = (
      "changeScript", .string("OP_0 20 0x\(String(repeating: "01", count: 20))")
    )
    #expect(try code { $0.extra = [script, ("fee", 9_454)] } == nil)
    #expect(try code { $0.extra = [script, ("fee", 9_453)] } == .contentMismatch)
    #expect(try code { $0.extra = [script, ("fee", 10_001)] } == .contentMismatch)
  }

  @Test func refusesChangeThatGoesElsewhere() throws {
    let right = "OP_DUP OP_HASH160 20 0x\(String(repeating: "01", count: 20)) OP_EQUALVERIFY OP_CHECKSIG"
    let wrong = "OP_DUP OP_HASH160 20 0x\(String(repeating: "02", count: 20)) OP_EQUALVERIFY OP_CHECKSIG"
    #expect(try code { $0.extra = [("changeScript", .string(right)), ("changeIndex", 0)] } == nil)
    #expect(
      try code { $0.extra = [("changeScript", .string(wrong)), ("changeIndex", 0)] } == .contentMismatch)
    #expect(
      try code { $0.extra = [("changeScript", .string(right)), ("changeIndex", 1)] } == .contentMismatch)
    #expect(try code { $0.extra = [("changeIndex", 0)] } == .malformedTransaction)
  }

  @Test func refusesOutputsThatPayMoreThanTheInputs() throws {
    #expect(try code { $0.outputs[0].value = 10_000_001 } == .malformedTransaction)
    #expect(try code { $0.outputs[0].value = .max } == .malformedTransaction)
    #expect(try code { $0.inputs[0].value = 2_100_000_000_000_001 } == .malformedTransaction)
  }

  @Test func refusesFeesOfMistypedAmounts() throws {
    // 0.1 BTC and 10,000 satoshi per virtual byte; the transaction has 191 or 192.
    #expect(try code { $0.outputs[0].value = 8_000_000 } == .feeTooHigh)
    #expect(try code { $0.outputs[0].value = 8_200_000 } == nil)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("2000000", of: "BTC")
    #expect(try code(policy: policy) { $0.outputs[0].value = 8_000_000 } == nil)
    #expect(try code(policy: policy) { $0.outputs[0].value = 7_999_999 } == .feeTooHigh)
    _ = policy.setMaximumFee("99999999999999999999999999", of: "BTC")
    #expect(try code(policy: policy) { $0.outputs[0].value = 1_000 } == nil)
    let isTaken = policy.setMaximumFee("1e8", of: "BTC")
    #expect(!isTaken)
    policy = SigningPolicy()
    _ = policy.setMaximumFee("1", of: "LTC")
    #expect(try code(policy: policy) == nil)
    #expect(try code("LTC", policy: policy) == .feeTooHigh)
  }

  @Test func countsWhatADataOutputBurnsAsFee() throws {
    #expect(try code { $0.outputs.append((0, [0x6a, 0x02, 0x01, 0x02])) } == nil)
    #expect(
      try code {
        $0.inputs[0].value = 30_000_000
        $0.outputs.append((20_000_000, [0x6a, 0x02, 0x01, 0x02]))
      } == .feeTooHigh)
  }

  @Test func refusesDust() throws {
    func output(_ chain: String, _ value: UInt64, testnet: Bool = true) throws -> ErrorCode? {
      // Keys of one network serve the other here: `sign` sees keys, not texts.
      try code(chain, testnet: testnet) {
        $0.inputs[0].value += value
        $0.outputs.append((value, [0x76, 0xa9, 0x14] + [UInt8](repeating: 2, count: 20) + [0x88, 0xac]))
      }
    }
    let limits: [(chain: String, testnet: Bool, least: UInt64)] = [
      ("BTC", true, 546), ("BTC", false, 546), ("LTC", true, 5460), ("LTC", false, 5460),
      ("DOGE", false, 100_000), ("DOGE", true, 54_600),
    ]
    // The key's text is one of Bitcoin's and Litecoin's test networks; the material is the same everywhere.
    for limit in limits {
      #expect(try output(limit.chain, limit.least, testnet: limit.testnet) == nil, "\(limit)")
      #expect(try output(limit.chain, limit.least - 1, testnet: limit.testnet) == .dustOutput, "\(limit)")
      #expect(try output(limit.chain, 0, testnet: limit.testnet) == .dustOutput, "\(limit)")
    }
  }

  /// Bitcoin Core, policy.cpp, GetDustThreshold with the default of 3 satoshi per byte; Litecoin asks for ten times as much.
  @Test func wantsMoreForScriptsThatCostMoreToSpend() throws {
    let scripts: [(script: [UInt8], least: UInt64)] = [
      ([0x76, 0xa9, 0x14] + [UInt8](repeating: 2, count: 20) + [0x88, 0xac], 546),
      ([0xa9, 0x14] + [UInt8](repeating: 2, count: 20) + [0x87], 540),
      ([0x00, 0x14] + [UInt8](repeating: 2, count: 20), 294),
      ([0x00, 0x20] + [UInt8](repeating: 2, count: 32), 330),
      ([0x51, 0x20] + [UInt8](repeating: 2, count: 32), 330),
    ]
    for (chain, factor) in [("BTC", 1 as UInt64), ("LTC", 10)] {
      for (script, least) in scripts {
        for (value, expected) in [(least * factor, nil), (least * factor - 1, ErrorCode.dustOutput)] {
          let found = try code(chain) {
            $0.inputs[0].value += value
            $0.outputs.append((value, script))
          }
          #expect(found == expected, "\(chain) \(script.count) \(value)")
        }
      }
    }
  }

  @Test(arguments: [
    "", "00", "51", "6a4c", "76a91401010101010101010101010101010101010101010188ac",
    "0015" + String(repeating: "01", count: 21),
    "5121" + String(repeating: "01", count: 33), "52" + "20" + String(repeating: "01", count: 32),
    "51" + "024e73", "aa20" + String(repeating: "01", count: 32) + "87",
    "58" + "20" + String(repeating: "01", count: 32),
  ])
  func refusesOutputsThatNobodyOrAnybodyCanSpend(_ script: String) throws {
    for chain in ["BTC", "LTC", "DOGE"] {
      #expect(
        try code(chain) { $0.outputs[0].script = Hex.decode(script) ?? [] } == .malformedTransaction,
        "\(chain)")
    }
  }

  @Test func takesStandardOutputs() throws {
    let key = [UInt8](repeating: 1, count: 32)
    let standard: [[UInt8]] = [
      [0x21, 0x02] + key + [0xac], [0xa9, 0x14] + key.prefix(20) + [0x87],
      [0x51, 0x21, 0x02] + key + [0x51, 0xae],
    ]
    let segwit: [[UInt8]] = [[0x00, 0x14] + key.prefix(20), [0x00, 0x20] + key, [0x51, 0x20] + key]
    for script in standard + segwit {
      for chain in ["BTC", "LTC", "DOGE"] {
        let expected: ErrorCode? = chain == "DOGE" && segwit.contains(script) ? .malformedTransaction : nil
        #expect(try code(chain) { $0.outputs[0].script = script } == expected, "\(chain) \(script.prefix(2))")
      }
    }
  }

  @Test func refusesExtensionBlocksOfLitecoin() throws {
    for version: UInt8 in [0x58, 0x59] {
      do {
        let signing = try TestSigning("LTC")
        var transaction = transaction
        transaction.outputs[0].script = [version, 0x20] + [UInt8](repeating: 1, count: 32)
        _ = try signing.sign(signing.pending(transaction.text), keys: [key])
        Issue.record("signed")
      } catch let error as ChainError { #expect(error.message.contains("MWEB")) }
    }
  }

  @Test func refusesInputsThatItCanNotSign() throws {
    let program = [UInt8](repeating: 1, count: 32)
    for script in [[0x00, 0x20] + program, [0x51, 0x20] + program, [], [0x51], [0x6a]] {
      #expect(try code { $0.inputs[0].script = script } == .malformedTransaction)
    }
    // Dogecoin has no SegWit.
    #expect(
      try code("DOGE") { $0.inputs[0].script = [0x00, 0x14] + Hash.hash160(key.publicKey) }
        == .malformedTransaction)
    #expect(
      try code("DOGE") { $0.inputs[0].script = [0xa9, 0x14] + program.prefix(20) + [0x87] }
        == .malformedTransaction)
  }

  @Test func refusesTheSameInputTwice() throws {
    #expect(try code { $0.inputs.append($0.inputs[0]) } == .malformedTransaction)
  }

  @Test func namesTheInputWithoutKey() throws {
    var transaction = transaction
    transaction.inputs.append(
      .init(
        id: String(repeating: "cd", count: 32), index: 5, value: 20_000,
        script: [0x00, 0x14] + [UInt8](repeating: 9, count: 20)))
    do {
      _ = try signing.sign(signing.pending(transaction.text), keys: [key])
      Issue.record("signed")
    } catch let error as ChainError {
      #expect(error.code == .walletNotFound)
      #expect(error.message.hasPrefix("input 1 (\(String(repeating: "cd", count: 32)):5) of tb1q"))
    }
  }

  @Test func toldApartFromKeysOfSomebodyElse() throws {
    let other = try signing.material("cW8xsxXNaoypuDVEwzkWf95g6BW5xriEi3dwjLZBrWT6SpBYPiQ3")
    let pending = signing.pending(transaction.text)
    #expect(refusal { try signing.sign(pending, keys: [other]) } == .keyNotSender)
    #expect(refusal { try signing.sign(pending, keys: []) } == .walletNotFound)
    #expect(try signing.sign(pending, keys: [other, key]) == signing.sign(pending, keys: [key]))
  }

  @Test func anUncompressedKeyIsNotTakenForSegWit() throws {
    let publicKey = try Secp256k1PrivateKey(key.secret).publicKey(compressed: false)
    let uncompressed = PrivateKeyMaterial(secret: key.secret, publicKey: publicKey, address: "")
    var transaction = transaction
    for script in [
      [0x00, 0x14] + Hash.hash160(publicKey),
      [0xa9, 0x14] + Hash.hash160([0x00, 0x14] + Hash.hash160(publicKey)) + [0x87],
    ] {
      transaction.inputs[0].script = script
      #expect(
        refusal { try signing.sign(signing.pending(transaction.text), keys: [uncompressed]) } == .keyNotSender
      )
    }
  }

  @Test func printsTheAddressOfEachInputOnce() throws {
    var transaction = transaction
    let program = [0x00, 0x14] + Hash.hash160(key.publicKey)
    transaction.inputs += [
      .init(id: Self.id, index: 1, value: 1, script: program),
      .init(id: Self.id, index: 2, value: 1, script: [0xa9, 0x14] + Hash.hash160(program) + [0x87]),
      .init(id: Self.id, index: 3, value: 1, script: program),
      .init(id: Self.id, index: 4, value: 1, script: [33] + key.publicKey + [0xac]),
    ]
    let signed = try signing.sign(signing.pending(transaction.text), keys: [key])
    #expect(
      signed.from
        == .inputs([
          "mzj9PEnd212qJVBkNfcBYWg5fmn5UadTHJ", "tb1q62u2xmtxz7lehxe6jtl6a5xwczgyxunyl3vm06",
          try #require(
            BitcoreChain.bitcoin.parameters.testnet.address(of: .scriptHash(Hash.hash160(program)))),
        ]))
  }

  @Test func addsToSignaturesOfOthers() throws {
    let others = try [
      "cW8xsxXNaoypuDVEwzkWf95g6BW5xriEi3dwjLZBrWT6SpBYPiQ3",
      "cNvyq4JM4DnPyXNNkkxf47baCuyVesCrw5AtkALKy7ELTrBLrGBK",
    ]
    .map { try signing.material($0) }
    let members = ([key] + others).map(\.publicKey).sorted { $0.lexicographicallyPrecedes($1) }
    let script = [0x52] + BitcoinSigningPropertyTests.Random.pushes(members) + [0x53, 0xae]
    var transaction = transaction
    transaction.inputs[0].script = [0xa9, 0x14] + Hash.hash160(script) + [0x87]
    func pending(_ signatures: JSONValue) -> JSONValue {
      transaction.inputs[0].extra = [
        ("threshold", 2), ("publicKeys", .array(members.map { .string(Hex.encode($0)) })),
        ("signatures", signatures),
      ]
      return signing.pending(transaction.text)
    }
    #expect(refusal { try signing.sign(pending([]), keys: [key]) } == .walletNotFound)
    let unsigned = try BitcoreTransaction(transaction.text).unsigned.transaction
    let digest = SignatureHash(unsigned).legacy(input: 0, scriptCode: script)
    func carried(_ signature: [UInt8]) -> JSONValue {
      [
        .null,
        [
          "publicKey": .string(Hex.encode(others[0].publicKey)), "signature": .string(Hex.encode(signature)),
          "sigtype": 1,
        ],
      ]
    }
    let signature = try Secp256k1PrivateKey(others[0].secret).sign(digest: digest).der
    let signed = try signing.sign(pending(carried(signature)), keys: [key])
    #expect(try signing.sign(pending([]), keys: [key, others[0]]).txData == signed.txData)
    try IndependentVerifier(#require(Hex.decode(signed.txData)))
      .verify([.init(value: 10_000_000, script: transaction.inputs[0].script)])
    let wrong = try Secp256k1PrivateKey(others[0].secret).sign(digest: Hash.sha256([])).der
    #expect(refusal { try signing.sign(pending(carried(wrong)), keys: [key]) } == .malformedTransaction)
    transaction.inputs[0].script = [0xa9, 0x14] + Hash.hash160(script + [0]) + [0x87]
    #expect(refusal { try signing.sign(pending([]), keys: [key]) } == .contentMismatch)
  }

  @Test func refusesWhatIsNotBitcoresJSON() throws {
    for text in ["", "{}", "[]", "\"0200\"", "null", "0200000000", #"{"inputs":[],"outputs":[]}"#] {
      #expect(
        refusal { try signing.sign(signing.pending(text), keys: [key]) } == .malformedTransaction, "\(text)")
    }
  }

  @Test func refusesMoreThanAnyNodeRelays() throws {
    #expect(
      try code {
        let output = $0.inputs[0]
        $0.inputs = (0..<10_000).map { .init(id: Self.id, index: $0, value: 1000, script: output.script) }
      } == .malformedTransaction)
  }
}
