public import KMSChains
public import KMSCrypto
internal import KMSPrimitives

/// What a text is that was refused, in words that say where to go. The text itself is never quoted.
public enum KeyAdvice {
  /// Of a text that is no private key of the chain; the refusal itself where it is not recognised.
  public static func explain(_ refusal: WalletError, key text: SecretBytes, chain: String) throws
    -> WalletError
  {
    if let finding = publicText(text) { return .publicText(finding) }
    guard let what = try secretText(text, chain: chain) else { return refusal }
    return .invalidPrivateKey(what)
  }

  /// Of a text that is no mnemonic.
  public static func explain(_ refusal: WalletError, words text: SecretBytes, chain: String) throws
    -> WalletError
  {
    let count = Mnemonic.count(text)
    guard count > 2 else {
      if let finding = publicText(text) { return .publicText(finding) }
      if text.hasPrefix("{") || text.count >= 32 {
        return .invalidMnemonic(
          "this is no mnemonic; private keys are stored with storemanagedprivatekey \(chain)")
      }
      return refusal
    }
    if let kind = try ElectrumSeed.kind(of: text) {
      return .invalidMnemonic(
        "these words are a seed of Electrum (\(kind.rawValue)), not a mnemonic of BIP-39: no word is wrong. Store the private "
          + "keys that Electrum exports (Wallet, Private keys, Export) with storemanagedprivatekey")
    }
    switch count {
    case 13:
      return .invalidMnemonic(
        "13 words are 12 and a passphrase (give it to storemanagedprivatekey --from-mnemonic with --passphrase-fd), or a "
          + "wallet's own scheme; a mnemonic of BIP-39 has 12, 15, 18, 21 or 24")
    case 25:
      return .invalidMnemonic(
        "25 words are 24 and a passphrase (give it to storemanagedprivatekey --from-mnemonic with --passphrase-fd), or the "
          + "words of another scheme, such as Algorand's; a mnemonic of BIP-39 has 12, 15, 18, 21 or 24")
    case 20, 33:
      return .invalidMnemonic(
        "\(count) words are a share of SLIP-39 (Shamir backup), which has other words; recover the wallet where it was made, "
          + "and store its private keys")
    case 24 where isAezeed(text):
      return .invalidMnemonic(
        refusal.message
          + "; or these are words of an aezeed (lnd), which are others: no program can turn them into BIP-39")
    default: return refusal
    }
  }

  /// The first of lnd's words says version 0: one of the first eight.
  private static func isAezeed(_ text: SecretBytes) -> Bool {
    let first = ["abandon", "ability", "able", "about", "above", "absent", "absorb", "abstract"]
    return first.contains { text.hasPrefix($0 + " ") }
  }

  // MARK: What everybody may read

  private static func publicText(_ text: SecretBytes) -> String? {
    for prefix in ["xpub", "ypub", "zpub", "tpub", "upub", "vpub", "Ltub", "Mtub", "ttub", "dgub"]
    where text.hasPrefix(prefix) && text.count == 111 {
      return
        "this is an extended public key, which signs nothing: the wallet that shows it has words or a private key, too"
    }
    let digits = text.hasPrefix("0x") ? text.count - 2 : text.count
    if digits == 66 || digits == 130, text.count(where: { $0 == 48 }) > 0 {
      let bare = text.hasPrefix("0x") ? 2 : 0
      let head = text.withUnsafeBytes { bytes in bytes.count > bare + 1 ? Array(bytes[bare..<bare + 2]) : [] }
      let isPoint =
        digits == 66 ? [Array("02".utf8), Array("03".utf8)].contains(head) : head == Array("04".utf8)
      if isPoint { return "this is a public key, which everybody can read, and no private key" }
    }
    for chain in SigningRegistry.chains.keys.sorted() {
      if isAddress(text, ofChain: chain) {
        return "this is an address (such as those of \(chain)), which is public, and no private key"
      }
    }
    return nil
  }

  /// Whether an address of the chain is written so, on either network.
  private static func isAddress(_ text: SecretBytes, ofChain name: String) -> Bool {
    guard text.count <= 120, let scheme = SigningRegistry.chains[name]?.wallets else { return false }
    let shown = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    return [false, true].contains { scheme.isAddress(shown, testnet: $0) }
  }

  // MARK: What is secret

  private static func secretText(_ text: SecretBytes, chain: String) throws -> String? {
    if text.hasPrefix("{") || text.hasPrefix("[{") {
      if text.contains("\"crypto\"") || text.contains("\"Crypto\"") || text.contains("ciphertext") {
        return
          "this is a keystore file, which a password encrypts: open it in the wallet that made it, and export the private "
          + "key"
      }
      return "this is JSON that has no key of \(chain); export the private key as text"
    }
    if Mnemonic.count(text) >= 12 {
      let hasPaths = SigningRegistry.chains[chain]?.wallets.path(testnet: false) != nil
      return "these are words, and no private key: "
        + (hasPaths ? "storemanagedwallet \(chain) takes them, or " : "")
        + "storemanagedprivatekey \(chain) --from-mnemonic PATH stores a single key of them"
    }
    if text.count == 111,
      ["xprv", "yprv", "zprv", "tprv", "uprv", "vprv", "Ltpv", "Mtpv", "ttpv", "dgpv"].contains(
        where: text.hasPrefix)
    {
      return
        "this is an extended private key, from which many keys come: store the words that it was made from, or the private "
        + "key of one address"
    }
    if text.contains("wpkh(") || text.contains("pkh(") || text.contains("tr(") || text.contains("multi(") {
      return "this is a descriptor of many keys: store the words, or the private key of one address"
    }
    if text.hasPrefix("6P"), text.count == 58 {
      return
        "this is a key that a password encrypts (BIP-38): decrypt it in a wallet first, and store what begins with 5, K or L"
    }
    if text.hasPrefix("S"), [22, 26, 30].contains(text.count) {
      return "this is a mini private key (Casascius): turn it into WIF in a wallet first"
    }
    if let payload = try Base58Check.decodeSecret(text), [33, 34].contains(payload.count) {
      return
        "this is a private key in wallet import format (WIF), as the Bitcoin family has it, and none of \(chain)"
    }
    if let payload = try Base58Check.decodeSecret(text, alphabet: .ripple), [17, 19].contains(payload.count) {
      return "this is a seed of the XRP Ledger, and none of \(chain)"
    }
    if let bytes = try text.hexDecoded(), bytes.count == 32 {
      return
        "64 hexadecimal digits are no private key of \(chain): they may be a public key, a transaction's id, or half a "
        + "key; export the key in the form that the chain's wallets have"
    }
    if try Base58.decodeSecret(text)?.count == 32 {
      return
        "32 bytes in Base58 are an address, which is public, or the seed of a key: without the second half, which every "
        + "wallet exports, nobody can tell, and a public text must not become a key"
    }
    if try Base58.decodeSecret(text)?.count == 64 {
      return
        "these 64 bytes are no key: the second half is not the public key of the first. A transaction's signature has this "
        + "length, too"
    }
    return nil
  }
}
