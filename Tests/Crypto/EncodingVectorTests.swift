import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import Testing

@Suite struct EncodingVectorTests {
  @Test func base58() throws {
    for vector in try vectors("base58check") where try vector.text("kind") == "base58" {
      let bytes = try vector.bytes("hex")
      let text = try vector.text("base58")
      #expect(Base58.encode(bytes) == text)
      #expect(Base58.decode(text) == bytes)
      #expect(try Base58.encodeSecret(SecretBytes(copying: bytes)).text == text)
      #expect(try Base58.decodeSecret(SecretBytes(text))?.hex == Hex.encode(bytes))
    }
  }

  @Test func base58Check() throws {
    for vector in try vectors("base58check") where vector["versionAndPayload"] != nil {
      let text = try vector.text("string")
      let payload = try vector.bytes("versionAndPayload")
      #expect(Base58Check.decode(text) == payload)
      #expect(Base58Check.encode(payload) == text)
      #expect(try Base58Check.encodeSecret(SecretBytes(copying: payload)).text == text)
      #expect(try Base58Check.decodeSecret(SecretBytes(text))?.hex == Hex.encode(payload))
    }
  }

  /// Bitcoin Core's invalid strings: some have a right checksum and are wrong in version or length.
  @Test func refusesWhatIsNoBitcoinAddressOrKey() throws {
    let addresses: Set<UInt8> = [0x00, 0x05, 0x6f, 0xc4]
    let keys: Set<UInt8> = [0x80, 0xef]
    var wrongChecksums = 0
    for vector in try vectors("base58check") where vector["valid"]?.bool == false {
      let text = try vector.text("string")
      let secret = try Base58Check.decodeSecret(SecretBytes(text))
      guard let payload = Base58Check.decode(text), let version = payload.first else {
        #expect(secret === nil || secret?.count == 0)
        wrongChecksums += 1
        continue
      }
      let isAddress = addresses.contains(version) && payload.count == 21
      let isKey = keys.contains(version) && (payload.count == 33 || payload.count == 34 && payload.last == 1)
      #expect(!isAddress && !isKey, "\(text)")
    }
    #expect(wrongChecksums > 0)
  }

  @Test func bech32AndBech32m() throws {
    for vector in try vectors("bech32") where try vector.text("kind") != "segwit-address" {
      let text = try vector.text("string")
      let variant: Bech32.Variant = try vector.text("kind") == "bech32" ? .bech32 : .bech32m
      let decoded = Bech32.decode(text)
      #expect((decoded?.variant == variant) == (vector["valid"]?.bool == true), "\(vector)")
      if let decoded, decoded.variant == variant {
        #expect(Bech32.encode(hrp: decoded.hrp, data: decoded.data, variant: variant) == text.lowercased())
      }
    }
  }

  @Test func addressesOfWitnessPrograms() throws {
    for vector in try vectors("bech32") where try vector.text("kind") == "segwit-address" {
      let text = try vector.text("string")
      let decoded = ["bc", "tb"].compactMap { hrp in SegWitAddress.decode(text, hrp: hrp).map { (hrp, $0) } }
      guard vector["valid"]?.bool == true else {
        #expect(decoded.isEmpty, "\(vector)")
        continue
      }
      let (hrp, address) = try #require(decoded.first)
      let version = UInt8(address.version)
      let script = [version == 0 ? 0 : 0x50 + version, UInt8(address.program.count)] + address.program
      #expect(try script == vector.bytes("scriptPubKey"))
      #expect(
        SegWitAddress.encode(hrp: hrp, version: address.version, program: address.program)
          == text.lowercased())
    }
  }

  @Test func cashAddr() throws {
    for vector in try vectors("cashaddr") {
      let text = try vector.text("cashaddr")
      let prefix = try vector.text("prefix")
      let hash = try vector.bytes("payload")
      let kind = try UInt8(vector.integer("type"))
      #expect(CashAddr.encode(prefix: prefix, kind: kind, hash: hash) == text)
      let bare = String(text.dropFirst(prefix.count + 1))
      for form in [text, text.uppercased(), bare, bare.uppercased()] {
        let decoded = try #require(CashAddr.decode(form, defaultPrefix: prefix))
        #expect(decoded.prefix == prefix && decoded.kind == kind && decoded.hash == hash)
      }
      if vector["legacy"] != nil {
        let legacy = try #require(try Base58Check.decode(vector.text("legacy")))
        #expect(Array(legacy.dropFirst()) == hash)
        #expect(legacy.first == (kind == 0 ? 0 : 5))
      }
    }
  }
}
