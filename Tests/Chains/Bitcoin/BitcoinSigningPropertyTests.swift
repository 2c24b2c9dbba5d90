import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What is signed satisfies the scripts that it spends, by code that shares nothing with the signer.
@Suite struct BitcoinSigningPropertyTests {
  enum Kind: CaseIterable {
    case publicKeyHash, uncompressedPublicKeyHash, publicKey, witness, nested
    case multisig, witnessMultisig, nestedMultisig

    static let withoutSegWit: [Kind] = [.publicKeyHash, .uncompressedPublicKeyHash, .publicKey, .multisig]
  }

  struct Random {
    var generator: SeededGenerator
    var transaction = TestTransaction(inputs: [], outputs: [])
    var keys: [PrivateKeyMaterial] = []

    mutating func key(compressed: Bool = true) throws -> PrivateKeyMaterial {
      // One key in four is used again.
      if compressed, Int.random(in: 0..<4, using: &generator) == 0,
        let known = keys.filter({ $0.publicKey.count == 33 }).randomElement(using: &generator)
      {
        return known
      }
      let secret = try SecretBytes(copying: generator.bytes(32))
      let publicKey = try Secp256k1PrivateKey(secret).publicKey(compressed: compressed)
      let key = PrivateKeyMaterial(secret: secret, publicKey: publicKey, address: "")
      keys.append(key)
      return key
    }

    mutating func addInput(_ kind: Kind) throws {
      var input = TestTransaction.Input(
        id: Hex.encode(generator.bytes(32)), index: Int.random(in: 0..<300, using: &generator),
        sequence: Bool.random(using: &generator) ? 0xffff_ffff : 0xffff_fffd,
        value: UInt64.random(in: 100_000...200_000, using: &generator), script: [])
      switch kind {
      case .publicKeyHash:
        input.script = [0x76, 0xa9, 0x14] + Hash.hash160(try key().publicKey) + [0x88, 0xac]
      case .uncompressedPublicKeyHash:
        input.script =
          [0x76, 0xa9, 0x14] + Hash.hash160(try key(compressed: false).publicKey) + [0x88, 0xac]
      case .publicKey:
        let key = try key().publicKey
        input.script = [UInt8(key.count)] + key + [0xac]
      case .witness: input.script = [0x00, 0x14] + Hash.hash160(try key().publicKey)
      case .nested:
        input.script =
          [0xa9, 0x14] + Hash.hash160([0x00, 0x14] + Hash.hash160(try key().publicKey)) + [0x87]
      case .multisig, .witnessMultisig, .nestedMultisig: try addMultisig(kind, &input)
      }
      transaction.inputs.append(input)
    }

    private mutating func addMultisig(_ kind: Kind, _ input: inout TestTransaction.Input) throws {
      let total = Int.random(in: 1...5, using: &generator)
      let threshold = Int.random(in: 1...total, using: &generator)
      var members: [[UInt8]] = []
      while members.count < total {
        let candidate = try key().publicKey
        if !members.contains(candidate) { members.append(candidate) }
      }
      // bitcore sorts unless it is told not to.
      let inScript =
        Bool.random(using: &generator)
        ? members.sorted { $0.lexicographicallyPrecedes($1) } : members
      let script =
        [0x50 + UInt8(threshold)] + Self.pushes(inScript) + [0x50 + UInt8(total), 0xae]
      let program = [0x00, 0x20] + Hash.sha256(script)
      input.script =
        switch kind {
        case .witnessMultisig: program
        case .nestedMultisig: [0xa9, 0x14] + Hash.hash160(program) + [0x87]
        default: [0xa9, 0x14] + Hash.hash160(script) + [0x87]
        }
      input.extra = [
        ("threshold", .number(JSONNumber(threshold))),
        ("publicKeys", .array(members.map { .string(Hex.encode($0)) })),
        ("signatures", .array(members.map { _ in .null })),
      ]
    }

    static func pushes(_ keys: [[UInt8]]) -> [UInt8] {
      keys.reduce(into: []) { $0 += [UInt8($1.count)] + $1 }
    }

    mutating func addOutputs(_ count: Int) {
      let each = (transaction.inputs.map(\.value).reduce(0, +) - 10_000) / UInt64(count)
      for _ in 0..<count {
        transaction.outputs.append((each, [0x76, 0xa9, 0x14] + generator.bytes(20) + [0x88, 0xac]))
      }
    }

    var spent: [IndependentVerifier.Spent] {
      transaction.inputs.map { .init(value: $0.value, script: $0.script) }
    }
  }

