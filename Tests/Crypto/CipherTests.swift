import KMSCrypto
import Testing

@Suite struct CipherTests {
  @Test(arguments: [0, 1, 15, 16, 17, 1000])
  func sealedTextOpensAgain(count: Int) throws {
    let key = try SecretBytes.random(count: 32)
    let plaintext = try SecretBytes.random(count: count)
    let sealed = try AESGCM.seal(plaintext, key: key, associatedData: [1, 2, 3])
    #expect(sealed.count == 12 + count + 16)
    #expect(try AESGCM.open(sealed, key: key, associatedData: [1, 2, 3]) == plaintext)
  }

  @Test func nonceIsFreshEachTime() throws {
    let key = try SecretBytes.random(count: 32)
    let secret = try SecretBytes("same")
    let nonces = try (0..<100).map { _ in try AESGCM.seal(secret, key: key, associatedData: []).prefix(12) }
    #expect(Set(nonces).count == 100)
  }

  @Test func refusesEveryChangedBit() throws {
    let key = try SecretBytes.random(count: 32)
    let sealed = try AESGCM.seal(SecretBytes("pay 1"), key: key, associatedData: [7])
    for bit in 0..<sealed.count * 8 {
      var changed = sealed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: CryptoError.authenticationFailed) {
        try AESGCM.open(changed, key: key, associatedData: [7])
      }
    }
  }

  @Test func refusesAnotherKeyOtherDataAndEveryShorterText() throws {
    let key = try SecretBytes.random(count: 32)
    let sealed = try AESGCM.seal(SecretBytes("pay 1"), key: key, associatedData: [7])
    #expect(throws: CryptoError.authenticationFailed) {
      try AESGCM.open(sealed, key: SecretBytes.random(count: 32), associatedData: [7])
    }
    for data: [UInt8] in [[], [8], [7, 0]] {
      #expect(throws: CryptoError.authenticationFailed) {
        try AESGCM.open(sealed, key: key, associatedData: data)
      }
    }
    for count in 0..<sealed.count {
      #expect(throws: CryptoError.authenticationFailed) {
        try AESGCM.open(Array(sealed.prefix(count)), key: key, associatedData: [7])
      }
    }
  }

  @Test(arguments: [0, 16, 24, 31, 33])
  func refusesKeysOfAnotherLength(count: Int) throws {
    let key = try SecretBytes.random(count: count)
    #expect(throws: CryptoError.self) { try AESGCM.seal(SecretBytes("x"), key: key, associatedData: []) }
    #expect(throws: CryptoError.self) {
      try AESGCM.open([UInt8](repeating: 0, count: 40), key: key, associatedData: [])
    }
    #expect(throws: CryptoError.self) {
      try AESCBC.decryptPKCS7(
        [UInt8](repeating: 0, count: 16), key: key, iv: [UInt8](repeating: 0, count: 16))
    }
  }

  @Test func cbcRefusesPartialBlocksAndOtherIVs() throws {
    let key = try SecretBytes.random(count: 32)
    let iv = [UInt8](repeating: 0, count: 16)
    for count in [0, 1, 15, 17] {
      #expect(throws: CryptoError.invalidPadding) {
        try AESCBC.decryptPKCS7([UInt8](repeating: 0, count: count), key: key, iv: iv)
      }
    }
    #expect(throws: CryptoError.self) {
      try AESCBC.decryptPKCS7([UInt8](repeating: 0, count: 16), key: key, iv: [])
    }
  }
}
