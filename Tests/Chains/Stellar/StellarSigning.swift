import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What the tests of XLM share.
enum StellarSigning {
  static let secret = "SCFCTIS5326CRI3XFFBEWGXFWZK3HTUFI2AOI5IJUZAX2W5KM2PXIFIQ"
  static let account = "GA2BFJULHTWRXPAT57GGZ6GC44A3OGMNL3HY2NPFOOVU5SJOL4XELKO7"

  /// The example of the reference: a payment of 1 XLM, valid until 1700000300.
  static let payment =
    "AAAAAgAAAAA0EqaLPO0bvBPvzGz4wucBtxmNXs+NNeVzq07JLl8uRQAAAGQAAAAAAAAAfAAAAAEAAAAAAAAAAAAAAABlU/IsAAAAAAAAAAEA"
    + "AAAAAAAAAQAAAAB4cSqsZ6VX1k78i4l8dKaF1RJP3l1TOObemLF+fA+NzAAAAAAAAAAAAJiWgAAAAAAAAAAA"

  static func sign(
    _ envelope: String, secret: String = secret, testnet: Bool = true, passphrase: String? = nil,
    policy: SigningPolicy = SigningPolicy(), unixTime: Int64 = 0
  ) throws -> SignedTransaction {
    let signing = try TestSigning("XLM", testnet: testnet)
    let key = SigningKey(
      reference: KeyReference(signatureID: TestSigning.walletID, index: nil),
      privateKey: try signing.material(secret))
    let request = SigningCase(
      pending: try PendingTransaction(signing.pending(envelope), chain: "XLM"), testnet: testnet,
      context: [:],
      keys: [key], policy: policy, unixTime: unixTime)
    guard let passphrase else { return try SigningChain.stellar.sign(request) }
    // The vectors of another network.
    return try StellarChain().read(request.pending, testnet: testnet).prepare(
      SigningRequest(context: [:], keys: [key], policy: policy, now: unixTime), passphrase: passphrase
    ).sign(nonce: nil)
  }

  static func sign(_ bytes: [UInt8], policy: SigningPolicy = SigningPolicy()) throws -> SignedTransaction {
    try sign(Base64.encode(bytes), policy: policy)
  }

  static func publicKey() throws -> [UInt8] { try #require(StrKey.publicKey(ofAddress: account)) }
}

/// Composes XDR for tests.
struct XDR {
  var bytes: [UInt8] = []

  static func u32(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  static func u64(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  static func account(_ key: [UInt8]) -> [UInt8] { u32(0) + key }

  /// A V1 envelope of `source` with these operations (each from its optional source account on).
  static func envelope(
    source: [UInt8], fee: UInt32 = 100, preconditions: [UInt8] = u32(0), operations: [[UInt8]],
    tail: [UInt8] = []
  ) -> [UInt8] {
    let head = u32(2) + account(source) + u32(fee) + u64(1) + preconditions + u32(0)
    let body = u32(UInt32(operations.count)) + operations.flatMap { $0 }
    return head + body + u32(0) + u32(0) + tail
  }

  static let inflation: [UInt8] = u32(0) + u32(9)
}
