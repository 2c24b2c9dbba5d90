import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSSigning
import SigningDoor
import Testing

@testable import KMSChains

/// Amounts that the transactions prove that made them; nobody's word counts.
@Suite struct AmountProofTests {
  /// Makes a transaction with `outputs`, as it is on the wire.
  static func previous(
    _ outputs: [(value: UInt64, script: [UInt8])], witness: Bool = false, seed: UInt8 = 7
  ) -> BitcoinTransaction {
    BitcoinTransaction(
      version: 2,
      inputs: [
        .init(
          outPoint: .init(hash: [UInt8](repeating: seed, count: 32), index: 3),
          script: witness ? [] : [0x02, 0x30, 0x45], sequence: 0xffff_fffe,
          witness: witness ? [[0x30, 0x44], [0x02]] : [])
      ], outputs: outputs.map { .init(value: $0.value, script: $0.script) }, lockTime: 650_000)
  }

  static func script(_ key: PrivateKeyMaterial) -> [UInt8] {
    LockingScript.publicKeyHashScript(Hash.hash160(key.publicKey))
  }

  /// A payment of 60,000 satoshi from one P2PKH output that is stated to be worth `stated`.
  private struct Case {
    var signing: TestSigning
    let key: PrivateKeyMaterial
    let previous: BitcoinTransaction
    var pending: JSONValue
    var code: ErrorCode? { refusal { try signed() } }

    init(_ chain: String, testnet: Bool = false, worth: UInt64, stated: UInt64, paid: UInt64 = 60_000) throws
    {
      signing = try TestSigning(chain, testnet: testnet)
      signing.policy = SigningPolicy()
      key = try signing.material(String(repeating: "11", count: 32))
      previous = AmountProofTests.previous([(5, [0x51]), (worth, AmountProofTests.script(key))])
      let pay = LockingScript.publicKeyHashScript([UInt8](repeating: 1, count: 20))
      if chain == "BCH" {
        let unsigned = BitcoinTransaction(
          version: 2,
          inputs: [
            .init(
              outPoint: try #require(.init(transactionID: previous.id, index: 1)), sequence: 0xffff_ffff)
          ], outputs: [.init(value: paid, script: pay)], lockTime: 0)
        pending = signing.pending("\(Hex.encode(unsigned.encoded())):[\(stated)]")
      } else {
        pending = signing.pending(
          TestTransaction(
            inputs: [.init(id: previous.id, index: 1, value: stated, script: AmountProofTests.script(key))],
            outputs: [(paid, pay)]
          ).text)
      }
    }

    func signed() throws -> SignedTransaction { try signing.sign(pending, keys: [key]) }

    mutating func prove(_ bytes: [UInt8]...) {
      signing.context = ["previous": .array(bytes.map { .string(Hex.encode($0)) })]
    }
  }

  /// The demonstration of trust.md, finding 1: 100 BTC stated as 70,000 satoshi were signed, with a fee of 99.9994 BTC.
  @Test(arguments: ["BTC", "LTC", "BCH"])
  func anAmountThatIsALieIsNotSigned(_ chain: String) throws {
    var lie = try Case(chain, worth: 10_000_000_000, stated: 70_000)
    #expect(lie.code == .amountUnproven)
    lie.prove(lie.previous.encoded())
    #expect(lie.code == .contentMismatch)
    // A transaction that was made to fit has another id.
    lie.prove(Self.previous([(5, [0x51]), (70_000, Self.script(lie.key))]).encoded())
    #expect(lie.code == .contentMismatch)
  }

  @Test func ofDogecoinAsWell() throws {
    var lie = try Case("DOGE", worth: 10_000_000_000, stated: 700_000, paid: 600_000)
    #expect(lie.code == .amountUnproven)
    lie.prove(lie.previous.encoded())
    #expect(lie.code == .contentMismatch)
  }

  @Test(arguments: ["BTC", "LTC", "BCH"], [false, true])
  func anAmountThatIsProvedIsSigned(_ chain: String, testnet: Bool) throws {
    var honest = try Case(chain, testnet: testnet, worth: 70_000, stated: 70_000)
    honest.prove(honest.previous.encoded())
    #expect(try honest.signed().txID?.utf8.count == 64)
  }

