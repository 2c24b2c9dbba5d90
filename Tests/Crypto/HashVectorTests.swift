import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

@Suite struct HashVectorTests {
  @Test func keccak256() throws {
    for vector in try vectors("keccak256") {
      #expect(try Hash.keccak256(vector.bytes("message")) == vector.bytes("digest"))
    }
  }

  @Test func sha3of256() throws {
    for vector in try vectors("sha3-256") {
      #expect(try Hash.sha3_256(vector.bytes("message")) == vector.bytes("digest"))
    }
  }

  @Test func sha512of256() throws {
    for vector in try vectors("sha512-256") {
      #expect(try Hash.sha512_256(vector.bytes("message")) == vector.bytes("digest"))
    }
  }

  @Test func ripemd160AndCompositions() throws {
    for vector in try vectors("ripemd160-hash160") {
      let message =
        vector["message"] == nil ? [UInt8](repeating: 0x61, count: 1_000_000) : try vector.bytes("message")
      let digest: [UInt8]
      switch try vector.text("algorithm") {
      case "ripemd160": digest = Hash.ripemd160(message)
      case "hash160": digest = Hash.hash160(message)
      case "hash256": digest = Hash.sha256d(message)
      case "sha256": digest = Hash.sha256(message)
      case let other:
        Issue.record("unknown algorithm \(other)")
        continue
      }
      #expect(try digest == vector.bytes("digest"))
    }
  }

  @Test func blake2b() throws {
    var checked = 0
    for vector in try vectors("blake2b") {
      let count = try vector.integer("digestBytes")
      if vector["personal"] != nil { continue }  // personalisation is no parameter here: no chain uses it
      if vector["construction"] != nil {
        // h(1) = H(""), h(x) = H(h(x - 1) || … || h(1)); the digest is h(100).
        var chain: [UInt8] = []
        for _ in 1...99 { chain = Hash.blake2b(chain, count: count) + chain }
        #expect(try Hash.blake2b(chain, count: count) == vector.bytes("digest"))
      } else {
        #expect(try Hash.blake2b(vector.bytes("message"), count: count) == vector.bytes("digest"))
      }
      checked += 1
    }
    #expect(checked == 26)
  }

  @Test func checksumAddressesOfEIP55() throws {
    for vector in try vectors("eip55") {
      let digits = try Array(vector.text("address").utf8.dropFirst(2))
      let hash = Array(Hex.encode(Hash.keccak256(digits)).utf8)
      let mixed = zip(digits, hash).map { digit, nibble in nibble >= 56 && digit >= 97 ? digit - 32 : digit }
      #expect(try "0x" + String(decoding: mixed, as: UTF8.self) == vector.text("checksumAddress"))
    }
  }

  @Test func sha512AndItsHalf() throws {
    // FIPS 180-4 example "abc".
    let whole = try #require(
      Hex.decode(
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"))
    #expect(Hash.sha512(Array("abc".utf8)) == whole)
    #expect(Hash.sha512Half(Array("abc".utf8)) == Array(whole.prefix(32)))
  }

  @Test(arguments: [0, 1, 135, 136, 137, 271, 272, 273, 1000])
  func hashesOfSecretMemoryAreThoseOfArrays(count: Int) throws {
    let bytes = RandomBytes.generate(count: count)
    let secret = try SecretBytes(copying: bytes)
    func same(_ hash: (Span<UInt8>) -> [UInt8], _ expected: [UInt8]) {
      #expect(secret.withBytes(hash) == expected)
    }
    same(Hash.sha256, Hash.sha256(bytes))
    same(Hash.sha256d, Hash.sha256(Hash.sha256(bytes)))
    same(Hash.sha512, Hash.sha512(bytes))
    same(Hash.sha512Half, Hash.sha512Half(bytes))
    same(Hash.sha512_256, Hash.sha512_256(bytes))
    same(Hash.ripemd160, Hash.ripemd160(bytes))
    same(Hash.hash160, Hash.hash160(bytes))
    same(Hash.keccak256, Hash.keccak256(bytes))
    same(Hash.sha3_256, Hash.sha3_256(bytes))
    same({ Hash.blake2b($0, count: 20) }, Hash.blake2b(bytes, count: 20))
  }
}
