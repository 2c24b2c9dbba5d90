import KMSCrypto
import KMSPrivateKeys
import KMSRecords
import Testing

/// Reads a path such as m/44'/0'/0.
func path(_ text: String) throws -> [HDPathElement] {
  try text.split(separator: "/").dropFirst().map { step in
    if let last = step.last, "'hH".contains(last) { return .hardened(try #require(UInt32(step.dropLast()))) }
    return .normal(try #require(UInt32(step)))
  }
}

@Suite struct DerivationVectorTests {
  static let xprv: UInt32 = 0x0488_ADE4

  @Test func bip32() throws {
    for vector in try vectors("bip32") where vector["seed"] != nil {
      let master = try HDPrivateKey.master(seed: vector.secret("seed"))
      for chain in try #require(vector["chains"]?.array) {
        let steps = try path(chain.text("path"))
        let node = try master.derive(steps)
        let xpub = try chain.text("xpub")
        #expect(try node.serialized(version: Self.xprv).text == chain.text("xprv"))
        #expect(node.publicNode().serialized(version: HDPublicKey.Version.xpub) == xpub)
        let read = try #require(HDPublicKey(serialized: xpub))
        #expect(read.serialized(version: HDPublicKey.Version.xpub) == xpub)
        #expect(read.version == HDPublicKey.Version.xpub)
        // The public way leads to the same key where the last step is not hardened.
        if case .normal(let index)? = steps.last {
          let parent = try master.derive(steps.dropLast()).publicNode()
          #expect(try parent.child(index).serialized(version: HDPublicKey.Version.xpub) == xpub)
        }
      }
    }
  }

  @Test func refusesInvalidExtendedKeys() throws {
    let invalid = try vectors("bip32").filter { $0["extendedKey"] != nil }
    #expect(invalid.count == 16)
    for vector in invalid {
      #expect(try HDPublicKey(serialized: vector.text("extendedKey")) == nil, "\(vector)")
    }
  }

  @Test func bip39() throws {
    for vector in try vectors("bip39-english") {
      let text = try SecretBytes(vector.text("mnemonic"))
      #expect(try Mnemonic.entropy(text).hex == vector.text("entropy"))
      #expect(try Mnemonic.text(entropy: vector.secret("entropy")).text == vector.text("mnemonic"))
      #expect(try Mnemonic.check(text) == text)
      let seed = try Mnemonic.seed(text, passphrase: SecretBytes(vector.text("passphrase")))
      #expect(try seed.hex == vector.text("seed"))
      let master = try HDPrivateKey.master(seed: seed)
      #expect(try master.serialized(version: Self.xprv).text == vector.text("xprv"))
    }
  }

  @Test func slip10() throws {
    for vector in try vectors("slip10-ed25519") {
      for chain in try #require(vector["chains"]?.array) {
        let steps = try path(chain.text("path")).map { step -> UInt32 in
          guard case .hardened(let index) = step else { throw CryptoError.invalidSignature }
          return index
        }
        let seed = try SLIP10Ed25519.derive(seed: vector.secret("seed"), path: steps)
        #expect(try seed.hex == chain.text("private"))
        let key = try Ed25519PrivateKey(seed: seed)
        #expect(try [0] + key.publicKey == chain.bytes("public"))
      }
    }
  }

  @Test func icarus() throws {
    for vector in try vectors("ed25519-bip32") {
      let mnemonic = try SecretBytes(vector.text("mnemonic"))
      let password = vector["passphrase"]?.string.map { try? SecretBytes($0) } ?? nil
      let master = try IcarusKey.master(entropy: Mnemonic.entropy(mnemonic), password: password)
      if try vector.text("kind") == "masterKey" {
        let code = try #require(master.chainCode)
        #expect(try Mnemonic.entropy(mnemonic).hex == vector.text("entropy"))
        #expect(try master.extended.hex + code.hex == vector.text("masterKey"))
        continue
      }
      let steps = try path(vector.text("path"))
      var key = master
      for step in steps {
        switch step {
        case .hardened(let index): key = try key.child(index, hardened: true)
        case .normal(let index):
          let node = try #require(key.publicNode)
          key = try key.child(index, hardened: false)
          #expect(try node.child(index) == key.publicNode)
        }
      }
      let code = try #require(key.chainCode)
      let expected = try vector.text("extendedPrivateKey")
      #expect((key.extended.hex + code.hex).hasPrefix(expected) && expected.utf8.count >= 128)
      #expect(try key.publicKey == vector.bytes("publicKey"))
      if vector["signature"] != nil {
        let message = try vector.bytes("message")
        #expect(try key.sign(message) == vector.bytes("signature"))
        let stored = try IcarusKey(extended: key.extended)  // as the vault gives it back
        #expect(try stored.sign(message) == vector.bytes("signature"))
        #expect(try Ed25519.verify(vector.bytes("signature"), message, publicKey: key.publicKey))
      }
    }
  }
}
