import KMSCrypto
import KMSPrimitives
import Testing

@Suite struct KeyDerivationTests {
  @Test func hmacOfRFC4231() throws {
    let short = try SecretBytes(copying: [UInt8](repeating: 0x0b, count: 20))
    let long = try SecretBytes(copying: [UInt8](repeating: 0xaa, count: 131))
    let message = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    #expect(
      Hex.encode(HMAC.sha256(key: short, Array("Hi There".utf8)))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      Hex.encode(HMAC.sha512(key: short, Array("Hi There".utf8)))
        == "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")
    #expect(
      Hex.encode(HMAC.sha256(key: long, message))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    #expect(
      Hex.encode(HMAC.sha512(key: long, message))
        == "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598")
    #expect(HMAC.sha256(key: short, []).count == 32)
  }

  @Test func hkdfOfRFC5869() throws {
    let key = try SecretBytes(copying: [UInt8](repeating: 0x0b, count: 22))
    let first = try KeyDerivation.hkdfSHA256(
      key: key, salt: [UInt8](0...12), info: [UInt8](0xf0...0xf9), count: 42)
    #expect(
      first.hex == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    let third = try KeyDerivation.hkdfSHA256(key: key, salt: [], info: [], count: 42)
    #expect(
      third.hex == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    for count in [0, -1, 255 * 32 + 1] {
      #expect(throws: CryptoError.self) {
        try KeyDerivation.hkdfSHA256(key: key, salt: [], info: [], count: count)
      }
    }
  }

  /// Computed with Python's hashlib.
  @Test func pbkdf2() throws {
    let derived = try KeyDerivation.pbkdf2SHA512(
      password: SecretBytes("password"), salt: Array("salt".utf8), rounds: 1, count: 64)
    #expect(
      derived.hex == "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
        + "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce")
    let empty = try KeyDerivation.pbkdf2SHA512(password: SecretBytes(""), salt: [], rounds: 2, count: 16)
    #expect(empty.hex == "a422663fda8609a1e2fd53541260edf8")
    #expect(throws: CryptoError.self) {
      try KeyDerivation.pbkdf2SHA512(password: SecretBytes("x"), salt: [], rounds: 0, count: 16)
    }
    #expect(throws: CryptoError.self) {
      try KeyDerivation.pbkdf2SHA512(password: SecretBytes("x"), salt: [], rounds: 1, count: 0)
    }
  }

  /// Computed with the Python package cryptography 48 (OpenSSL): RFC 9106 has no vector with one lane.
  @Test func argon2id() throws {
    let salt = [UInt8](0...15)
    let derived = try KeyDerivation.argon2id(
      password: SecretBytes("password"), salt: salt, passes: 3, memoryKiB: 64)
    #expect(derived.hex == "b06bcf7d2d3ae0a0e060f75fc78cc0082e6196baab3e422cbe3cc0c807f76c0d")
    let empty = try KeyDerivation.argon2id(password: SecretBytes(""), salt: salt, passes: 1, memoryKiB: 1024)
    #expect(empty.hex == "0a6f2a8fdc5ec4bf35827f17b098cb15026d0d990623f7232eea9b2d63a974d4")
  }

  @Test(arguments: [(15, 3, 64), (17, 3, 64), (16, 0, 64), (16, -1, 64), (16, 3, 7), (16, 3, Int.max)])
  func argon2idRefusesParametersOutOfRange(salt: Int, passes: Int, memoryKiB: Int) throws {
    #expect(throws: CryptoError.self) {
      try KeyDerivation.argon2id(
        password: SecretBytes("x"), salt: [UInt8](repeating: 0, count: salt), passes: passes,
        memoryKiB: memoryKiB)
    }
  }
}
