internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Texts that everybody may read, pasted where a secret belongs.
enum PublicText {
  /// What a text is, in a sentence; nil when it is none of these.
  static func explain(_ text: SecretBytes, chain: String) throws -> String? {
    if let body = try withoutScheme(text), let finding = try explain(body, chain: chain) { return finding }
    for prefix in ["xpub", "ypub", "zpub", "tpub", "upub", "vpub", "Ltub", "Mtub", "ttub", "dgub"]
    where text.hasPrefix(prefix) && text.count == 111 {
      return
        "this is an extended public key, which signs nothing: the wallet that shows it has words or a private key, too"
    }
    if try isPublicKey(text) { return "this is a public key, which everybody can read, and no private key" }
    if let owner = try address(text, chain) {
      return "this is an address (such as those of \(owner)), which is public, and no private key"
    }
    if text.hasPrefix("41"), text.count == 42, try text.hexDecoded() != nil {
      return "this is an address of TRON in hexadecimal digits, which is public, and no private key"
    }
    if let what = try stellar(text) {
      return "this is \(what) of Stellar, which is public, and no private key"
    }
    if let prefix = Bech32Secret.prefix(text), !SecretText.isSecret(prefix: prefix) {
      return
        "this begins with \(prefix)1 and is an address, a public key or a hash, which is public, and no private key"
    }
    if isSignatureID(text) {
      return "this is a signature ID, which names a wallet of a vault, and no private key"
    }
    return nil
  }

  /// What follows `bitcoin:`, `ethereum:` and the like in a payment request, without what follows the address.
  private static func withoutScheme(_ text: SecretBytes) throws -> SecretBytes? {
    let range: Range<Int>? = text.withBytes { bytes in
      guard let colon = bytes.firstIndex(where: { $0 == UInt8(ascii: ":") }), (3...16).contains(colon),
        bytes.extracting(..<colon).allSatisfy({ (97...122).contains($0 | 32) || $0 == UInt8(ascii: "+") })
      else { return nil }
      let slashes = bytes.extracting((colon + 1)...).prefixCount { $0 == UInt8(ascii: "/") }
      let start = colon + 1 + slashes
      let length = bytes.extracting(start...).prefixCount {
        $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "@")
      }
      return length > 0 ? start..<start + length : nil
    }
    return try range.map { try text.slice($0) }
  }

  /// Whether the digits are a point of secp256k1, in 33 or 65 bytes, or in 64 without the mark; or a public key of the XRP
  /// Ledger in Base58.
  private static func isPublicKey(_ text: SecretBytes) throws -> Bool {
    if let bytes = try text.hexDecoded() {
      let first = bytes.withBytes { $0.first }
      // 64 bytes may be a secret of another chain.
      var point = bytes.withBytes { bytes in
        switch (bytes.count, first) {
        case (33, 2), (33, 3), (65, 4): Array(bytes)
        case (64, _): [4] + Array(bytes)
        default: [UInt8]()
        }
      }
      defer { point.wipe() }
      return Secp256k1.compressed(point) != nil
    }
    guard (50...54).contains(text.count), let bytes = try Base58Check.decodeSecret(text, alphabet: .ripple)
    else {
      return false
    }
    // The marks of node and account public keys, n… and aB….
    return bytes.count == 34 && bytes.withBytes { $0[0] == 0x1C || $0[0] == 0x23 }
  }

  /// A chain that writes addresses so, on either network; the one that was asked for, if it does.
  private static func address(_ text: SecretBytes, _ chain: String) throws -> String? {
    guard try AddressShape.isOne(text) else { return nil }
    let shown = text.withBytes { String(decoding: $0) }
    return ([chain, "BTC", "ETH"] + SigningRegistry.chains.keys.sorted()).first { name in
      guard let scheme = SigningRegistry.chains[name]?.wallets else { return false }
      return [false, true].contains { scheme.isAddress(shown, testnet: $0) }
    }
  }

  /// SEP-23: what a text in StrKey is by its first letter; secret seeds begin with S. The
  /// secrets of another chain look the same but for the checksum, so it is looked at where it is protected.
  private static func stellar(_ text: SecretBytes) throws -> String? {
    let kinds: [UInt8: String] = [
      UInt8(ascii: "G"): "an account", UInt8(ascii: "M"): "an account with an id",
      UInt8(ascii: "T"): "the hash of a transaction", UInt8(ascii: "X"): "a hash",
      UInt8(ascii: "P"): "a signed payload", UInt8(ascii: "C"): "a contract", UInt8(ascii: "B"): "a balance",
      UInt8(ascii: "L"): "a liquidity pool",
    ]
    guard (56...165).contains(text.count), AddressShape.isBase32(text),
      let kind = text.withBytes({ kinds[$0[0]] }), let bytes = try Base32.decodeSecret(text)
    else { return nil }
    return bytes.withBytes(StrKey.hasChecksum) ? kind : nil
  }

  private static func isSignatureID(_ text: SecretBytes) -> Bool {
    text.withBytes { bytes in
      let dash = UInt8(ascii: "-")
      return bytes.parts { $0 == dash }.map(\.count) == [8, 4, 4, 4, 12]
        && bytes.allSatisfy { $0 == dash || (48...57).contains($0) || (97...102).contains($0 | 32) }
    }
  }
}
