internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Synchronization

@testable internal import KMSChains
@testable internal import KMSSigning

extension FuzzTarget {
  /// Each chain from the pending transaction to the signature.
  ///
  /// The input is a JSON object: `chain`, `testnet`, `time`, `policy` (bits), `keys` (text forms), `pending`, `context`.
  /// In `pending`, `serializedTransaction` may be JSON itself, to spare the fuzzer the escapes.
  static let chains: [FuzzTarget] = [
    chain("btc", ["BTC", "LTC", "DOGE"]), chain("bch", ["BCH"]),
    chain("evm", ["ETH", "BSC", "MATIC", "XDC", "CELO", "KLAY", "KCS", "ONE"]),
    chain("tron", ["TRON"]), chain("vet", ["VET"]), chain("bnb", ["BNB"]), chain("xrp", ["XRP"]),
    chain("xlm", ["XLM"]), chain("sol", ["SOL"]), chain("algo", ["ALGO"]), chain("egld", ["EGLD"]),
    chain("flow", ["FLOW"]), chain("ada", ["ADA"]),
  ]

  private static func chain(_ name: String, _ chains: [String]) -> FuzzTarget {
    FuzzTarget(name, isJSON: true, maximumLength: 8192) { input throws(FuzzFailure) in
      guard let json = try? JSONValue(parsing: input), let name = json["chain"]?.string,
        chains.contains(name), let chain = SigningRegistry.chains[name]
      else { return }
      let fuzzing = ChainFuzzing(chain: chain, json: json)
      do {
        guard let request = try fuzzing.request() else { return }
        try fuzzing.sign(request, inputCount: input.count)
      } catch let failure as FuzzFailure {
        throw failure
      } catch let error as ChainError {
        try require(!error.message.isEmpty, "an error without words")
        try require(error.message.utf8.count < 2000, "an error of \(error.message.utf8.count) bytes")
      } catch let error {
        throw FuzzFailure("\(chain.name) threw \(type(of: error)): \(error)")
      }
    }
  }
}

/// One input of a chain's target.
private struct ChainFuzzing {
  let chain: SigningChain
  let json: JSONValue

  /// The request, as kms-sign makes it; nil when there are no keys for it.
  func request() throws -> SigningCase? {
    guard let pendingJSON = pending() else { return nil }
    let testnet = json["testnet"]?.bool ?? false
    let keys = (json["keys"]?.array ?? []).prefix(16).compactMap { $0.string }
      .compactMap { KeyCache.shared.key($0, chain, testnet: testnet) }

    let pending = try PendingTransaction(pendingJSON, chain: chain.name)
    let references = try chain.keyReferences(of: pending)
    try require(references.count <= 1 + pendingJSON.encoded().count, "more keys than bytes")
    let wallet = keys.first.map {
      WalletView(
        signatureID: "26d3883e-4e17-48b3-a0ee-09a3e484ac83", chain: chain.name, testnet: testnet,
        kind: .privateKey, address: $0.address, publicKey: Hex.encode($0.publicKey))
    }
    let intent = try chain.read(pending, testnet: testnet)
    try require(intent.keyReferences == references, "\(chain.name): other keys than before reading")
    _ = intent.summary
    _ = try intent.needs(wallet: wallet)
    guard !keys.isEmpty else { return nil }

    let policy = json["policy"]?.uint64 ?? 0
    var request = SigningCase(
      pending: pending, testnet: testnet, context: json["context"] ?? [:],
      keys: references.enumerated().map {
        SigningKey(reference: $0.element, privateKey: keys[$0.offset % keys.count])
      },
      unixTime: json["time"]?.number?.int64 ?? 1_700_000_000)
    request.policy.allowDelegatedKeys = policy & 1 != 0
    request.policy.allowAccountControl = policy & 2 != 0
    request.policy.allowCustomScripts = policy & 4 != 0
    request.policy.bchECDSA = policy & 8 != 0
    request.policy.trustAmounts = policy & 16 == 0
    _ = chain.currentHeight(in: request.context)
    return request.numbered(by: chain)
  }

  private func pending() -> JSONValue? {
    guard var pending = json["pending"]?.object else { return nil }
    if var inner = pending["serializedTransaction"], inner.string == nil {
      if chain.name == "TRON" { inner = TronFuzzing.withID(inner) }
      pending["serializedTransaction"] = .string(String(decoding: inner.encoded(), as: UTF8.self))
    }
    if pending["id"] == nil { pending["id"] = "61dceae734e9c028cc7fc59c" }
    return .object(pending)
  }

  /// Signs twice: the same bytes must come out, of a size that the input explains, with the id that belongs to them.
  func sign(_ request: SigningCase, inputCount: Int) throws {
    let signed = try chain.sign(request)
    try require(signed == chain.sign(request), "\(chain.name): two signatures of one request differ")
    try require(
      signed.txData.utf8.count <= 65_536 + 16 * inputCount,
      "\(chain.name): \(signed.txData.utf8.count) bytes of \(inputCount)")
    try TransactionIDs.check(signed, request, chain: chain.name)
  }
}

/// A TRON transaction is refused at once unless its id is the hash of its bytes, which no fuzzer finds.
private enum TronFuzzing {
  /// `json` with the right `txID` in the place of `"auto"`.
  static func withID(_ json: JSONValue) -> JSONValue {
    guard var object = json.object, object["txID"]?.string == "auto",
      let raw = object["raw_data_hex"]?.string.flatMap({ Hex.decode($0) })
    else { return json }
    object["txID"] = .string(Hex.encode(Hash.sha256(raw)))
    return .object(object)
  }
}

/// Keys of text forms that were read before: the fuzzer changes other things most of the time.
private final class KeyCache: Sendable {
  static let shared = KeyCache()

  private struct Name: Hashable {
    let chain: String
    let text: String
    let testnet: Bool
  }

  private let keys = Mutex<[Name: PrivateKeyMaterial?]>([:])

  func key(_ text: String, _ chain: SigningChain, testnet: Bool) -> PrivateKeyMaterial? {
    keys.withLock { keys in
      let name = Name(chain: chain.name, text: text, testnet: testnet)
      if let known = keys[name] { return known }
      if keys.count > 500 { keys.removeAll() }
      let key = (try? SecretBytes(copying: text.utf8)).flatMap {
        try? chain.wallets.key(kind: .privateKey, secret: $0, index: nil, testnet: testnet)
      }
      keys[name] = key
      return key
    }
  }
}
