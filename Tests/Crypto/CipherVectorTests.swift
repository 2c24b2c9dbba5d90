import KMSRecords
import Testing

@testable import KMSCrypto

@Suite struct CipherVectorTests {
  @Test func aes256GCM() throws {
    var opened = 0
    for vector in try vectors("aes-256-gcm") {
      let nonce = try vector.bytes("iv")
      let key = try vector.secret("key")
      let data = try vector.bytes("aad")
      let sealed = try nonce + vector.bytes("ciphertext") + vector.bytes("tag")
      // Nonces of 128 bits are not our format: such text is another message and must not open.
      guard vector["valid"]?.bool == true, nonce.count == 12 else {
        #expect(throws: CryptoError.authenticationFailed) {
          try AESGCM.open(sealed, key: key, associatedData: data)
        }
        continue
      }
      let plaintext = try AESGCM.open(sealed, key: key, associatedData: data)
      #expect(try plaintext.hex == vector.text("plaintext"))
      #expect(try AESGCM.seal(plaintext, key: key, nonce: nonce, associatedData: data) == sealed)
      opened += 1
    }
    #expect(opened > 30)
  }

  @Test func keysOfCryptoJS() throws {
    for vector in try vectors("cryptojs-legacy", "kdf") {
      let derived = try KeyDerivation.evpBytesToKeyMD5(
        password: SecretBytes(vector.text("password")), salt: vector.bytes("salt"), count: 48)
      #expect(try derived.hex == vector.text("key") + vector.text("iv"))
    }
  }

  /// The original's file format, read as kms-wallet reads it.
  private func decrypt(_ vector: JSONValue) throws -> SecretBytes? {
    let raw = try #require(try Base64.decode(vector.text("ciphertext")))
    guard raw.starts(with: "Salted__".utf8), raw.count > 16 else { return nil }
    let derived = try KeyDerivation.evpBytesToKeyMD5(
      password: SecretBytes(vector.text("passphrase")), salt: Array(raw[8..<16]), count: 48)
    return try AESCBC.decryptPKCS7(
      Array(raw[16...]), key: derived.slice(0..<32), iv: derived.slice(32..<48).withUnsafeBytes { Array($0) })
  }

  @Test func filesOfCryptoJS() throws {
    for vector in try vectors("cryptojs-legacy") {
      #expect(try decrypt(vector)?.text == vector.text("plaintext"))
    }
  }

  @Test func refusesFilesOfCryptoJSThatAreDamagedOrBelongToAnotherPassphrase() throws {
    for vector in try vectors("cryptojs-legacy", "invalid") {
      do {
        let plaintext = try decrypt(vector)
        #expect(plaintext === nil, "\(vector)")
      } catch let error as CryptoError {
        #expect(error == .invalidPadding, "\(vector)")
      }
    }
  }
}
