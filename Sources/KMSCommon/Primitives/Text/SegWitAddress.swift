/// Addresses of witness programs: version 0 in Bech32 (BIP-173), later ones in Bech32m (BIP-350).
public enum SegWitAddress {
  /// Returns the address; nil when version (0 to 16) or program length (2 to 40, for version 0: 20 or 32) is not
  /// allowed, or the address would be longer than 90 characters.
  public static func encode(hrp: String, version: Int, program: [UInt8]) -> String? {
    guard isAllowed(version, program), let data = Bech32.convertBits(program, from: 8, to: 5, pad: true)
    else {
      return nil
    }
    let text = Bech32.encode(
      hrp: hrp, data: [UInt8(version)] + data, variant: version == 0 ? .bech32 : .bech32m)
    return text.flatMap { $0.utf8.count <= 90 ? $0 : nil }
  }

  /// Returns version and program of an address; nil when it is none, has another prefix than `hrp`, or the checksum
  /// of the other variant.
  public static func decode(_ text: String, hrp: String) -> (version: Int, program: [UInt8])? {
    guard let decoded = Bech32.decode(text), decoded.hrp == hrp.lowercased(),
      let version = decoded.data.first,
      let program = Bech32.convertBits(Array(decoded.data.dropFirst()), from: 5, to: 8, pad: false),
      isAllowed(Int(version), program), decoded.variant == (version == 0 ? .bech32 : .bech32m)
    else { return nil }
    return (Int(version), program)
  }

  private static func isAllowed(_ version: Int, _ program: [UInt8]) -> Bool {
    guard (0...16).contains(version), (2...40).contains(program.count) else { return false }
    return version != 0 || program.count == 20 || program.count == 32
  }
}
