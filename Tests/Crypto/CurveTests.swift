import CSecp256k1
import KMSPrimitives
import KMSRecords
import Testing

@testable import KMSCrypto
@testable import KMSPrivateKeys

@Suite struct CurveTests {
  static let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
  static let halfOrder = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"

  @Test(arguments: [
    "00", "", "0000000000000000000000000000000000000000000000000000000000000000", CurveTests.order,
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000000000001",
  ])
  func refusesPrivateKeysOutOfRange(hex: String) throws {
    #expect(throws: CryptoError.invalidPrivateKey) { try Secp256k1PrivateKey(SecretBytes(hex: hex)) }
  }

  @Test func acceptsTheFirstAndTheLastPrivateKey() throws {
    let first = try Secp256k1PrivateKey(SecretBytes(hex: String(repeating: "0", count: 63) + "1"))
    let last = try Secp256k1PrivateKey(
      SecretBytes(hex: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"))
    #expect(first.publicKey().dropFirst() == last.publicKey().dropFirst())
    #expect(first.publicKey().first == 2 && last.publicKey().first == 3)
    // Their sum is zero, which is no key.
    #expect(throws: CryptoError.invalidPrivateKey) { try first.addingTweak(last.secret) }
  }

  @Test func signsAndRecoversWithRandomKeys() throws {
    for _ in 0..<50 {
      let key = try Secp256k1PrivateKey(.random(count: 32))
      let digest = RandomBytes.generate(count: 32)
      let other = RandomBytes.generate(count: 32)
      let publicKey = key.publicKey(compressed: false)
      let signature = try key.sign(digest: digest)
      #expect(signature.hasLowS)
      #expect(Secp256k1.recover(signature, digest: digest) == publicKey)
      #expect(Secp256k1.recover(signature, digest: other) != publicKey)
      #expect(Secp256k1.verify(signature, digest: digest, publicKey: key.publicKey()))
      #expect(!Secp256k1.verify(signature, digest: other, publicKey: publicKey))
      #expect(ECDSASignature(der: signature.der, recoveryID: signature.recoveryID) == signature)
      let schnorr = try key.signBCHSchnorr(digest: digest)
      #expect(Secp256k1.verifyBCHSchnorr(schnorr, digest: digest, publicKey: publicKey))
      #expect(!Secp256k1.verifyBCHSchnorr(schnorr, digest: other, publicKey: publicKey))
      #expect(schnorr.prefix(32) != signature.r)  // never one nonce for both
    }
  }

  @Test func nonceIsThatOfTheLibrary() throws {
    let theirs = try #require(secp256k1_nonce_function_rfc6979)
    for i in 0..<400 {
      let key = RandomBytes.generate(count: 32)
      // Every fourth is near the group order, where digests are reduced.
      var message = RandomBytes.generate(count: 32)
      if i % 4 == 0 {
        message.replaceSubrange(
          0..<16, with: [UInt8](repeating: 0xff, count: 15) + [i % 8 == 0 ? 0xff : 0xfe])
      }
      var data = RandomBytes.generate(count: 32)
      let algorithm = i % 2 == 0 ? nil : RandomBytes.generate(count: 16)
      let attempt = UInt32(i % 5)
      var (expected, found) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
      data.withUnsafeMutableBytes { data in
        let data = i % 3 == 0 ? data.baseAddress : nil
        #expect(theirs(&expected, message, key, algorithm, data, attempt) == 1)
        #expect(DeterministicNonce.function(&found, message, key, algorithm, data, attempt) == 1)
      }
      #expect(found == expected, "attempt \(attempt), algorithm \(algorithm != nil), data \(i % 3 == 0)")
    }
  }

  /// r and s computed from the nonces of the file with plain integers: s = (z + r·x) / k modulo n.
  @Test func leavesSAsItFallsWhenAsked() throws {
    let expected = [
      "deb495f9452b199b7cbd5c592fbb261b08119ca37f7132e165860f9fd2d4d4d8",
      "907f867d799087a2c09be72dbe9c2250a9335f31d94ab034a1f1f4927c021edf",
      "583ccd150e446daaafda69717a14cc35117dac464917755e9d5a5695b98164c6",
      "d0b6fcc0378122e07ab6a695893cf70e063a8e7ebde6d69a43e8964613e987c3",
      "9e914fc32b34f8dcec31431d22998c2023c74143a926bc137bd8b2de98069677",
      "3336d62e9d75e65a496695350fe51718714bbbd2df736312de690c460a5a767f",
      "c2e82a5f8115fcb8894281a17ba23e5671b822e391f6b4940fcdcc835dbb20c0",
      "86f38746e995f74b6472ffd00d45cf509226ef934eaf457907f6b0258047cf52",
      "fffc418e2123be4c290d305ec0c9b18e4252508e49a624de80cbcc37f73433a6",
      "c7a8bfac66106b0809459ba5e235b8c942d04b8422a09b86ecdf6e08c8ce6ee6",
    ]
    let cases = try vectors("rfc6979-secp256k1", "nonces")
    #expect(cases.count == expected.count)
    for (vector, s) in zip(cases, expected) {
      let key = try Secp256k1PrivateKey(vector.secret("privateKey"))
      let digest = try vector.bytes("digest")
      let signature = try key.signWithoutNormalizing(digest: digest)
      #expect(Hex.encode(signature.s) == s)
      #expect(try signature.r == key.sign(digest: digest).r)
      #expect(signature.hasLowS == (s <= Self.halfOrder))
      #expect(Secp256k1.verify(signature, digest: digest, publicKey: key.publicKey()))
      #expect(Secp256k1.recover(signature, digest: digest) == key.publicKey(compressed: false))
    }
  }

  @Test(arguments: [0, 31, 33, 64])
  func refusesDigestsOfAnotherLength(count: Int) throws {
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let digest = [UInt8](repeating: 1, count: count)
    let signature = try key.sign(digest: [UInt8](repeating: 1, count: 32))
    #expect(throws: CryptoError.self) { try key.sign(digest: digest) }
    #expect(throws: CryptoError.self) { try key.signWithoutNormalizing(digest: digest) }
    #expect(throws: CryptoError.self) { try key.signBCHSchnorr(digest: digest) }
    #expect(Secp256k1.recover(signature, digest: digest) == nil)
    #expect(!Secp256k1.verify(signature, digest: digest, publicKey: key.publicKey()))
    #expect(!Secp256k1.verifyBCHSchnorr(signature.rs, digest: digest, publicKey: key.publicKey()))
  }

  @Test func refusesSignaturesOutOfRange() throws {
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let good = try key.sign(digest: [UInt8](repeating: 1, count: 32))
    let order = try #require(Hex.decode(Self.order))
    let zero = [UInt8](repeating: 0, count: 32)
    let r = Array(good.r)
    let s = Array(good.s)
    let bad: [[UInt8]] = [r + zero, zero + s, r + order, order + s, r + s.dropLast(), r + s + [0], []]
    for rs in bad {
      #expect(throws: CryptoError.invalidSignature) { try ECDSASignature(rs: rs, recoveryID: 0) }
    }
    for id: UInt8 in [4, 27, 255] {
      #expect(throws: CryptoError.invalidSignature) { try ECDSASignature(rs: good.rs, recoveryID: id) }
    }
    let copy = try ECDSASignature(rs: good.rs, recoveryID: good.recoveryID)
    #expect(copy == good)
  }

  @Test func readsOnlyTheShortestDER() throws {
    let key = try Secp256k1PrivateKey(SecretBytes(hex: String(repeating: "0", count: 63) + "1"))
    let der = try key.sign(digest: [UInt8](repeating: 1, count: 32)).der
    #expect(ECDSASignature(der: der) != nil)
    for count in 0..<der.count { #expect(ECDSASignature(der: Array(der.prefix(count))) == nil) }
    #expect(ECDSASignature(der: der + [0]) == nil)
    var longForm = der
    longForm.replaceSubrange(1...1, with: [0x81, der[1]])
    #expect(ECDSASignature(der: longForm) == nil)
    // r with a zero byte in front that it does not need, lengths adjusted.
    var padded = Array(der[0..<4]) + (der[4] >= 0x80 ? [] : [0]) + Array(der[4...])
    padded[1] += UInt8(padded.count - der.count)
    padded[3] += UInt8(padded.count - der.count)
    #expect(padded == der || ECDSASignature(der: padded) == nil)
  }

  @Test func convertsPublicKeys() throws {
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let short = key.publicKey()
    let long = key.publicKey(compressed: false)
    #expect(short.count == 33 && long.count == 65)
    #expect(Secp256k1.uncompressed(short) == long && Secp256k1.uncompressed(long) == long)
    #expect(Secp256k1.compressed(long) == short && Secp256k1.compressed(short) == short)
    let hybrid: [UInt8] = [6 | (long[64] & 1)] + Array(long.dropFirst())
    let offCurve: [UInt8] = Array(long.dropLast()) + [long[64] ^ 1]
    let refused: [[UInt8]] = [hybrid, offCurve, Array(short.dropLast()), short + [0], [], [0]]
    for bad in refused {
      #expect(!Secp256k1.isValidPublicKey(bad))
      #expect(Secp256k1.uncompressed(bad) == nil && Secp256k1.compressed(bad) == nil)
      #expect(Secp256k1.addTweak([UInt8](repeating: 1, count: 32), to: bad) == nil)
    }
  }

  @Test func tweaksOfBothHalvesAgree() throws {
    for _ in 0..<20 {
      let key = try Secp256k1PrivateKey(.random(count: 32))
      let tweak = RandomBytes.generate(count: 32)
      let sum = try key.addingTweak(SecretBytes(copying: tweak))
      #expect(Secp256k1.addTweak(tweak, to: key.publicKey()) == sum.publicKey())
    }
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let order = try #require(Hex.decode(Self.order))
    for bad: [UInt8] in [order, [1], []] {
      #expect(Secp256k1.addTweak(bad, to: key.publicKey()) == nil)
      #expect(throws: CryptoError.invalidPrivateKey) { try key.addingTweak(SecretBytes(copying: bad)) }
    }
  }

  @Test func schnorrRefusesChangedSignatures() throws {
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let digest = RandomBytes.generate(count: 32)
    let signature = try key.signBCHSchnorr(digest: digest)
    for byte in signature.indices {
      var changed = signature
      changed[byte] ^= 1
      #expect(!Secp256k1.verifyBCHSchnorr(changed, digest: digest, publicKey: key.publicKey()))
    }
    let order = try #require(Hex.decode(Self.order))
    let zero = [UInt8](repeating: 0, count: 32)
    let r = Array(signature.prefix(32))
    let refused: [[UInt8]] = [r + order, r + zero, zero + zero, Array(signature.dropLast()), []]
    for bad in refused {
      #expect(!Secp256k1.verifyBCHSchnorr(bad, digest: digest, publicKey: key.publicKey()))
    }
  }

  @Test func threadsShareTheContext() async throws {
    let key = try Secp256k1PrivateKey(.random(count: 32))
    let digests = (0..<200).map { _ in RandomBytes.generate(count: 32) }
    let expected = try digests.map { try key.sign(digest: $0) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { try digests.map { try key.sign(digest: $0) } == expected }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func ed25519SignsWithRandomKeys() throws {
    for count in 0..<40 {
      let key = try Ed25519PrivateKey(seed: .random(count: 32))
      let message = RandomBytes.generate(count: count)
      let signature = key.sign(message)
      #expect(signature.count == 64 && key.publicKey.count == 32 && key.expanded.count == 64)
      #expect(Ed25519.verify(signature, message, publicKey: key.publicKey))
      #expect(!Ed25519.verify(signature, message + [0], publicKey: key.publicKey))
      var changed = signature
      changed[count] ^= 1
      #expect(!Ed25519.verify(changed, message, publicKey: key.publicKey))
    }
  }

  @Test func ed25519RefusesOtherLengths() throws {
    for count in [0, 31, 33, 64] {
      #expect(throws: CryptoError.invalidPrivateKey) { try Ed25519PrivateKey(seed: .random(count: count)) }
    }
    let key = try Ed25519PrivateKey(seed: .random(count: 32))
    #expect(!Ed25519.verify(Array(key.sign([1]).dropLast()), [1], publicKey: key.publicKey))
    #expect(!Ed25519.verify(key.sign([1]), [1], publicKey: key.publicKey + [0]))
    #expect(!Ed25519.verify(key.sign([1]), [1], publicKey: []))
  }
}