  /// Both networks compare what is there; only main networks demand it.
  @Test func testNetworksDemandNoProofButBelieveNoLie() throws {
    var lie = try Case("BTC", testnet: true, worth: 80_000, stated: 70_000)
    #expect(lie.code == nil)
    lie.prove(lie.previous.encoded())
    #expect(lie.code == .contentMismatch)
  }

  @Test func theOperatorMayTrustWhatNothingProvesButNotWhatIsALie() throws {
    var lie = try Case("BTC", worth: 80_000, stated: 70_000)
    lie.signing.policy.trustAmounts = true
    #expect(lie.code == nil)
    lie.prove(lie.previous.encoded())
    #expect(lie.code == .contentMismatch)
  }

  @Test(arguments: ["BTC", "BCH"])
  func theScriptIsProvedAsWell(_ chain: String) throws {
    var honest = try Case(chain, worth: 70_000, stated: 70_000)
    let other = try honest.signing.material(String(repeating: "22", count: 32))
    let pending = honest.pending, previous = Self.previous([(5, [0x51]), (70_000, Self.script(other))])
    // The same transaction, but it spends what belongs to another key.
    let text = try #require(pending["serializedTransaction"]?.string)
    let wire: (String) -> String = { id in Hex.encode(Hex.decode(id).map { $0.reversed() } ?? []) }
    honest.pending = honest.signing.pending(
      text.replacing(honest.previous.id, with: previous.id)
        .replacing(wire(honest.previous.id), with: wire(previous.id)))
    honest.prove(previous.encoded())
    #expect(honest.code == (chain == "BTC" ? .contentMismatch : .keyNotSender))
  }

  @Test func whatCanNotBeReadIsRefused() throws {
    var honest = try Case("BTC", worth: 70_000, stated: 70_000)
    let bytes = honest.previous.encoded()
    for wrong in [bytes + [0], Array(bytes.dropLast()), [], [UInt8](repeating: 0, count: 80)] {
      honest.prove(wrong)
      #expect(honest.code == .malformedTransaction, "\(wrong.count) bytes")
    }
    honest.signing.context = ["previous": "x"]
    #expect(honest.code == .malformedTransaction)
    honest.signing.context = ["previous": [1]]
    #expect(honest.code == .malformedTransaction)
    honest.prove(bytes, bytes)
    #expect(honest.code == .malformedTransaction)
    honest.signing.context = ["previous": []]
    #expect(honest.code == .amountUnproven)
  }

