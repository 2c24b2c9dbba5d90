import KMSCrypto
import KMSPrivateKeys
import Testing

@Suite struct DerivationTests {
  @Test func publicAndPrivateDerivationAgree() throws {
    for _ in 0..<20 {
      let parent = try HDPrivateKey.master(seed: .random(count: 32)).child(7, hardened: true)
      let index = UInt32.random(in: 0..<1 << 31)
      let child = try parent.child(index, hardened: false)
      #expect(try parent.publicNode().child(index) == child.publicNode())
      #expect(try parent.child(index, hardened: true).publicNode() != child.publicNode())
    }
  }

  @Test func extendedKeysOfEveryVersionAreReadBack() throws {
    let node = try HDPrivateKey.master(seed: .random(count: 64)).child(1, hardened: true).publicNode()
    let versions = [
      (HDPublicKey.Version.xpub, "xpub"), (HDPublicKey.Version.tpub, "tpub"),
      (HDPublicKey.Version.ltub, "Ltub"),
      (HDPublicKey.Version.ttub, "ttub"),
    ]
    for (version, prefix) in versions {
      let text = node.serialized(version: version)
      #expect(text.hasPrefix(prefix))
      let read = try #require(HDPublicKey(serialized: text))
      #expect(read.version == version && read.publicKey == node.publicKey && read.chainCode == node.chainCode)
      #expect(
        read.depth == 1 && read.childNumber == 1 | 1 << 31 && read.parentFingerprint == node.parentFingerprint
      )
    }
    for bad in ["", "xpub", node.serialized(version: 0x0488_ADE4), node.serialized(version: 0)] {
      #expect(HDPublicKey(serialized: bad) == nil, "\(bad)")
    }
  }

  @Test func refusesIndexesSeedsAndDepthsBeyondTheLimits() throws {
    for count in [0, 15, 65] {
      #expect(throws: CryptoError.self) { try HDPrivateKey.master(seed: .random(count: count)) }
      #expect(throws: CryptoError.self) { try SLIP10Ed25519.derive(seed: .random(count: count), path: [0]) }
    }
    var key = try HDPrivateKey.master(seed: .random(count: 16))
    for index: UInt32 in [1 << 31, .max] {
      #expect(throws: CryptoError.self) { try key.child(index, hardened: false) }
      #expect(throws: CryptoError.self) { try key.child(index, hardened: true) }
      #expect(throws: CryptoError.self) { try key.publicNode().child(index) }
      #expect(throws: CryptoError.self) { try SLIP10Ed25519.derive(seed: .random(count: 16), path: [index]) }
    }
    for _ in 0..<255 { key = try key.child(0, hardened: false) }
    #expect(key.depth == 255)
    #expect(throws: CryptoError.self) { try key.child(0, hardened: false) }
    #expect(throws: CryptoError.self) { try key.publicNode().child(0) }
  }

  @Test func publicNodesOfPartsRefuseWhatIsNoPoint() throws {
    let node = try HDPrivateKey.master(seed: .random(count: 16)).publicNode()
    let same = try #require(HDPublicKey(publicKey: node.publicKey, chainCode: node.chainCode))
    #expect(try same.child(5).publicKey == node.child(5).publicKey)
    #expect(HDPublicKey(publicKey: [2] + [UInt8](repeating: 0, count: 32), chainCode: node.chainCode) == nil)
    #expect(HDPublicKey(publicKey: node.publicKey, chainCode: [1]) == nil)
  }

  @Test func icarusPublicAndPrivateDerivationAgree() throws {
    for _ in 0..<10 {
      let account = try IcarusKey.master(entropy: .random(count: 32)).child(1852, hardened: true)
      let index = UInt32.random(in: 0..<1 << 31)
      let node = try #require(account.publicNode)
      let child = try account.child(index, hardened: false)
      #expect(try node.child(index) == child.publicNode)
      let message = RandomBytes.generate(count: 50)
      let signature = try child.sign(message)
      #expect(Ed25519.verify(signature, message, publicKey: child.publicKey))
      #expect(!Ed25519.verify(signature, message + [0], publicKey: child.publicKey))
      #expect(try child.sign(message) == signature)
    }
  }

  @Test func icarusRefusesKeysOfAnotherForm() throws {
    let key = try IcarusKey.master(entropy: .random(count: 32))
    let good = key.extended.withUnsafeBytes { Array($0) }
    #expect(try IcarusKey(extended: SecretBytes(copying: good)).publicKey == key.publicKey)
    for (byte, bit) in [(0, 1), (0, 4), (31, 0x80), (31, 0x40)] as [(Int, UInt8)] {
      var bad = good
      bad[byte] ^= bit
      #expect(throws: CryptoError.invalidPrivateKey) { try IcarusKey(extended: SecretBytes(copying: bad)) }
    }
    for count in [0, 32, 63, 65, 96] {
      #expect(throws: CryptoError.invalidPrivateKey) {
        try IcarusKey(extended: SecretBytes(copying: [UInt8](repeating: 0x40, count: count)))
      }
    }
    let alone = try IcarusKey(extended: key.extended)
    #expect(alone.publicNode == nil)
    #expect(throws: CryptoError.self) { try alone.child(0, hardened: true) }
    #expect(throws: CryptoError.self) { try key.child(1 << 31, hardened: true) }
    #expect(throws: CryptoError.self) { try IcarusKey.master(entropy: .random(count: 15)) }
  }

  @Test func icarusPublicKeysMustBePointsOfTheGroup() throws {
    let code = [UInt8](repeating: 1, count: 32)
    let identity: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)
    for bad in [identity, [UInt8](repeating: 0xff, count: 32), [UInt8](repeating: 0, count: 32), [1], []] {
      #expect(throws: CryptoError.invalidPublicKey) {
        try IcarusPublicKey(publicKey: bad, chainCode: code).child(0)
      }
    }
    let key = try IcarusKey.master(entropy: .random(count: 32))
    #expect(throws: CryptoError.invalidPublicKey) {
      try IcarusPublicKey(publicKey: key.publicKey, chainCode: [1]).child(0)
    }
    #expect(throws: CryptoError.self) { try #require(key.publicNode).child(1 << 31) }
  }
}
