import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import Testing

@Suite struct EncodingTests {
  /// RFC 4648 section 10.
  @Test(arguments: [
    ("", "", ""), ("f", "Zg==", "MY"), ("fo", "Zm8=", "MZXQ"), ("foo", "Zm9v", "MZXW6"),
    ("foob", "Zm9vYg==", "MZXW6YQ"), ("fooba", "Zm9vYmE=", "MZXW6YTB"),
    ("foobar", "Zm9vYmFy", "MZXW6YTBOI"),
  ])
  func base64AndBase32(text: String, base64: String, base32: String) throws {
    let bytes = Array(text.utf8)
    #expect(Base64.encode(bytes) == base64)
    #expect(Base64.decode(base64) == bytes)
    #expect(Base32.encode(bytes) == base32)
    #expect(Base32.decode(base32) == bytes)
    #expect(try Base32.encodeSecret(SecretBytes(text)).text == base32)
    #expect(try Base32.decodeSecret(SecretBytes(base32))?.text == text)
  }

  @Test(arguments: [
    // Bytes beyond ASCII, which libsodium 1.0.18 reads as digits.
    "QUJDR\u{E9}A=", "BC1QR504Y5R3ZARV5ARYV98GD6\u{FFFD}QARYV98GJ9P", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=",
    "Zm9v=", "Zm9v====", "Z===", "====", "Zm 9v", "Zm9v\n", "Zm-_",
    "Zg==Zg==",
  ])
  func base64IsStrict(text: String) { #expect(Base64.decode(text) == nil) }

  @Test(arguments: ["M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1", "M8", "MY ", "MZXW6YTBO"])
  func base32IsStrict(text: String) throws {
    #expect(Base32.decode(text) == nil)
    #expect(try Base32.decodeSecret(SecretBytes(text)) === nil)
  }

  @Test func textOfRandomBytesIsReadBack() throws {
    for count in 0..<80 {
      let bytes = [UInt8](repeating: 0, count: count % 4) + RandomBytes.generate(count: count)
      #expect(Base32.decode(Base32.encode(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
      for alphabet in [Base58.Alphabet.bitcoin, .ripple] {
        #expect(Base58.decode(Base58.encode(bytes, alphabet: alphabet), alphabet: alphabet) == bytes)
        #expect(
          Base58Check.decode(Base58Check.encode(bytes, alphabet: alphabet), alphabet: alphabet) == bytes)
      }
      #expect(
        Bech32.decodeBytes(Bech32.encodeBytes(hrp: "erd", bytes: bytes), hrp: "erd", maximumLength: 200)
          == bytes)
    }
  }

  /// The genesis account of the XRP Ledger.
  @Test func base58OfTheXRPLedger() throws {
    let address = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
    let payload = try #require(Hex.decode("00b5f762798a53d543a014caf8b297cff8f2f937e8"))
    #expect(Base58Check.decode(address, alphabet: .ripple) == payload)
    #expect(Base58Check.encode(payload, alphabet: .ripple) == address)
    #expect(Base58Check.decode(address) == nil)
  }

  @Test func base58ReadsAtMost1024Characters() throws {
    #expect(Base58.decode(String(repeating: "2", count: 1024)) != nil)
    #expect(Base58.decode(String(repeating: "2", count: 1025)) == nil)
    #expect(Base58.decode(String(repeating: "1", count: 1_000_000)) == nil)
    #expect(try Base58.decodeSecret(SecretBytes(String(repeating: "2", count: 1025))) === nil)
    #expect(Base58Check.decode("") == nil)
    for bad in ["0", "O", "I", "l", " 2g", "2g ", "2\u{e9}", "2\0g"] {
      #expect(Base58.decode(bad) == nil, "\(bad)")
    }
  }

  @Test func bech32RefusesAnotherPrefixVariantAndLength() throws {
    let text = Bech32.encodeBytes(hrp: "erd", bytes: [UInt8](repeating: 7, count: 32))
    #expect(text.utf8.count == 62)
    #expect(Bech32.decodeBytes(text, hrp: "erd") != nil)
    #expect(Bech32.decodeBytes(text.uppercased(), hrp: "erd") != nil)
    #expect(Bech32.decodeBytes(text, hrp: "bnb") == nil)
    #expect(Bech32.decodeBytes(text, hrp: "erd", maximumLength: 61) == nil)
    let data = try #require(Bech32.convertBits([1, 2, 3], from: 8, to: 5, pad: true))
    let other = try #require(Bech32.encode(hrp: "erd", data: data, variant: .bech32m))
    #expect(Bech32.decodeBytes(other, hrp: "erd") == nil)
    #expect(Bech32.encode(hrp: "erd", data: [0, 31, 32], variant: .bech32) == nil)
    #expect(Bech32.decode("1" + text.dropFirst(3)) == nil)
  }

  @Test func regroupingBitsRefusesWhatDoesNotFit() {
    #expect(Bech32.convertBits([32], from: 5, to: 8, pad: true) == nil)
    #expect(Bech32.convertBits([31, 31], from: 5, to: 8, pad: false) == nil)  // bits left over are not zero
    #expect(Bech32.convertBits([31, 28], from: 5, to: 8, pad: false) == [255])
    #expect(Bech32.convertBits([0], from: 5, to: 8, pad: false) == nil)  // a whole digit is left over
    #expect(Bech32.convertBits([1], from: 0, to: 8, pad: true) == nil)
    #expect(Bech32.convertBits([1], from: 8, to: 9, pad: true) == nil)
    #expect(Bech32.convertBits([], from: 8, to: 5, pad: true) == [])
  }

  @Test func segwitRefusesForbiddenPrograms() {
    #expect(SegWitAddress.encode(hrp: "bc", version: 0, program: [UInt8](repeating: 1, count: 20)) != nil)
    #expect(SegWitAddress.encode(hrp: "bc", version: 0, program: [UInt8](repeating: 1, count: 21)) == nil)
    #expect(SegWitAddress.encode(hrp: "bc", version: 17, program: [UInt8](repeating: 1, count: 32)) == nil)
    #expect(SegWitAddress.encode(hrp: "bc", version: -1, program: [UInt8](repeating: 1, count: 32)) == nil)
    #expect(SegWitAddress.encode(hrp: "bc", version: 1, program: [1]) == nil)
    #expect(SegWitAddress.encode(hrp: "bc", version: 1, program: [UInt8](repeating: 1, count: 41)) == nil)
  }

  @Test func cashAddrRefusesChangesAndMixtures() {
    let address = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
    let body = address.dropFirst(12)
    let characters = Array(address)
    for index in characters.indices where index != 11 {
      var changed = characters
      changed[index] = changed[index] == "q" ? "p" : "q"
      #expect(CashAddr.decode(String(changed), defaultPrefix: "bitcoincash") == nil)
    }
    for bad in [
      "", ":", ":" + body, "bitcoincash:", "bitcoincash:" + body.uppercased(), "a:" + address, address + "q",
      "bchtest:" + body, String(repeating: "q", count: 10_000),
    ] { #expect(CashAddr.decode(bad, defaultPrefix: "bitcoincash") == nil, "\(bad.prefix(80))") }
    #expect(CashAddr.decode(String(body), defaultPrefix: "bchtest") == nil)
    #expect(CashAddr.encode(prefix: "bitcoincash", kind: 0, hash: [1, 2, 3]) == nil)
    #expect(CashAddr.encode(prefix: "bitcoincash", kind: 16, hash: [UInt8](repeating: 0, count: 20)) == nil)
  }

  @Test func hexRefusesWhatIsNone() {
    for bad in ["a", "0g", "0x12", " 12", "1 2", "\u{ff11}\u{ff12}"] {
      #expect(Hex.decode(bad) == nil, "\(bad)")
    }
    #expect(Hex.decode("AbCd") == [0xab, 0xcd])
    #expect(Hex.decodePrefixed("0xAbCd") == [0xab, 0xcd])
  }
}
