import Foundation
import KMSChains
import KMSCrypto
import KMSSigning

/// Composes envelopes of Stellar in XDR.
enum StellarXDR {
  /// The reference's account, and another one; never fund them.
  static let secret = "SCFCTIS5326CRI3XFFBEWGXFWZK3HTUFI2AOI5IJUZAX2W5KM2PXIFIQ"
  static let otherSecret = "SCTRMMFOLRWTR4TKGC7JHY427TOUTRLUGDPRUONQSYAUMXNZX6I7PS2G"

  /// An end that kms-sign takes, in Unix time: an hour from the start of the tests.
  static let soon = UInt64(Date().timeIntervalSince1970) + 3600

  static func publicKey(_ secret: String) throws -> [UInt8] {
    guard let chain = SigningRegistry.chains["XLM"] else { throw CocoaError(.featureUnsupported) }
    let text = try SecretBytes(copying: Array(secret.utf8))
    return try chain.wallets.key(kind: .privateKey, secret: text, index: nil, testnet: true).publicKey
  }

  static func account(_ secret: String) throws -> String {
    guard let chain = SigningRegistry.chains["XLM"] else { throw CocoaError(.featureUnsupported) }
    let text = try SecretBytes(copying: Array(secret.utf8))
    return try chain.wallets.key(kind: .privateKey, secret: text, index: nil, testnet: true).address
  }

  /// A payment of the account of `secret`.
  static func payment(
    sequence: Int64, stroops: Int64 = 5, fee: UInt32 = 100, minTime: UInt64 = 0, maxTime: UInt64? = nil,
    to: [UInt8]? = nil, operationSource: [UInt8]? = nil
  ) throws -> String {
    let conditions = maxTime.map { u32(1) + u64(minTime) + u64($0) } ?? u32(0)
    let source = operationSource.map { u32(1) + u32(0) + $0 } ?? u32(0)
    let destination = try to ?? publicKey(otherSecret)
    let operation = source + u32(1) + u32(0) + destination + u32(0) + u64(UInt64(bitPattern: stroops))
    let head = try u32(2) + u32(0) + publicKey(secret) + u32(fee) + u64(UInt64(bitPattern: sequence))
    return Base64.encode(head + conditions + u32(0) + u32(1) + operation + u32(0) + u32(0))
  }

  /// A fee bump around a V1 envelope, paid by the account of `otherSecret`.
  static func feeBump(_ inner: String, fee: Int64) throws -> String {
    let head = try u32(5) + u32(0) + publicKey(otherSecret) + u64(UInt64(bitPattern: fee))
    return Base64.encode(head + (Base64.decode(inner) ?? []) + u32(0) + u32(0))
  }

  private static func u32(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func u64(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}
