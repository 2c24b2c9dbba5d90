internal import KMSCrypto
internal import KMSPrimitives

/// An account of the XRP Ledger: 20 bytes, RIPEMD-160 of SHA-256 of the public key (33 bytes).
///
/// <https://xrpl.org/docs/references/protocol/data-types/base58-encodings>
package struct XRPAccount: Hashable, Sendable {
  package let bytes: [UInt8]

  /// The account whose master key has this public key.
  package init(publicKey: [UInt8]) { bytes = Hash.hash160(publicKey) }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads a classic address (`r…`: version 0, 20 bytes, checksum); nil when it is none.
  package init?(classic text: String) {
    guard let payload = Base58Check.decode(text, alphabet: .ripple), payload.count == 21, payload[0] == 0
    else { return nil }
    bytes = Array(payload.dropFirst())
  }

  /// The classic address.
  package var address: String { Base58Check.encode([0] + bytes, alphabet: .ripple) }

  /// An X-address (XLS-5): an account, the network it is meant for, and a tag or none.
  package struct Extended {
    package let account: XRPAccount
    package let tag: UInt32?
    let isTestnet: Bool

    private static let length = 2 + 20 + 1 + 8
    private static let mainnetPrefix: [UInt8] = [0x05, 0x44]
    private static let testnetPrefix: [UInt8] = [0x04, 0x93]

    /// Reads an X-address; nil when it is none, or has a tag of 64 bits, which are reserved.
    package init?(_ text: String) {
      guard let payload = Base58Check.decode(text, alphabet: .ripple), payload.count == Self.length else {
        return nil
      }
      switch Array(payload[..<2]) {
      case Self.mainnetPrefix: isTestnet = false
      case Self.testnetPrefix: isTestnet = true
      default: return nil
      }
      account = XRPAccount(bytes: Array(payload[2..<22]))
      let rest = payload[23...]
      guard rest.suffix(4).allSatisfy({ $0 == 0 }) else { return nil }
      let value = UInt32(littleEndianBytes: rest.prefix(4))
      switch payload[22] {
      case 0 where value == 0: tag = nil
      case 1: tag = value
      default: return nil
      }
    }
  }
}
