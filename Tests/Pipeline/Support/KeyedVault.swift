import Foundation
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets

/// A vault with published test keys in a folder of its own, made with the library; removed when the test is over.
final class KeyedVault {
  static let password = "correct horse battery staple"

  /// Keys of the reference's vectors; never fund them.
  enum TestKey {
    static let eth = "0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb"
    static let ethAddress = "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"
    /// The first input of the two-key BTC transaction.
    static let btcFirst = "cMcqYKJg1ozTgRBs1X8xdAgEHeRs12TRhqraQ7YKxZ3Ldwc28Ax7"
    static let btcSecond = "cQ1YZMep3CiAnMTA9y62ha6BjGaaTFsTvtDuGmucGvpAVmS89khV"
    static let mnemonic =
      "quantum tobacco key they maid mean crime youth chief jungle mind design broken tilt bus shoulder leaf good "
      + "forward erupt split divert bread kitten"
  }

  let folder: URL
  let vault: Vault
  var path: String { folder.appendingPathComponent("wallet.dat").path }
  var journal: String { folder.appendingPathComponent("journal.db").path }
  var passwordFile: String { folder.appendingPathComponent("password").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("kms-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    vault = try Vault.create(
      at: folder.appendingPathComponent("wallet.dat").path,
      password: SecretBytes(copying: Array(Self.password.utf8)), cost: .floor)
    try write("password", Self.password)
    try Journal.make(at: journal, of: vault, now: 1_700_000_000)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes a file that only its owner may read; returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let path = folder.appendingPathComponent(name).path
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteUnknown) }
    return path
  }

  /// Stores a private key and returns its signature ID.
  @discardableResult
  func add(_ chain: String, key: String, testnet: Bool = true, id: String? = nil) throws -> String {
    let scheme = try scheme(chain)
    let wallet = try scheme.wallet(privateKey: SecretBytes(copying: Array(key.utf8)), testnet: testnet)
    return try vault.add(wallet, chain: chain, testnet: testnet, signatureID: id).signatureID
  }

  /// Stores a mnemonic and returns its signature ID.
  func add(_ chain: String, mnemonic: String, testnet: Bool = true) throws -> String {
    let wallet = try scheme(chain).wallet(
      mnemonic: SecretBytes(copying: Array(mnemonic.utf8)), testnet: testnet)
    return try vault.add(wallet, chain: chain, testnet: testnet).signatureID
  }

  private func scheme(_ chain: String) throws -> any SigningWallets {
    guard let chain = SigningRegistry.chains[chain] else { throw CocoaError(.featureUnsupported) }
    return chain.wallets
  }

  /// Runs a stage with its key on descriptor 5.
  func run(
    _ stage: String, key: StageKey.Kind? = nil, _ arguments: [String] = [], input: String,
    environment: [String: String] = [:]
  ) throws -> ProgramProcess.Result {
    guard let key else {
      return try ProgramProcess.run(
        stage, arguments, input: Array(input.utf8), environment: environment, timeoutSeconds: 120)
    }
    let handed = try KeyPipe(vault.key(for: key))
    return try ProgramProcess.run(
      stage, arguments + ["--key-fd", "5"], input: Array(input.utf8), environment: environment,
      descriptors: [5: handed.descriptor], timeoutSeconds: 120)
  }

  /// Runs kms-sign on this vault with its key.
  func sign(_ lines: [String], _ arguments: [String] = []) throws -> ProgramProcess.Result {
    try run("kms-sign", key: .vault, ["--path", path] + arguments, input: lines.map { $0 + "\n" }.joined())
  }
}

/// A pipe that holds one key line.
final class KeyPipe {
  let descriptor: Int32

  init(_ key: consuming StageKey) throws {
    let pipe = Pipe()
    let line = try key.line()
    line.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
      pipe.fileHandleForWriting.write(Data(bytes))
    }
    try pipe.fileHandleForWriting.close()
    descriptor = dup(pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForReading.close()
  }

  deinit { close(descriptor) }
}

extension ProgramProcess.Result {
  /// Standard output as records.
  var records: [Record] {
    get throws {
      try outputLines.map { try Record(parsing: Array($0.utf8)[...], chains: ChainRegistry.names) }
    }
  }
}

extension Record {
  /// The record's line without its newline.
  var line: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }
}

/// Records as kms-fetch makes them.
enum SampleRecord {
  /// An ETH transfer of `value` wei.
  static func eth(
    _ id: String, wallet: String, value: String = "1000000000000000", nonce: Int = 0, testnet: Bool = true,
    index: Int? = nil, from: String = KeyedVault.TestKey.ethAddress, gasPrice: String = "25000000000"
  ) throws -> Record {
    let transaction: JSONValue = [
      "from": 0, "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": .string(value),
    ]
    var pending = JSONObject()
    pending["id"] = .string(id)
    pending["chain"] = "ETH"
    pending["hashes"] = [.string(wallet)]
    pending["serializedTransaction"] = .string(transaction.text)
    pending["index"] = index.map { .number(JSONNumber($0)) } ?? .null
    pending["withdrawalId"] = .null
    var record = try Record(id: id, chain: "ETH", testnet: testnet, pending: .object(pending))
    record["context"] = [
      "from": .string(from), "chainId": testnet ? "11155111" : "1", "nonce": .string(String(nonce)),
      "gas": "21000", "gasPrice": .string(gasPrice),
    ]
    return record
  }

  /// The published BTC transaction whose two inputs (P2PKH and P2WPKH) belong to two keys.
  static func btcOfTwoKeys(_ id: String, wallets: [String]) throws -> (
    record: Record, txData: String, txID: String
  ) {
    let vectors = try SourceTree.transactionVectors("BTC")
    let vector = vectors.first { $0["name"]?.string?.hasPrefix("mixed P2PKH and P2WPKH") == true } ?? .null
    var pending = JSONObject()
    pending["id"] = .string(id)
    pending["chain"] = "BTC"
    pending["hashes"] = .array(wallets.map(JSONValue.string))
    pending["serializedTransaction"] = vector["pending"]?["serializedTransaction"]
    return (
      try Record(id: id, chain: "BTC", testnet: true, pending: .object(pending)),
      vector["expected"]?["txData"]?.string ?? "", vector["expected"]?["txId"]?.string ?? ""
    )
  }
}
