import KMSCrypto
import KMSPrivateKeys
import KMSRecords
import Testing

@Suite struct CurveVectorTests {
  @Test func deterministicECDSA() throws {
    for vector in try vectors("rfc6979-secp256k1") {
      let key = try Secp256k1PrivateKey(vector.secret("privateKey"))
      let digest = try vector.bytes("digest")
      let signature = try key.sign(digest: digest)
      #expect(try signature.rs == vector.bytes("signature"))
      #expect(try Int(signature.recoveryID) == vector.integer("recoveryId"))
      #expect(signature.hasLowS)
      if vector["der"] != nil {
        let der = try vector.bytes("der")
        #expect(signature.der == der)
        #expect(ECDSASignature(der: der, recoveryID: signature.recoveryID) == signature)
      }
      if vector["publicKey"] != nil { #expect(try key.publicKey() == vector.bytes("publicKey")) }
      #expect(Secp256k1.recover(signature, digest: digest) == key.publicKey(compressed: false))
      #expect(Secp256k1.verify(signature, digest: digest, publicKey: key.publicKey()))
    }
  }

  /// r is x of nonce × G, so the nonces of the file are checked through the signatures.
  @Test func noncesOfRFC6979() throws {
    for vector in try vectors("rfc6979-secp256k1", "nonces") {
      let signature = try Secp256k1PrivateKey(vector.secret("privateKey")).sign(
        digest: vector.bytes("digest"))
      let point = try Secp256k1PrivateKey(vector.secret("nonce")).publicKey()
      #expect(Array(signature.r) == Array(point.dropFirst()))
      // The second candidate leads elsewhere.
      let other = try Secp256k1PrivateKey(vector.secret("nonceIfFirstCandidateRejected")).publicKey()
      #expect(Array(signature.r) != Array(other.dropFirst()))
    }
  }

  @Test func schnorrOfBitcoinCash() throws {
    var reproduced = 0
    for vector in try vectors("schnorr-bch") {
      let signature = try vector.bytes("signature")
      let digest = try vector.bytes("digest")
      let publicKey = try vector.bytes("publicKey")
      let isValid = Secp256k1.verifyBCHSchnorr(signature, digest: digest, publicKey: publicKey)
      if try vector.text("kind") == "verify" {
        #expect(isValid == (vector["valid"]?.bool == true), "\(vector)")
        continue
      }
      #expect(isValid)
      let key = try Secp256k1PrivateKey(vector.secret("privateKey"))
      #expect(key.publicKey() == publicKey)
      // The others were made with a nonce that neither the specification nor the original demands.
      if vector["usedByTatum"]?.bool == true {
        #expect(try key.signBCHSchnorr(digest: digest) == signature)
        reproduced += 1
      }
    }
    #expect(reproduced > 0)
  }

  @Test func ed25519() throws {
    for vector in try vectors("ed25519") {
      let message = try vector.bytes("message")
      let publicKey = try vector.bytes("publicKey")
      let signature = try vector.bytes("signature")
      if vector["seed"] != nil {
        let key = try Ed25519PrivateKey(seed: vector.secret("seed"))
        #expect(key.publicKey == publicKey)
        #expect(key.sign(message) == signature)
        #expect(try key.expanded.hex == vector.text("seed") + vector.text("publicKey"))
      }
      let isValid = vector["valid"]?.bool ?? true
      #expect(Ed25519.verify(signature, message, publicKey: publicKey) == isValid, "\(vector)")
    }
  }
}
