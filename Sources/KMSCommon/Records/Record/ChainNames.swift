internal import KMSPrimitives

/// The names of the blockchains that a program knows, as Tatum writes them.
///
/// Records do not know any themselves: the chains give their names (`ChainRegistry.names` in KMSChains), and who reads
/// records says which it takes.
public struct ChainNames: Sendable {
  /// The names, in the order of the registry.
  public let all: [String]

  private let keys: [JSONNameKey]

  /// Takes the names of a registry.
  public init(_ all: [String]) {
    self.all = all
    keys = all.map { JSONNameKey($0) }
  }

  /// Whether one of them is `name`. Bytes are compared: Swift's == takes U+212A KELVIN SIGN for a K.
  public func contains(_ name: String) -> Bool {
    let key = JSONNameKey(name)
    return keys.indices.contains { keys[$0] == key && all[$0].hasSameBytes(as: name) }
  }

  /// What a name of a chain looks like: 2 to 10 capital letters and digits of ASCII.
  public static func isName(_ text: String) -> Bool {
    (2...10).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
  }
}