  @Test(arguments: ["BTC", "LTC", "DOGE"], 0..<40)
  func everySignedInputVerifies(_ chain: String, _ seed: Int) throws {
    var random = Random(generator: SeededGenerator(state: UInt64(seed) << 8 + UInt64(chain.utf8.count)))
    let kinds = chain == "DOGE" ? Kind.withoutSegWit : Kind.allCases
    for _ in 0...Int.random(in: 0..<8, using: &random.generator) {
      try random.addInput(try #require(kinds.randomElement(using: &random.generator)))
    }
    random.transaction.version = UInt32.random(in: 1...2, using: &random.generator)
    random.transaction.lockTime = UInt32.random(in: 0...UInt32.max, using: &random.generator)
    random.addOutputs(1)
    let signing = try TestSigning(chain)
    let pending = signing.pending(random.transaction.text)
    // The order of the wallets makes no difference on these chains.
    let signed = try signing.sign(pending, keys: random.keys)
    #expect(try signing.sign(pending, keys: random.keys.reversed()) == signed)

    let verifier = try IndependentVerifier(#require(Hex.decode(signed.txData)))
    #expect(verifier.id == signed.txID)
    try verifier.verify(random.spent)
    #expect(verifier.outputs.map(\.value) == random.transaction.outputs.map(\.value))
    #expect(verifier.outputs.map(\.script) == random.transaction.outputs.map(\.script))
    #expect(
      verifier.inputs.map { Hex.encode($0.outPoint.prefix(32).reversed()) }
        == random.transaction.inputs.map(\.id))
  }

  @Test(arguments: ["BTC", "LTC", "DOGE"])
  func withoutAnyOneKeyNothingIsSigned(_ chain: String) throws {
    var random = Random(generator: SeededGenerator(state: 99))
    for _ in 0..<5 { try random.addInput(.publicKeyHash) }
    random.addOutputs(1)
    let signing = try TestSigning(chain)
    for i in random.keys.indices {
      var keys = random.keys
      keys.remove(at: i)
      #expect(
        refusal { try signing.sign(signing.pending(random.transaction.text), keys: keys) } == .walletNotFound)
    }
  }

  @Test func signsHundredsOfInputsOfDifferentKeys() throws {
    var random = Random(generator: SeededGenerator(state: 1))
    for i in 0..<400 { try random.addInput(i % 2 == 0 ? .publicKeyHash : .witness) }
    random.addOutputs(3)
    let signing = try TestSigning("BTC")
    let signed = try signing.sign(signing.pending(random.transaction.text), keys: random.keys)
    try IndependentVerifier(#require(Hex.decode(signed.txData))).verify(random.spent)
  }

  @Test func signsAThousandInputsOfOneKey() throws {
    var random = Random(generator: SeededGenerator(state: 2))
    let key = try random.key()
    let script = [0x00, 0x14] + Hash.hash160(key.publicKey)
    for i in 0..<1000 {
      random.transaction.inputs.append(
        .init(id: Hex.encode(random.generator.bytes(32)), index: i, value: 1000, script: script))
    }
    random.addOutputs(2)
    let signing = try TestSigning("BTC")
    let signed = try signing.sign(signing.pending(random.transaction.text), keys: [key])
    try IndependentVerifier(#require(Hex.decode(signed.txData))).verify(random.spent)
    #expect(signed.from == .inputs([try signing.chain.wallets.address(key)]))
  }

  @Test func encodesAndDecodesRandomTransactions() throws {
    var generator = SeededGenerator(state: 3)
    for round in 0..<300 {
      let inputs = (0..<Int.random(in: 0...(round % 30 == 0 ? 300 : 5), using: &generator)).map { _ in
        BitcoinTransaction.Input(
          outPoint: .init(hash: generator.bytes(32), index: .random(in: 0...UInt32.max, using: &generator)),
          script: generator.bytes(Int.random(in: 0...300, using: &generator)),
          sequence: .random(in: 0...UInt32.max, using: &generator))
      }
      let outputs = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        BitcoinTransaction.Output(
          value: .random(in: 0...UInt64.max, using: &generator),
          script: generator.bytes(Int.random(in: 0...300, using: &generator)))
      }
      let transaction = BitcoinTransaction(
        version: .random(in: 0...UInt32.max, using: &generator), inputs: inputs, outputs: outputs,
        lockTime: .random(in: 0...UInt32.max, using: &generator))
      let bytes = transaction.encoded()
      #expect(BitcoinTransaction(decoding: bytes) == transaction)
      #expect(BitcoinTransaction(decoding: bytes + [0]) == nil)
      for cut in [0, bytes.count / 2, bytes.count - 1] {
        #expect(BitcoinTransaction(decoding: Array(bytes.prefix(cut))) == nil)
      }
      // Whatever decodes is written back as it was.
      var changed = bytes
      changed[Int.random(in: changed.indices, using: &generator)] ^= UInt8.random(
        in: 1...255, using: &generator)
      if let other = BitcoinTransaction(decoding: changed) { #expect(other.encoded() == changed) }
    }
  }
}

extension SigningWallets {
  /// The address of a key, by way of its hexadecimal text.
  func address(_ key: PrivateKeyMaterial) throws -> String {
    try self.key(kind: .privateKey, secret: key.secret.hexEncoded(), index: nil, testnet: true).address
  }
}
