import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads the file `name` of Tests/Crypto/Vectors.
func vectorFile(_ name: String) throws -> JSONValue {
  let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Vectors/\(name).json")
  return try JSONValue(parsing: Data(contentsOf: url))
}

/// Reads the member `vectors` of such a file.
func vectors(_ name: String, _ list: String = "vectors") throws -> [JSONValue] {
  try #require(vectorFile(name)[list]?.array)
}

extension JSONValue {
  /// The text of the member `name`.
  func text(_ name: String) throws -> String { try #require(self[name]?.string, "\(name) is missing") }
  /// The bytes of the hexadecimal member `name`.
  func bytes(_ name: String) throws -> [UInt8] {
    try #require(Hex.decode(text(name)), "\(name) is not hexadecimal")
  }
  /// The number in the member `name`.
  func integer(_ name: String) throws -> Int { Int(try #require(self[name]?.uint64, "\(name) is missing")) }
  /// The same bytes as a secret.
  func secret(_ name: String) throws -> SecretBytes { try SecretBytes(copying: bytes(name)) }
}

extension SecretBytes {
  /// For comparison with what a vector says.
  var hex: String { withUnsafeBytes { Hex.encode($0) } }
  /// For comparison with what a vector says.
  var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  /// A secret from text.
  convenience init(_ text: String) throws { try self.init(copying: text.utf8) }
  /// A secret from hexadecimal text.
  convenience init(hex: String) throws { try self.init(copying: #require(Hex.decode(hex))) }
}
