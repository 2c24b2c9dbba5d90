internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

extension KeyForms {
  /// What people bring as keys of EVM chains, where their wallets have them, and how they write addresses.
  ///
  /// - Parameters:
  ///   - coinType: the chain's own SLIP-44 number.
  ///   - form: how addresses are written.
  ///   - sdkCoinType: the number that Tatum's SDK 4 has, where it is another than Ethereum's.
  static func evm(coinType: UInt32, form: EVMAddressForm, sdkCoinType: UInt32?) -> KeyForms {
    return KeyForms(
      accept: { text, _, _ in try acceptEVM(text) },
      canonical: { text, _ in form.canonical(text) },
      isAddress: { text, _ in form.isAddress(text) },
      otherAddresses: { publicKey, _ in form.otherTexts(EVMAddress(publicKey: publicKey)) },
      paths: EVMWalletPrograms(coinType, sdkCoinType: sdkCoinType).paths,
      signaturesNameNetwork: true)
  }

  /// A wallet key of Klaytn, `0x<key>0x00 0x<address>` without the space, is a key whose address is named: it is taken when
  /// the two belong together. An account whose key was changed keeps its address.
  private static func acceptEVM(_ text: SecretBytes) throws -> AcceptedKey {
    let text = try text.withoutSpaces()
    guard text.count == 112, text.hasPrefix("0x"), try text.slice(66..<72).hasPrefix("0x000x") else {
      return AcceptedKey(text)
    }
    let key = try text.slice(2..<66)
    guard let raw = try key.hexDecoded(), let stated = try text.slice(72..<112).hexDecoded(),
      let secret = try? Secp256k1PrivateKey(raw), let address = EVMAddress(publicKey: secret.publicKey())
    else { return AcceptedKey(text) }
    guard stated.withBytes({ $0.elementsEqual(address.bytes) }) else {
      throw WalletError.invalidPrivateKey(
        "this is the wallet key of an account whose key was changed (decoupled): its address is not that of the key, and "
          + "transactions of such accounts are not signed here")
    }
    return AcceptedKey(key)
  }
}

extension EVMAddressForm {
  /// How else the chain's people write an address.
  fileprivate func otherTexts(_ address: EVMAddress?) -> [ServedAddress] {
    guard let address else { return [] }
    switch self {
    case .hexadecimal: return []
    case .xdc: return [ServedAddress(address.hexText, "the same as 0x…")]
    case .harmony:
      return [ServedAddress(Bech32.encodeBytes(hrp: "one", bytes: address.bytes), "the same as one1…")]
    }
  }
}
