import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// The vectors of Tests/Chains/Vectors for the Bitcoin family, and what it takes to sign one.
enum BitcoinVectors {
  static let chains = ["BTC", "LTC", "DOGE", "BCH"]

  struct Vector: Sendable, CustomTestStringConvertible {
    let chain: String
    let json: JSONValue
    var name: String { json["name"]?.string ?? "" }
    var testnet: Bool { json["testnet"]?.bool ?? false }
    var testDescription: String { "\(chain): \(name)" }
  }

  static func wallets(_ chains: [String] = chains) -> [Vector] { load("wallets", chains) }
  static func transactions(_ chains: [String] = chains) -> [Vector] { load("transactions", chains) }

  static func parameters(_ chain: String) throws -> BitcoinParameters {
    try #require(ChainRegistry.chains[chain] as? any BitcoinFamilyChain).parameters
  }

  private static func load(_ folder: String, _ chains: [String]) -> [Vector] {
    chains.flatMap { chain -> [Vector] in
      let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/\(folder)/\(chain.lowercased()).json")
      guard let data = try? Data(contentsOf: path), let json = try? JSONValue(parsing: data) else {
        return []
      }
      return (json["vectors"]?.array ?? []).map { Vector(chain: chain, json: $0) }
    }
  }
}

/// Signs as kms-sign does: references first, then one key for each.
struct TestSigning {
  static let walletID = "11111111-1111-1111-1111-111111111111"

  let chain: SigningChain
  var testnet = true
  var policy = SigningPolicy()
  var context: JSONValue = [:]

  init(_ name: String, testnet: Bool = true) throws {
    chain = try #require(SigningRegistry.chains[name])
    self.testnet = testnet
    // What the original signed had nothing that proved the amounts.
    policy.trustAmounts = true
  }

  func pending(_ serialized: String, hashes: [String] = [walletID]) -> JSONValue {
    [
      "id": "60f69e3b55e578bb94693bdd", "chain": .string(chain.name),
      "hashes": .array(hashes.map(JSONValue.string)), "serializedTransaction": .string(serialized),
    ]
  }

  func material(_ text: String) throws -> PrivateKeyMaterial {
    try chain.wallets.key(
      kind: .privateKey, secret: SecretBytes(copying: text.utf8), index: nil, testnet: testnet)
  }

  func sign(_ pending: JSONValue, keys: [PrivateKeyMaterial]) throws -> SignedTransaction {
    try sign(pending) { _ in keys.map { ($0, nil) } }
  }

  func sign(_ pending: JSONValue, mnemonic: String) throws -> SignedTransaction {
    try sign(pending) { references in
      try references.map {
        let secret = try SecretBytes(copying: mnemonic.utf8)
        return (
          try chain.wallets.key(kind: .mnemonic, secret: secret, index: $0.index, testnet: testnet), $0.index
        )
      }
    }
  }

  private func sign(
    _ pending: JSONValue, _ keys: ([KeyReference]) throws -> [(PrivateKeyMaterial, UInt32?)]
  ) throws -> SignedTransaction {
    let pending = try PendingTransaction(pending, chain: chain.name)
    let keys = try keys(chain.keyReferences(of: pending)).map {
      SigningKey(reference: KeyReference(signatureID: Self.walletID, index: $0.1), privateKey: $0.0)
    }
    return try chain.sign(
      SigningCase(
        pending: pending, testnet: testnet, context: context, keys: keys, policy: policy, unixTime: 0))
  }
}

extension SecretBytes {
  /// The text of a secret, for comparison with vectors.
  var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

  convenience init(_ text: String) throws { try self.init(copying: text.utf8) }
}

/// Composes the JSON of bitcore for tests.
struct TestTransaction {
  struct Input {
    var id: String
    var index = 0
    var sequence: UInt32 = 0xffff_ffff
    var value: UInt64
    var script: [UInt8]
    var extra: [(String, JSONValue)] = []
  }

  var version: UInt32 = 2
  var inputs: [Input]
  var outputs: [(value: UInt64, script: [UInt8])]
  var lockTime: UInt32 = 0
  var extra: [(String, JSONValue)] = []

  var json: JSONValue {
    var object = JSONObject()
    object["version"] = .number(JSONNumber(version))
    object["inputs"] = .array(
      inputs.map {
        var input = JSONObject()
        input["prevTxId"] = .string($0.id)
        input["outputIndex"] = .number(JSONNumber($0.index))
        input["sequenceNumber"] = .number(JSONNumber($0.sequence))
        input["script"] = ""
        input["scriptString"] = ""
        input["output"] = [
          "satoshis": .number(JSONNumber($0.value)), "script": .string(Hex.encode($0.script)),
        ]
        for (name, value) in $0.extra { input[name] = value }
        return .object(input)
      })
    object["outputs"] = .array(
      outputs.map {
        ["satoshis": .number(JSONNumber($0.value)), "script": .string(Hex.encode($0.script))]
      })
    object["nLockTime"] = .number(JSONNumber(lockTime))
    for (name, value) in extra { object[name] = value }
    return .object(object)
  }

  var text: String { String(decoding: json.encoded(), as: UTF8.self) }
}

/// SplitMix64: equal numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
