internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

@testable internal import KMSChains
@testable internal import KMSSigning

extension FuzzTarget {
  /// What people and servers write in letters and digits.
  static let texts: [FuzzTarget] = [
    FuzzTarget("encodings", maximumLength: 200, run: encodings),
    FuzzTarget("addresses", maximumLength: 200, run: addresses),
    FuzzTarget("numbers", maximumLength: 300, run: numbers),
    FuzzTarget("keys", maximumLength: 400, run: keys),
  ]

  /// The chains with Bitcoin's scripts.
  static let bitcoins = [
    BitcoreChain.bitcoin.parameters, BitcoreChain.litecoin.parameters, BitcoreChain.dogecoin.parameters,
    BitcoinCashChain.bitcoinCash.parameters,
  ]

  /// What can be decoded has one text only, up to the case of its letters where the format allows both.
  private static func encodings(_ input: [UInt8]) throws(FuzzFailure) {
    let text = String(decoding: input, as: UTF8.self)
    let lowered = text.lowercased()
    for alphabet in [Base58.Alphabet.bitcoin, .ripple] {
      if let bytes = Base58.decode(text, alphabet: alphabet) {
        try require(Base58.encode(bytes, alphabet: alphabet) == text, "Base58")
      }
      if let bytes = Base58Check.decode(text, alphabet: alphabet) {
        try require(Base58Check.encode(bytes, alphabet: alphabet) == text, "Base58Check")
      }
      // The other way round: all bytes have a text.
      try require(
        Base58.decode(Base58.encode(input, alphabet: alphabet), alphabet: alphabet) == input,
        "Base58 of bytes")
    }
    if let bytes = Base32.decode(text) { try require(Base32.encode(bytes) == text, "Base32") }
    if let bytes = Base64.decode(text) { try require(Base64.encode(bytes) == text, "Base64") }
    if let bytes = Hex.decode(text) { try require(Hex.encode(bytes) == lowered, "Hex") }
    if let bytes = Hex.decodePrefixed(text) {
      try require(Hex.encodePrefixed(bytes) == (lowered.hasPrefix("0x") ? lowered : "0x" + lowered), "0x")
    }
    try require(Base64.decode(Base64.encode(input)) == input, "Base64 of bytes")
    try require(Base32.decode(Base32.encode(input)) == input, "Base32 of bytes")
    if let decoded = Bech32.decode(text, maximumLength: 200) {
      let again = Bech32.encode(hrp: decoded.hrp, data: decoded.data, variant: decoded.variant)
      try require(again == lowered, "Bech32")
      if let bytes = Bech32.decodeBytes(text, hrp: decoded.hrp, maximumLength: 200) {
        try require(Bech32.encodeBytes(hrp: decoded.hrp, bytes: bytes) == lowered, "Bech32 of bytes")
      }
      if let address = SegWitAddress.decode(text, hrp: decoded.hrp) {
        let again = SegWitAddress.encode(
          hrp: decoded.hrp, version: address.version, program: address.program)
        try require(again == lowered, "SegWit address")
      }
    }
    if let decoded = CashAddr.decode(text, defaultPrefix: "bitcoincash") {
      let again = CashAddr.encode(prefix: decoded.prefix, kind: decoded.kind, hash: decoded.hash)
      try require(again == lowered || again == decoded.prefix + ":" + lowered, "CashAddr")
    }
    try secretEncodings(input)
  }

  /// The same for secrets, which have code of their own: it must agree.
  private static func secretEncodings(_ input: [UInt8]) throws(FuzzFailure) {
    func bytes(_ secret: SecretBytes?) -> [UInt8]? { secret?.withUnsafeBytes { Array($0) } }
    let text = String(decoding: input, as: UTF8.self)
    do throws(CryptoError) {
      let secret = try SecretBytes(copying: text.utf8)
      try check(bytes(Base58.decodeSecret(secret)), Base58.decode(text), "Base58")
      try check(bytes(Base58Check.decodeSecret(secret)), Base58Check.decode(text), "Base58Check")
      try check(bytes(Base32.decodeSecret(secret)), Base32.decode(text), "Base32")
      try check(bytes(secret.hexDecoded()), Hex.decodePrefixed(text), "Hex")
      try check(bytes(Base58.encodeSecret(secret)), Array(Base58.encode(Array(text.utf8)).utf8), "Base58")
      try check(bytes(Base32.encodeSecret(secret)), Array(Base32.encode(Array(text.utf8)).utf8), "Base32")
    } catch { throw FuzzFailure("\(error)") }
    func check(_ a: [UInt8]?, _ b: [UInt8]?, _ name: String) throws(CryptoError) {
      if a != b { throw CryptoError("fuzz", "\(name) of a secret differs") }
    }
  }

