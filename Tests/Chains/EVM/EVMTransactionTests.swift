internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The transaction itself, without JSON and without pinned chain ids.
@Suite struct EVMTransactionTests {
  /// EIP-155, section "Example".
  @Test func signsTheExampleOfEIP155() throws {
    let transaction = EVMTransaction(
      chainID: 1, nonce: 9, gasLimit: 21000, to: try address("0x3535353535353535353535353535353535353535"),
      value: UInt256(1_000_000_000_000_000_000), data: [], fee: .legacy(gasPrice: UInt256(20_000_000_000)))
    #expect(
      Hex.encodePrefixed(transaction.signingDigest)
        == "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
    let signed = try transaction.signed(with: key(EVMVectors.testKey))
    #expect(
      Hex.encodePrefixed(signed.bytes)
        == "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd93"
        + "9bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1"
        + "966a3b6d83")
  }

  /// INFURA/go-ethlibs, eth/transaction_signing_test.go, as ethereumjs (packages/tx/test/eip2930.spec.ts) quotes it.
  @Test func signsThePublicTransactionOfEIP2930() throws {
    let transaction = EVMTransaction(
      chainID: 0x79_6F6C_6F76_3378, nonce: 0, gasLimit: 0x62D4,
      to: try address("0xdf0a88b2b68c673713a8ec826003676f272e3573"), value: UInt256(1), data: [],
      fee: .accessList(gasPrice: UInt256(1_000_000_000)),
      accessList: [
        EVMAccessListEntry(
          address: try address("0x0000000000000000000000000000000000001337"),
          storageKeys: [[UInt8](repeating: 0, count: 32)])
      ])
    let signed = try transaction.signed(
      with: key("fad9c8855b740a0b7ed4c221dbad0f33a83a49cad6b3fe8d5817ac83d38b6a19"))
    #expect(
      Hex.encodePrefixed(signed.bytes)
        == "0x01f8a587796f6c6f76337880843b9aca008262d494df0a88b2b68c673713a8ec826003676f272e35730180f838f79400000000"
        + "00000000000000000000000000001337e1a0000000000000000000000000000000000000000000000000000000000000000080a0294a"
        + "c94077b35057971e6b4b06dfdf55a6fbed819133a6c1d31e187f1bca938da00be950468ba1c25a5cb50e9f6d8aa13c8cd21f24ba9094"
        + "02775b262ac76d374d")
    #expect(
      Hex.encodePrefixed(signed.hash) == "0xbbd570a3c6acc9bb7da0d5c0322fe4ea2a300db80226f7df4fef39b2d6649eec")
  }

  @Test func signsThePublicTransactionsOfEIP1559() throws {
    let file = try EVMVectors.file("Chains/Vectors/transactions/eip1559.json")
    let vectors = try #require(file["vectors"]?.array)
    for vector in vectors {
      func number(_ member: String) throws -> UInt64 { try #require(vector[member]?.uint64) }
      let transaction = EVMTransaction(
        chainID: try #require(file["chainId"]?.uint64), nonce: try number("nonce"),
        gasLimit: try number("gasLimit"),
        to: try address(try #require(file["to"]?.string)), value: UInt256(try number("value")), data: [],
        fee: .dynamic(
          maxPriorityFeePerGas: UInt256(try number("maxPriorityFeePerGas")),
          maxFeePerGas: UInt256(try number("maxFeePerGas"))))
      let signed = try transaction.signed(with: key(try #require(file["privateKey"]?.string)))
      #expect(Hex.encodePrefixed(signed.bytes) == vector["txData"]?.string)
    }
    #expect(vectors.count == 5)
  }

  /// wevm/viem (MIT), src/celo/serializers.test.ts at commit 15735c3: serialized and signed CIP-64 transaction.
  @Test func signsTheExampleOfCIP64InViem() throws {
    let transaction = EVMTransaction(
      chainID: 42220, nonce: 1, gasLimit: 0, to: try address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
      value: UInt256(1_000_000_000_000_000_000), data: [],
      fee: .celoDynamic(
        maxPriorityFeePerGas: UInt256(2_000_000_000), maxFeePerGas: UInt256(2_000_000_000),
        feeCurrency: try address("0x765de816845861e75a25fca122bb6898b8b1282a")))
    let signed = try transaction.signed(
      with: key("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"))
    #expect(
      Hex.encodePrefixed(signed.bytes)
        == "0x7bf88782a4ec01847735940084773594008094f39fd6e51aad88f6f4ce6ab8827279cfffb92266880de0b6b3a764000080c0947"
        + "65de816845861e75a25fca122bb6898b8b1282a01a087a588ffb7bec68b00d264932305b3badc3bfba2f48e9d3d916d038e1bb831a5"
        + "a077e665b35849c636b52b3cc205acb98141b4a582fb84a7181e048dc5473c6d6d")
  }

  /// Vectors whose chain ids are not pinned: ethers.js on chain 223, and Klaytn's documentation on chain 1.
  @Test(arguments: [
    ("eth", "ethers random-1: chainId 223"), ("klay", "Klaytn documentation: TxTypeLegacyTransaction"),
  ])
  func signsTheVectorsOfOtherChainIDs(file: String, name: String) throws {
    let vector = try #require(
      try EVMVectors.vectors("transactions/\(file)").first { $0["name"]?.string == name })
    let unsigned = try #require(vector["unsigned"])
    func quantity(_ member: String) throws -> UInt256 {
      try #require(try EVMQuantity.read(try EVMVectors.value(unsigned[member]), member: member))
    }
    let transaction = EVMTransaction(
      chainID: try #require(unsigned["chainId"]?.uint64), nonce: try #require(unsigned["nonce"]?.uint64),
      gasLimit: try #require(try quantity("gas").uint64),
      to: try address(try #require(unsigned["to"]?.string)),
      value: try quantity("value"),
      data: try #require(Hex.decodePrefixed(try EVMVectors.value(unsigned["data"]?.string))),
      fee: .legacy(gasPrice: try quantity("gasPrice")))
    let signed = try transaction.signed(with: key(try #require(vector["privateKeys"]?.array?.first?.string)))
    #expect(Hex.encodePrefixed(signed.bytes) == vector["expected"]?["txData"]?.string)
    #expect(Hex.encodePrefixed(signed.hash) == vector["expected"]?["txId"]?.string)
  }

  @Test func countsIntrinsicGas() throws {
    #expect(EVMGas.intrinsic(isCreation: false, data: [], accessList: []) == 21000)
    let data: [UInt8] = [0, 0, 1, 0xFF]
    #expect(EVMGas.intrinsic(isCreation: false, data: data, accessList: []) == 21000 + 8 + 32)
    #expect(EVMGas.intrinsic(isCreation: true, data: data, accessList: []) == 53000 + 8 + 32)
    let slot = [UInt8](repeating: 0, count: 32)
    let contract = try address("0x3535353535353535353535353535353535353535")
    let accessList = [
      EVMAccessListEntry(address: contract, storageKeys: [slot, slot]),
      EVMAccessListEntry(address: contract, storageKeys: []),
    ]
    #expect(
      EVMGas.intrinsic(isCreation: true, data: data, accessList: accessList) == 53040 + 2 * 2400 + 2 * 1900)
  }

  private func address(_ text: String) throws -> EVMAddress {
    try EVMAddressForm.hexadecimal.read(text, member: "address")
  }

  private func key(_ hex: String) throws -> Secp256k1PrivateKey {
    try Secp256k1PrivateKey(SecretBytes(copying: try #require(Hex.decodePrefixed(hex))))
  }

  // MARK: Reading signed transactions

  /// The fields of a signed legacy transaction.
  static func fields(of signed: SignedTransaction) throws -> [RLP.Item] {
    guard case .list(let fields) = try RLP.decode(try #require(Hex.decodePrefixed(signed.txData))) else {
      throw RLP.DecodingError(reason: "not a list")
    }
    return fields
  }

  /// The address whose key signed `bytes`, of any type, recovered from the signature alone.
  static func recoveredSender(of bytes: [UInt8]) throws -> EVMAddress {
    let type = bytes[0] < 0xC0 ? bytes[0] : nil
    guard case .list(let fields) = try RLP.decode(type == nil ? bytes : Array(bytes.dropFirst())),
      fields.count > 8
    else { throw RLP.DecodingError(reason: "not a transaction") }
    let tail = try fields.suffix(3).map { item in
      guard case .bytes(let bytes) = item else { throw RLP.DecodingError(reason: "not a signature") }
      return try #require(UInt256(bigEndian: bytes))
    }
    var v = try #require(tail[0].uint64)
    var unsigned = Array(fields.dropLast(3))
    if type == nil {
      let chainID = (v - 35) / 2
      v = (v - 35) % 2
      unsigned += [.bytes(UInt256(chainID).minimalBytes), .bytes([]), .bytes([])]
    }
    let digest = Hash.keccak256((type.map { [$0] } ?? []) + RLP.encode(.list(unsigned)))
    let signature = try ECDSASignature(rs: tail[1].bytes32 + tail[2].bytes32, recoveryID: UInt8(v))
    // Half of the group order: EIP-2 takes no s above it.
    let half = UInt256(hex: "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0".utf8)
    #expect(tail[2] <= half ?? .zero)
    let publicKey = try #require(Secp256k1.recover(signature, digest: digest))
    return try #require(EVMAddress(publicKey: publicKey))
  }
}
