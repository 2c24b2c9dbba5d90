public import KMSChains
public import KMSCrypto
internal import KMSPrivateKeys

/// What a text is that was refused, in words that say where to go. The text itself is never quoted.
public enum KeyAdvice {
  /// Of a text that is no private key of the chain; the refusal itself where it is not recognised.
  public static func explain(_ refusal: WalletError, key text: SecretBytes, chain: String) throws
    -> WalletError
  {
    if let finding = try PublicText.explain(text, chain: chain) { return .publicText(finding) }
    guard let what = try SecretText.explain(text, chain: chain) else { return refusal }
    return .invalidPrivateKey(what)
  }

  /// Of a text that is no mnemonic.
  public static func explain(_ refusal: WalletError, words text: SecretBytes, chain: String) throws
    -> WalletError
  {
    if let finding = SecretText.json(text, chain: chain) { return .invalidMnemonic(finding) }
    guard let words = try? MnemonicText.words(of: text) else { return refusal }
    guard Mnemonic.count(text) > 2 || Mnemonic.count(words) > 2 else {
      if let finding = try PublicText.explain(text, chain: chain) { return .publicText(finding) }
      guard text.count >= 32 else { return refusal }
      return .invalidMnemonic(
        "this is no mnemonic; private keys are stored with storemanagedprivatekey \(chain)")
    }
    if let kind = try ElectrumSeed.kind(of: words) {
      return .invalidMnemonic(
        "these words are a seed of Electrum (\(kind.rawValue)), not a mnemonic of BIP-39: no word is wrong. Store the private "
          + "keys that Electrum exports (Wallet, Private keys, Export) with storemanagedprivatekey")
    }
    return try ofWords(words).map(WalletError.invalidMnemonic) ?? refusal
  }

  /// Of words in their normal form.
  private static func ofWords(_ words: SecretBytes) throws -> String? {
    if (try? AlgorandMnemonic.seed(words)) != nil {
      return "these 25 words are an account of Algorand; storemanagedwallet ALGO takes them"
    }
    if try AezeedMnemonic.isOne(words) {
      return
        "these are the words of an aezeed, as lnd makes them, and no word is wrong: no program can turn them into a mnemonic of "
        + "BIP-39. Send the coins to an address of a new wallet"
    }
    let count = Mnemonic.count(words)
    let unknown = try Mnemonic.unknownWords(words)
    switch count {
    case 20, 33:
      return
        "\(count) words are a share of SLIP-39 (Shamir backup), which has other words; recover the wallet where it was made, "
        + "and store its private keys"
    case 12... where unknown > 2:
      return
        "\(unknown) of these \(count) words are in no list of BIP-39: they are words of another scheme, such as Monero's, or "
        + "Electrum's before version 2.0. Store the private keys that the wallet exports with storemanagedprivatekey"
    case 13, 25:
      return
        "\(count) words are \(count - 1) and a passphrase (give it to storemanagedprivatekey --from-mnemonic with "
        + "--passphrase-fd), or a wallet's own scheme; a mnemonic of BIP-39 has 12, 15, 18, 21 or 24"
    default: return nil
    }
  }
}