  /// What is an address is written the same again.
  private static func addresses(_ input: [UInt8]) throws(FuzzFailure) {
    let text = String(decoding: input, as: UTF8.self)
    for chain in bitcoins {
      for network in [chain.mainnet, chain.testnet] {
        guard let script = network.script(ofAddress: text), let again = network.address(of: script) else {
          continue
        }
        try require(network.script(ofAddress: again) == script, "\(chain.name): \(again) of \(text)")
      }
    }
    if let account = XRPAccount(classic: text) { try require(account.address == text, "XRP") }
    if let account = XRPAccount.Extended(text) {
      try require(XRPAccount(classic: account.account.address) == account.account, "X-address")
    }
    if let key = StrKey.publicKey(ofAddress: text) { try require(StrKey.address(of: key) == text, "XLM") }
    if let address = TronAddress(text: text) { try require(address.text == text, "TRON") }
    if let address = TronAddress(hex: text) {
      try require(TronAddress(text: address.text)?.bytes == address.bytes, "TRON in hex")
    }
    if let address = FlowAddress(text) {
      try require(FlowAddress(address.text) == address, "FLOW: \(address.text)")
    }
    if let address = SolanaAddress(text) { try require(address.text == text, "SOL") }
    try accounts(text)
  }

  private static func accounts(_ text: String) throws(FuzzFailure) {
    if let address = try? AlgorandAddress(.string(text), member: "x") {
      try require(address.text == text, "ALGO")
    }
    if let address = try? MultiversXAddress(text, member: "x") {
      try require(address.text == text.lowercased(), "EGLD")
    }
    for form in [EVMAddressForm.hexadecimal, .xdc, .harmony] {
      guard let address = try? form.read(text, member: "x") else { continue }
      try require((try? form.read(form.text(address), member: "x")) == address, "EVM")
      try require(EVMAddress.read(address.checksummedText) == .address(address), "EIP-55")
    }
    for testnet in [false, true] {
      guard let address = try? CardanoAddress(text, testnet: testnet, member: "x") else { continue }
      _ = address.paymentKeyHash
      if text.hasPrefix("addr") { try require(address.bech32Text == text, "ADA") }
    }
  }

  /// Amounts and other numbers: exact, or refused.
  private static func numbers(_ input: [UInt8]) throws(FuzzFailure) {
    let text = String(decoding: input, as: UTF8.self)
    if let value = UInt256(decimal: text) {
      try require(UInt256(decimal: value.description) == value, "decimal \(value)")
      try require(UInt256(hex: value.hexText.utf8.dropFirst(2)) == value, "hex \(value.hexText)")
      try require(UInt256(bigEndian: value.bytes32) == value, "bytes of \(value)")
      let digits = String(text.drop { $0 == "0" })
      try require(value.description == (digits.isEmpty ? "0" : digits), "\(value) of \(text)")
      if let sum = value.adding(value) { try require(sum == value.multiplied(by: 2), "twice \(value)") }
    }
    if let value = UInt256(hex: input), value.byteCount > 0 {
      try require(UInt256(bigEndian: value.minimalBytes) == value, "minimal bytes of \(value)")
    }
    if let drops = XRPAmount.drops(text) { try require(String(drops) == text, "drops") }
    if let amount = XRPAmount.encode(issued: text) { try require(amount.count == 8, "an issued amount") }
    if let amount = FlowAmount(text) { try require(FlowAmount(amount.text) == amount, "FLOW \(amount.text)") }
    var values = [JSONValue.string(text)]
    if let json = try? JSONValue(parsing: input) { values.append(json) }
    for value in values {
      _ = try? EGLDAmount.read(value, member: "x")
      if let number = try? EVMQuantity.read(value, member: "x") {
        try require((try? EVMQuantity.read(.string("\(number)"), member: "x")) == number, "EVM \(number)")
      }
      if let index = value.uint64 { try require(UInt64(value.string ?? value.text) == index, "\(index)") }
    }
  }

  /// Private keys, secrets and mnemonics as people type them; a good one makes a wallet whose key can be read.
  private static func keys(_ input: [UInt8]) throws(FuzzFailure) {
    do {
      let text = try SecretBytes(copying: input)
      for name in [
        "BTC", "LTC", "DOGE", "ETH", "TRON", "BNB", "XRP", "XLM", "SOL", "ALGO", "EGLD", "FLOW", "ADA",
      ] {
        guard let scheme = SigningRegistry.chains[name]?.wallets else { throw FuzzFailure("no \(name)") }
        for testnet in [false, true] {
          guard let wallet = try? scheme.wallet(privateKey: text, testnet: testnet) else { continue }
          let key = try scheme.key(kind: wallet.kind, secret: wallet.secret, index: nil, testnet: testnet)
          try require(key.address == wallet.address, "\(name): the stored key has another address")
        }
      }
      if let mnemonic = try? Mnemonic.check(text) {
        try require(try Mnemonic.text(entropy: Mnemonic.entropy(text)) == mnemonic, "mnemonic")
      }
      if let seed = try? AlgorandMnemonic.seed(text) { try require(seed.count == 32, "25 words") }
      if let node = HDPublicKey(serialized: String(decoding: input, as: UTF8.self)) {
        try require(
          node.version.map { node.serialized(version: $0).utf8.elementsEqual(input) } == true, "xpub")
        _ = try? node.child(7)
      }
    } catch let failure as FuzzFailure { throw failure } catch { throw FuzzFailure("\(error)") }
  }
}
