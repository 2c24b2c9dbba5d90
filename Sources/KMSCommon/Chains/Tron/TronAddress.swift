internal import KMSCrypto
internal import KMSPrimitives

/// An account or contract of TRON: the byte 0x41 and the 20 bytes of an Ethereum address (TRON documentation,
/// "Accounts").
package struct TronAddress: Hashable, Sendable {
  /// The 21 bytes.
  package let bytes: [UInt8]

  /// The first byte of every address, on mainnet and on all test networks.
  package static let prefix: UInt8 = 0x41

  /// Takes 21 bytes; nil for any other count or first byte.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 21, bytes.first == Self.prefix else { return nil }
    self.bytes = Array(bytes)
  }

  /// The address of a secp256k1 public key (33 or 65 bytes); nil when it is no point.
  package init?(publicKey: [UInt8]) {
    guard let address = EVMAddress(publicKey: publicKey) else { return nil }
    bytes = [Self.prefix] + address.bytes
  }

  /// Reads the Base58Check text `T…`, 34 characters; nil for anything else.
  package init?(text: String) {
    guard text.utf8.count == 34, let bytes = Base58Check.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// Reads 42 hexadecimal digits in either case; nil for anything else.
  package init?(hex: String) {
    guard hex.utf8.count == 42, let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The Base58Check text `T…`.
  package var text: String { Base58Check.encode(bytes) }
}
