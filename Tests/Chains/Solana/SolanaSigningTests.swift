internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

@Suite struct SolanaSigningTests {
  private let chain = SigningChain.solana

  static func context(_ vector: JSONValue) -> JSONValue {
    [
      "recentBlockhash": vector["context"]?["recentBlockhash"] ?? .null, "lastValidBlockHeight": "250000150",
    ]
  }

  /// Byte for byte. Decision 8: the order of accounts stays, so `recompiled` of a vector is not what we make.
  @Test func signsTheVectors() throws {
    var signed = 0
    for vector in try EVMVectors.vectors("transactions/sol") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let keys = try EVMVectors.value(vector["privateKeys"]?.array).compactMap { $0.string }
      var pending = try #require(vector["pending"]?.object)
      pending["hashes"] = .array(keys.indices.map { .string(SigningTest.signatureID($0)) })
      let request = try SigningTest.request(
        chain, pending: .object(pending), testnet: vector["testnet"]?.bool == true,
        context: Self.context(vector), keys: keys)
      let result = try chain.sign(request)
      #expect(result.txData == vector["expected"]?["txData"]?.string, label)
      #expect(result.txID == vector["expected"]?["txId"]?.string, label)
      // What a nonce makes valid for ever has no last block.
      let isDurable = try SolanaMessage(Wire(result).message).advancesNonce
      #expect(result.lastValidHeight == (isDurable ? nil : 250_000_150), label)
      #expect(result.nonce == nil, label)
      let wire = try Wire(result)
      for (signature, expected) in zip(wire.signatures, vector["expected"]?["signatures"]?.array ?? []) {
        #expect(Base58.encode(signature) == expected.string, label)
      }
      #expect(try wire.message == Hex.decode(EVMVectors.value(vector["unsigned"]?["message"]?.string)), label)
      #expect(result.from == .one(try EVMVectors.value(wire.signers.first).text), label)
      signed += 1
    }
    #expect(signed == 43)
  }

  /// A signed transaction, taken apart and checked.
  struct Wire {
    let signatures: [[UInt8]]
    let message: [UInt8]
    let signers: [SolanaAddress]

    init(_ signed: SignedTransaction) throws {
      let bytes = try #require(Base64.decode(signed.txData))
      let count = Int(try #require(bytes.first))
      let signatures = (0..<count).map { Array(bytes[(1 + 64 * $0)..<(65 + 64 * $0)]) }
      let message = Array(bytes.dropFirst(1 + 64 * count))
      signers = Array(try SolanaMessage(message).signers)
      #expect(signers.count == count)
      for (signature, signer) in zip(signatures, signers) {
        #expect(Ed25519.verify(signature, message, publicKey: signer.bytes))
      }
      #expect(signed.txID == signatures.first.map { Base58.encode($0) })
      self.signatures = signatures
      self.message = message
    }
  }

  static let key = "2B7RyZEuZr9PpfRrn7nYhSXhjeuzte65UYeeKJFQJCvsi3ZQJk5AfmWptwDpD2Xtz22nv1aTg5rmKq13ggB7Fkep"
  static let otherKey =
    "BUguQsv2ZuHus54HAFzjdJHzZBkygAjKhEeYwSG19tUwuftFhkkkEFDzcow9XDkfD3qGi1Yb3LV15ufdrKJ226T"
  static let context: JSONValue = [
    "recentBlockhash": "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM", "lastValidBlockHeight": 1000,
  ]

  /// Two signers, the fee payer being that of `otherKey`.
  static func twoSigners() throws -> JSONValue {
    try #require(
      try EVMVectors.vectors("transactions/sol").first {
        $0["name"]?.string == "separate fee payer: two keys, fee payer signs first"
      }?["pending"])
  }

  private func sign(
    _ pending: JSONValue, keys: [String], context: JSONValue = Self.context,
    policy: SigningPolicy = SigningPolicy()
  ) throws -> SignedTransaction {
    var object = try #require(pending.object)
    object["hashes"] = .array(keys.indices.map { .string(SigningTest.signatureID($0)) })
    return try chain.sign(
      SigningTest.request(
        chain, pending: .object(object), testnet: true, context: context, keys: keys, policy: policy))
  }

  @Test func orderAndRepetitionOfKeysDoNotMatter() throws {
    let pending = try Self.twoSigners()
    let expected = try sign(pending, keys: [Self.otherKey, Self.key])
    #expect(try sign(pending, keys: [Self.key, Self.otherKey]) == expected)
    #expect(try sign(pending, keys: [Self.key, Self.key, Self.otherKey, Self.key]) == expected)
    _ = try Wire(expected)
  }

  @Test func namesTheSignerThatIsMissingAndTheKeyThatIsTooMuch() throws {
    let pending = try Self.twoSigners()
    func message(_ keys: [String], _ code: ErrorCode) throws -> String {
      let error = #expect(throws: ChainError.self) { try sign(pending, keys: keys) }
      #expect(error?.code == code)
      return error?.message ?? ""
    }
    #expect(
      try message([Self.otherKey], .walletNotFound).contains("FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ"))
    let payer = try message([Self.key], .walletNotFound)
    #expect(payer.contains("J2xccRtuG43drESLYznHhLhQkLTdfepcKYbiQ9BsJVaf") && payer.contains("pays the fee"))
    let stranger = "AKAh9LUoWFG2sxAMotzmLNpKwPTCiG6Q4YTwAinZMnkwKU3YLPTy6uWZgHvLhkmW3Y3AjKGDc8gzbd9FwHWrygV"
    #expect(
      try message([Self.key, Self.otherKey, stranger], .keyNotSender)
        .contains("2KW2XRd9kwqet15Aha2oK3tYvd3nWbTFH1MBiRAv1BE1"))
  }

  @Test func mnemonicWalletsSignAtTheirIndex() throws {
    // Wallets of one mnemonic at index 1 (hashes with index) and 5 (signatures); defect F24.
    let mnemonic = "punch scatter wrist pride cargo faint put skin embark width field entire"
    let payer = "Gc1ikLw8Z5wuKW5CtA6bSWmTYPBNSnp1wdg1Z9Xfxoes"
    let other = "5CAWbziRk1heytGQbV1EfRx5v6fP5P7GttTtQogJgqX5"
    let message = try SolanaMessages.transfer(from: other, to: other, payer: payer)
    var pending = try #require(
      SigningTest.pending(#"{"txData":"\#(Hex.encode(message))"}"#, chain: chain, index: 1).object)
    pending["signatures"] = [["id": .string(SigningTest.signatureID(9)), "index": 5]]
    let request = try SigningTest.request(
      chain, pending: .object(pending), testnet: false, context: Self.context, keys: [mnemonic, mnemonic],
      kind: .mnemonic)
    #expect(request.keys.map(\.reference.index) == [1, 5])
    let wire = try Wire(chain.sign(request))
    #expect(wire.signers.map(\.text) == [payer, other])
    // A wallet that hashes and signatures both name is taken once, at its own index.
    pending["hashes"] = [.string(SigningTest.signatureID(0)), .string(SigningTest.signatureID(9))]
    let references = try chain.keyReferences(of: PendingTransaction(.object(pending), chain: "SOL"))
    #expect(
      references == [
        KeyReference(signatureID: SigningTest.signatureID(0), index: 1),
        KeyReference(signatureID: SigningTest.signatureID(9), index: 5),
      ])
  }

  @Test func takesTheMintKeyInEveryFormAndOnlyWhereItBelongs() throws {
    let vector = try #require(
      try EVMVectors.vectors("transactions/sol").first {
        $0["pending"]?["serializedTransaction"]?.string?.contains("mintPK") == true
      })
    let pending = try #require(vector["pending"])
    let serialized = try JSONValue(parsing: EVMVectors.value(pending["serializedTransaction"]?.string))
    let base58 = try #require(serialized["mintPK"]?.string)
    let hex = Hex.encode(try #require(Base58.decode(base58)))
    func sign(mint: JSONValue?, keys: [String] = [Self.key], txData: JSONValue? = nil) throws
      -> SignedTransaction
    {
      var inner = try #require(serialized.object)
      inner["mintPK"] = mint
      if let txData { inner["txData"] = txData }
      var outer = try #require(pending.object)
      outer["serializedTransaction"] = .string(JSONValue.object(inner).text)
      return try self.sign(.object(outer), keys: keys)
    }
    let expected = try sign(mint: .string(base58))
    #expect(expected.txData == vector["expected"]?["txData"]?.string)
    #expect(try sign(mint: .string(hex)) == expected)
    #expect(try sign(mint: .string(hex.uppercased())) == expected)
    // A wallet may hold the same key, with the transaction's or without.
    #expect(try sign(mint: .string(hex), keys: [Self.key, base58]) == expected)
    #expect(try sign(mint: nil, keys: [Self.key, base58]) == expected)
    #expect(try SigningTest.refusal { _ = try sign(mint: nil) } == .walletNotFound)
    #expect(try SigningTest.refusal { _ = try sign(mint: "") } == .walletNotFound)
    #expect(try SigningTest.refusal { _ = try sign(mint: .null) } == .walletNotFound)
    #expect(try SigningTest.refusal { _ = try sign(mint: .string(Self.otherKey)) } == .keyNotSender)
    // The fee is paid by a wallet, whatever key the transaction brings.
    #expect(
      try SigningTest.refusal { _ = try sign(mint: .string(Self.key), keys: [base58]) } == .walletNotFound)
    for bad: JSONValue in [1, true, [], [:], "x", .string(hex + "0"), .string(String(hex.dropLast(2)))] {
      let error = #expect(throws: ChainError.self) { try sign(mint: bad) }
      #expect(error?.code == .malformedTransaction)
      #expect(error?.message.contains(hex.prefix(16)) == false)
    }
  }

  @Test func refusalsNeverShowTheMintKey() throws {
    let vector = try #require(
      try EVMVectors.vectors("transactions/sol").first {
        $0["pending"]?["serializedTransaction"]?.string?.contains("mintPK") == true
      })
    let text = try #require(vector["pending"]?["serializedTransaction"]?.string)
    let secret = try #require(try JSONValue(parsing: text)["mintPK"]?.string)
    var generator = SeededGenerator(state: 11)
    var refused = 0
    for _ in 0..<500 {
      var bytes = Array(text.utf8)
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
        in: 32...126, using: &generator)
      do { _ = try PendingSolanaTransaction(parsing: String(decoding: bytes, as: UTF8.self)) } catch {
        #expect(!error.message.contains(secret.prefix(12)) && !error.message.contains(secret.suffix(12)))
        refused += 1
      }
    }
    #expect(refused > 50)
    let shown = try chain.read(
      PendingTransaction(EVMVectors.value(vector["pending"]), chain: "SOL"), testnet: true
    ).summary
    #expect(shown?.contains(secret.prefix(8)) == false)
  }

  @Test func needsTheBlockhashAndTellsHowLongItIsGood() throws {
    let pending = try Self.twoSigners()
    let keys = [Self.key, Self.otherKey]
    let needs = try chain.needs(
      of: PendingTransaction(pending, chain: "SOL"), wallet: nil, testnet: true)
    #expect(needs == [SolanaFacts.blockhash(of: "", testnet: true)])
    #expect(needs.first?.payment == pending["serializedTransaction"]?.string)
    #expect(
      throws: ChainError.contextMissing("recentBlockhash"),
      performing: { try sign(pending, keys: keys, context: ["lastValidBlockHeight": 1]) })
    for bad: JSONValue in [1, "", "0", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM1111", "OIl"] {
      #expect(
        try SigningTest.refusal { _ = try sign(pending, keys: keys, context: ["recentBlockhash": bad]) }
          == .malformedTransaction)
    }
    let hash: JSONValue = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"
    #expect(try sign(pending, keys: keys).lastValidHeight == 1000)
    #expect(try sign(pending, keys: keys, context: ["recentBlockhash": hash]).lastValidHeight == nil)
    #expect(
      try SigningTest.refusal {
        _ = try sign(pending, keys: keys, context: ["recentBlockhash": hash, "lastValidBlockHeight": "x"])
      } == .malformedTransaction)
    #expect(chain.currentHeight(in: ["lastValidBlockHeight": "1000"]) == 850)
    #expect(chain.currentHeight(in: ["lastValidBlockHeight": 149]) == 0)
    #expect(chain.currentHeight(in: [:]) == nil)
  }

  @Test func signsVersionedMessages() throws {
    let payer = "FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ"
    let message = try SolanaMessages.versionedTransfer(from: payer)
    let signed = try sign(
      SigningTest.pending(#"{"txData":"\#(Hex.encode(message))"}"#, chain: chain), keys: [Self.key])
    let wire = try Wire(signed)
    #expect(wire.message.first == 0x80)
    #expect(wire.message.count == message.count)
    // Only the 32 bytes of the blockhash differ.
    let changed = zip(wire.message, message).enumerated().filter { $0.element.0 != $0.element.1 }.map(
      \.offset)
    #expect(changed.count <= 32 && (changed.last ?? 0) - (changed.first ?? 0) < 32)
  }

  @Test func refusesFeesAboveTheLimit() throws {
    func fee(price: UInt64, units: UInt32?, policy: SigningPolicy = SigningPolicy()) throws -> ErrorCode? {
      let message = try SolanaMessages.transfer(
        from: "FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ",
        to: "2KW2XRd9kwqet15Aha2oK3tYvd3nWbTFH1MBiRAv1BE1", unitPrice: price, unitLimit: units)
      let pending = SigningTest.pending(#"{"txData":"\#(Hex.encode(message))"}"#, chain: chain)
      return try SigningTest.refusal { _ = try sign(pending, keys: [Self.key], policy: policy) }
    }
    // 5000 + 1,000,000 units × price / 10^6 = 50,000,000 lamports, the default limit, and one more.
    #expect(try fee(price: 49_995_000, units: 1_000_000) == nil)
    #expect(try fee(price: 49_995_001, units: 1_000_000) == .feeTooHigh)
    // Without a limit of its own the one instruction has 200,000 units; no more than 1,400,000 are ever used.
    #expect(try fee(price: 5 * 49_995_000, units: nil) == nil)
    #expect(try fee(price: 5 * 49_995_000 + 1, units: nil) == .feeTooHigh)
    #expect(try fee(price: 35_000_000, units: .max) == nil)
    #expect(try fee(price: .max, units: .max) == .feeTooHigh)
    #expect(try fee(price: .max, units: 0) == nil)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("5000", of: "SOL")
    #expect(try fee(price: 0, units: 0, policy: policy) == nil)
    #expect(try fee(price: 1, units: 1, policy: policy) == .feeTooHigh)
    _ = policy.setMaximumFee("99999999999999999999999999", of: "SOL")
    #expect(try fee(price: 1 << 40, units: 1_000_000, policy: policy) == nil)
    // What is no limit is not taken, and changes none.
    _ = policy.setMaximumFee("5000", of: "SOL")
    let isTaken = policy.setMaximumFee("x", of: "SOL")
    #expect(!isTaken)
    #expect(try fee(price: 0, units: 0, policy: policy) == nil)
    #expect(try fee(price: 1, units: 1, policy: policy) == .feeTooHigh)
  }

  @Test(arguments: [
    (SolanaProgram.system, [1, 0, 0, 0], true), (.system, [7, 0, 0, 0], true),
    (.system, [10, 0, 0, 0], true),
    (.system, [4, 0, 0, 0], false), (.system, [1], false), (.token, [6, 2, 1], true),
    (.token2022, [6, 2, 1], true), (.token, [6, 0, 1], false), (.token, [6], false), (.token, [], false),
    (.token, [6, 3, 1], true), (.token, [6, 3, 0], false), (.token2022, [6, 3, 1], true),
    (.token, [6, 3], false),
    (.token, [255, 0, 3, 6, 2, 1], true), (.token, [255, 2, 1, 17, 0, 3, 6, 3, 1], true),
    (.token, [255, 2, 1, 17, 0, 3, 6, 1, 1], false), (.token, [255], false),
    (.token, [255, 0, 9, 6, 2], true),
    (.token, [255, 0, 0, 0, 3, 6, 2, 1], true), (.token2022, [255, 0, 3, 6, 2, 1], true),
    (.stake, [1, 0, 0, 0], true), (.stake, [8, 0, 0, 0], true), (.stake, [10, 0, 0, 0], true),
    (.stake, [11, 0, 0, 0], true), (.stake, [4, 0, 0, 0], false), (.memo, [1, 0, 0, 0], false),
  ])
  func givingAccountsAwayNeedsTheFlag(program: SolanaProgram, data: [UInt8], isControl: Bool) throws {
    let message = try SolanaMessages.call(
      program, data: data, payer: "FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ")
    let pending = SigningTest.pending(#"{"txData":"\#(Hex.encode(message))"}"#, chain: chain)
    let refusal = try SigningTest.refusal { _ = try sign(pending, keys: [Self.key]) }
    #expect(refusal == (isControl ? .accountControlRefused : nil))
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    _ = try sign(pending, keys: [Self.key], policy: policy)
  }

  @Test func refusesMembersThatItDoesNotKnow() throws {
    for text in [
      "", "[]", "{}", "1", #"{"txData":null}"#, #"{"txData":1}"#, #"{"txData":"zz"}"#, #"{"txData":"0"}"#,
      #"{"txData":"","x":1}"#, #"{"mintPK":"x"}"#,
    ] {
      #expect(
        try SigningTest.refusal { _ = try sign(SigningTest.pending(text, chain: chain), keys: [Self.key]) }
          == .malformedTransaction)
    }
  }
}