  @Test func anOutputThatIsNotThereIsALie() throws {
    var honest = try Case("BTC", worth: 70_000, stated: 70_000)
    let text = try #require(honest.pending["serializedTransaction"]?.string)
    honest.pending = honest.signing.pending(
      text.replacing(#""outputIndex":1"#, with: #""outputIndex":2"#))
    honest.prove(honest.previous.encoded())
    #expect(honest.code == .contentMismatch)
  }

  /// What is spent goes to the journal, which refuses one output with two amounts (CVE-2020-14199).
  @Test func whatIsSpentIsNamed() throws {
    let honest = try Case("BTC", testnet: true, worth: 70_000, stated: 70_000)
    let pending = try PendingTransaction(honest.pending, chain: "BTC")
    let prepared = try honest.signing.chain.prepare(
      SigningCase(
        pending: pending, testnet: true, context: [:],
        keys: [SigningKey(reference: KeyReference(signatureID: "x", index: nil), privateKey: honest.key)],
        unixTime: 0))
    #expect(
      prepared.coins == [
        SpentCoin(
          transactionHash: try #require(Hex.decode(honest.previous.id)).reversed(), index: 1, amount: 70_000)
      ])
  }

  /// CashTokens: signing an output with tokens as if it had none would burn them.
  @Test func outputsWithTokensAreNotSpent() throws {
    var honest = try Case("BCH", worth: 70_000, stated: 70_000)
    let previous = Self.previous([
      (5, [0x51]),
      (70_000, [0xef] + [UInt8](repeating: 1, count: 32) + [0x10, 0x01] + Self.script(honest.key)),
    ])
    let text = try #require(honest.pending["serializedTransaction"]?.string)
    let wire: (String) -> String = { id in Hex.encode(Hex.decode(id).map { $0.reversed() } ?? []) }
    honest.pending = honest.signing.pending(
      text.replacing(wire(honest.previous.id), with: wire(previous.id)))
    honest.prove(previous.encoded())
    #expect(honest.code == .malformedTransaction)
  }
}

/// The bytes of transactions, and their ids.
@Suite struct PreviousTransactionTests {
  /// The first payment that was ever made, in block 170.
  private static let first =
    "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af51"
    + "4961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8"
    + "768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7"
    + "aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b4984"
    + "0f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac"
    + "00000000"

  @Test func hasTheIDThatTheChainGaveIt() throws {
    let read = try #require(Hex.decode(Self.first).flatMap { PreviousTransaction($0) })
    #expect(
      Hex.encode(read.hash.reversed()) == "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16")
    #expect(read.outputs.map(\.value) == [1_000_000_000, 4_000_000_000])
  }

  @Test func witnessesAreNoPartOfTheID() throws {
    let transaction = AmountProofTests.previous([(1, [0x51])], witness: true)
    let read = try #require(PreviousTransaction(transaction.encoded()))
    #expect(transaction.encoded() != read.stripped)
    #expect(read.stripped == transaction.encoded(includingWitness: false))
    #expect(Hex.encode(read.hash.reversed()) == transaction.id)
    #expect(read.outputs == transaction.outputs)
  }

  /// Litecoin's transactions that lead out of an extension block: flag 8, and nothing or MWEB data before the lock time
  /// (litecoin, primitives/transaction.h).
  @Test(arguments: [8, 9] as [UInt8], [[0x00], [0x01, 0xaa, 0xbb]] as [[UInt8]])
  func extensionBlocksAreNoPartOfTheID(_ flags: UInt8, _ mweb: [UInt8]) throws {
    let transaction = AmountProofTests.previous([(1, [0x51])], witness: flags == 9)
    let stripped = transaction.encoded(includingWitness: false)
    let witness: [UInt8] = flags == 9 ? [2, 2, 0x30, 0x44, 1, 2] : []
    let bytes =
      stripped[..<4] + [0, flags] + stripped[4...].dropLast(4) + witness + mweb + stripped.suffix(4)
    let read = try #require(PreviousTransaction(Array(bytes)))
    #expect(Hex.encode(read.hash.reversed()) == transaction.id)
  }

  @Test func everythingElseIsRefused() throws {
    let bytes = AmountProofTests.previous([(1, [0x51])], witness: true).encoded()
    for i in bytes.indices {
      #expect(PreviousTransaction(Array(bytes[..<i])) == nil, "\(i) bytes")
    }
    #expect(PreviousTransaction(bytes + [0]) == nil)
    for flag in [0, 2, 4, 16, 255] as [UInt8] {
      var wrong = bytes
      wrong[5] = flag
      #expect(PreviousTransaction(wrong) == nil, "flag \(flag)")
    }
    #expect(PreviousTransaction([UInt8](repeating: 1, count: 4_000_001)) == nil)
  }

  /// As many bytes as a block has room for, most of them witness.
  @Test func theLargestThatThereCanBeIsRead() throws {
    let small = AmountProofTests.previous([(1, [0x51])]).encoded()
    let count = PreviousTransaction.maximumLength - small.count - 2 - 1 - 5
    let head = Array(small[..<4]) + [0, 1] + small[4...].dropLast(4)
    let length = withUnsafeBytes(of: UInt32(count).littleEndian) { Array($0) }
    let bytes = head + [1, 0xfe] + length + [UInt8](repeating: 9, count: count) + small.suffix(4)
    #expect(bytes.count == PreviousTransaction.maximumLength)
    #expect(PreviousTransaction(bytes)?.stripped == small)
  }
}
