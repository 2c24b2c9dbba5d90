internal import KMSChains
public import KMSCrypto
internal import KMSPrimitives

/// What the text of a private key was taken for, before it becomes a wallet.
public struct AcceptedKey: Sendable {
  /// The key in the text form that the vault keeps.
  public var text: SecretBytes
  /// What a person should know beside the address, in sentences without the secret.
  public var remarks: [String] = []
  /// Why the address must be expected or confirmed before the key is stored; nil when the text checks itself.
  public var doubt: String?
  /// What else the same text may be.
  public var otherReadings: [OtherReading] = []

  /// Takes a text as it is.
  public init(_ text: SecretBytes) { self.text = text }
}

/// Something else that has the same form as a private key.
public struct OtherReading: Sendable {
  /// Its address, to be shown; nil where that is the text itself in another spelling, which may be secret.
  public let shownAddress: String?
  /// A sentence that says so.
  public let meaning: String
  /// What the text is when that address was expected: after "the text is".
  let kind: String
  /// What to do then.
  public let advice: String
  /// Whether it is public.
  public let isPublic: Bool
  private let has: @Sendable (_ address: String) -> Bool

  /// Whether a canonical address is that of this reading.
  public func has(address: String) -> Bool { has(address) }

  /// A reading whose address is shown.
  static func other(
    address: String, meaning: String, kind: String, advice: String
  ) -> OtherReading {
    OtherReading(
      shownAddress: address, meaning: meaning, kind: kind, advice: advice, isPublic: false,
      has: { $0 == address })
  }

  /// What the text is when its address is the one that was expected.
  public func verdict(_ address: String) -> String { "the text is \(kind) \(address)" }

  /// The text is a public key, which everybody can read.
  static func publicKey(of address: String) -> OtherReading {
    publicKey(shown: address) { $0 == address }
  }

  /// The same where the address is the key itself in another spelling.
  ///
  /// - Parameter decode: the bytes that a canonical address stands for; nil for no address.
  static func publicKey(
    _ key: SecretBytes, decode: @escaping @Sendable (_ address: String) -> [UInt8]?
  ) -> OtherReading {
    publicKey(shown: nil) { address in
      decode(address).map { bytes in key.withBytes { $0.elementsEqual(bytes) } } ?? false
    }
  }

  private static func publicKey(
    shown: String?, has: @escaping @Sendable (_ address: String) -> Bool
  ) -> OtherReading {
    OtherReading(
      shownAddress: shown, meaning: "a text of this form may be a public key, which everybody can read",
      kind: "the public key of", advice: "the wallet that shows this public key has the private key, too",
      isPublic: true, has: has)
  }
}

/// What a person says about a private key that the program can't see.
public struct KeyAssurance: Sendable {
  /// The key really has fewer digits than any that is made at random.
  public var isShort = false

  /// Says nothing.
  public init() {}
}
