internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Secrets in a form that is not the chain's.
enum SecretText {
  /// What a text is and what to do, in a sentence; nil when it is not recognised.
  static func explain(_ text: SecretBytes, chain: String) throws -> String? {
    if let finding = json(text, chain: chain) ?? file(text) ?? numbers(text) { return finding }
    if Mnemonic.count(text) >= 12 { return words(text, chain: chain) }
    if let finding = encrypted(text) ?? extended(text) { return finding }
    if let prefix = Bech32Secret.prefix(text) {
      return
        "this begins with \(prefix)1, which no private key of \(chain) does: it is one of another network or kind"
    }
    return try base58(text, chain: chain) ?? digits(text, chain: chain)
  }

  /// Whether a text in Bech32 with this prefix is secret.
  static func isSecret(prefix: String) -> Bool {
    ["sk", "nsec", "xprv"].contains(where: prefix.hasSuffix) || prefix.contains("priv")
      || prefix.contains("secret")
  }

  /// Of JSON: keystore files, and others.
  static func json(_ text: SecretBytes, chain: String) -> String? {
    guard text.hasPrefix("{") || text.hasPrefix("[{") else { return nil }
    if ["\"crypto\"", "\"Crypto\"", "ciphertext"].contains(where: text.contains) {
      return
        "this is a keystore file, which a password encrypts: open it in the wallet that made it, and export the private key or "
        + "the words"
    }
    return "this is JSON that has no key of \(chain); export the private key as text"
  }

  private static func file(_ text: SecretBytes) -> String? {
    guard text.hasPrefix("-----BEGIN") else { return nil }
    return
      "this is a PEM file of a kind that is not read here; export the key in the form that the chain's wallets have"
  }

  /// Lists of numbers, in which Solana's programs keep keys.
  private static func numbers(_ text: SecretBytes) -> String? {
    let count = ByteList.count(text)
    guard count > 15 else { return nil }
    return
      "this is a list of \(count) numbers; SOL has keys in lists of 64, seed and public key, and takes no others"
  }

  private static func words(_ text: SecretBytes, chain: String) -> String {
    if chain == "XRP", isRFC1751(text) {
      return
        "these words are a seed in RFC 1751, which rippled prints as master_key: store what it prints as master_seed, which "
        + "begins with s"
    }
    let hasPaths = SigningRegistry.chains[chain]?.wallets.path(testnet: false) != nil
    return "these are words, and no private key: "
      + (hasPaths ? "storemanagedwallet \(chain) takes them, or " : "")
      + "storemanagedprivatekey \(chain) --from-mnemonic PATH stores a single key of them"
  }

  /// Twelve words of at most four letters.
  private static func isRFC1751(_ text: SecretBytes) -> Bool {
    text.withBytes { bytes in
      let words = bytes.parts { $0 == 32 || (9...13).contains($0) }.filter { !$0.isEmpty }
      return words.count == 12 && words.allSatisfy { $0.count <= 4 }
    }
  }

  private static func extended(_ text: SecretBytes) -> String? {
    let prefixes = ["xprv", "yprv", "zprv", "tprv", "uprv", "vprv", "Ltpv", "Mtpv", "ttpv", "dgpv"]
    if text.count == 111, prefixes.contains(where: text.hasPrefix) {
      return
        "this is an extended private key, from which many keys come: store the words that it was made from, or the private "
        + "key of one address"
    }
    guard ["wpkh(", "pkh(", "tr(", "multi("].contains(where: text.contains) else { return nil }
    return "this is a descriptor of many keys: store the words, or the private key of one address"
  }

  private static func encrypted(_ text: SecretBytes) -> String? {
    if text.hasPrefix("6P"), text.count == 58 {
      return
        "this is a key that a password encrypts (BIP-38): decrypt it in a wallet first, and store what begins with 5, K or L"
    }
    if text.hasPrefix("S"), [22, 26, 30].contains(text.count) {
      return "this is a mini private key (Casascius): turn it into WIF in a wallet first"
    }
    guard text.hasPrefix("t-"), (16...80).contains(text.count) else { return nil }
    return "this looks like a key of the Tatum API, which belongs into TATUM_API_KEY, and is no private key"
  }

  private static func base58(_ text: SecretBytes, chain: String) throws -> String? {
    if let payload = try Base58Check.decodeSecret(text), [33, 34].contains(payload.count) {
      return
        "this is a private key in wallet import format (WIF), as the Bitcoin family has it, and none of \(chain)"
    }
    if let payload = try Base58Check.decodeSecret(text, alphabet: .ripple), [17, 19].contains(payload.count) {
      return "this is a seed of the XRP Ledger, and none of \(chain)"
    }
    switch try Base58.decodeSecret(text)?.count {
    case 32?:
      return
        "32 bytes in Base58 are an address, which is public, or the seed of a key: without the second half, which every "
        + "wallet exports, nobody can tell, and a public text must not become a key"
    case 64?:
      return
        "these 64 bytes are no key: the second half is not the public key of the first. A transaction's signature has this "
        + "length, too"
    default: return nil
    }
  }

  private static func digits(_ text: SecretBytes, chain: String) throws -> String? {
    let bare = try text.without(prefix: "0x") ?? text
    let isHex = { (byte: UInt8) in (48...57).contains(byte) || (97...102).contains(byte | 32) }
    guard bare.count > 15, bare.count(where: isHex) == bare.count else { return nil }
    switch bare.count {
    case 64:
      return
        "64 hexadecimal digits are no private key of \(chain): they may be a public key, a transaction's id, or half a "
        + "key; export the key in the form that the chain's wallets have"
    case 32 where chain == "XRP":
      return
        "32 digits are a seed in hexadecimal, which rippled prints as master_seed_hex: store what it prints as master_seed, "
        + "which begins with s"
    default:
      return
        "this has \(bare.count) hexadecimal digits, which no private key of \(chain) has: is one missing, or one too many?"
    }
  }
}
