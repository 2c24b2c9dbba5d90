import Foundation
import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What the tests of XRP share: an account, a payment, and changes to it.
enum XRPSigning {
  static let secret = "shunwft7BwrFHdcXmAA87CazLsRMY"
  static let account = "rKHuaCVSzJCFh43ji9EvFAysmu1KHdMb8N"
  static let other = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"

  static let payment: JSONValue = [
    "TransactionType": "Payment", "Account": .string(account), "Destination": .string(other),
    "Amount": "1000000", "Fee": "12", "Sequence": 123, "LastLedgerSequence": 501, "Flags": 0,
  ]

  /// `payment` with members replaced, added, or taken away by nil.
  static func changed(_ changes: [(String, JSONValue?)]) -> JSONValue {
    var object = payment.object ?? JSONObject()
    for (name, value) in changes { object[name] = value }
    return .object(object)
  }

  static func sign(
    _ transaction: JSONValue, secret: String = secret, testnet: Bool = true,
    policy: SigningPolicy = SigningPolicy()
  ) throws -> SignedTransaction {
    try sign(text: String(decoding: transaction.encoded(), as: UTF8.self), secret, testnet, policy)
  }

  static func sign(
    text: String, _ secret: String = secret, _ testnet: Bool = true, _ policy: SigningPolicy = SigningPolicy()
  ) throws -> SignedTransaction {
    var signing = try TestSigning("XRP", testnet: testnet)
    signing.policy = policy
    return try signing.sign(signing.pending(text), keys: [signing.material(secret)])
  }

  /// Vectors that were made with another implementation.
  static func generated(_ chain: String) throws -> [JSONValue] {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors/generated/\(chain).json")
    return try #require(JSONValue(parsing: Array(Data(contentsOf: path)))["vectors"]?.array)
  }
}
