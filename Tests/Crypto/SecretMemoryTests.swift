import Glibc
import KMSPrimitives
import Testing

@testable import KMSCrypto

@Suite struct SecretMemoryTests {
  @Test func printsNothingOfASecret() throws {
    let secret = try SecretBytes("correct horse")
    #expect("\(secret)" == "<redacted>")
    #expect(String(reflecting: secret) == "<redacted>")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("horse") && !dumped.contains("storage"))
    #expect(Mirror(reflecting: secret).children.isEmpty)
  }

  @Test(arguments: [0, 1, 64, 65, 1024, 1025, 100_000])
  func isZeroBeforeItIsFilled(count: Int) throws {
    // Fill and free slots first, so that used ones are handed out again.
    for _ in 0..<8 { _ = try SecretBytes(copying: [UInt8](repeating: 0xee, count: count)) }
    let fresh = try SecretBytes(
      count: count,
      filling: { out in
        #expect(out.count == count)
        #expect(out.allSatisfy { $0 == 0 })
      })
    #expect(fresh.count == count)
  }

  @Test func secretsDoNotOverlap() throws {
    let secrets = try (0..<600).map { i in
      try SecretBytes(copying: [UInt8](repeating: UInt8(i % 251), count: 1 + i * 3 % 1100))
    }
    for (i, secret) in secrets.enumerated() {
      #expect(secret.withUnsafeBytes { $0.allSatisfy { $0 == UInt8(i % 251) } })
    }
  }

  // In a process of its own: nobody else may take the slot between release and look.
  @Test func wipesWhenTheLastReferenceGoes() async {
    await #expect(processExitsWith: .success) {
      var secret: SecretBytes? = try SecretBytes(copying: [UInt8](repeating: 0xaa, count: 64))
      let address = try #require(secret?.withUnsafeBytes { $0.baseAddress })
      #expect(address.load(as: UInt8.self) == 0xaa)
      secret = nil
      let left = UnsafeRawBufferPointer(start: address, count: 64)
      #expect(left.allSatisfy { $0 == 0 })
    }
  }

  @Test func wipesWhenFillingFails() async {
    await #expect(processExitsWith: .success) {
      var address: UnsafeMutableRawPointer?
      #expect(throws: CryptoError.invalidPrivateKey) {
        _ = try SecretBytes(
          count: 64,
          filling: { (out) throws(CryptoError) in
            for i in 0..<64 { out[i] = 0xaa }
            address = out.baseAddress
            throw .invalidPrivateKey
          })
      }
      let left = UnsafeRawBufferPointer(start: try #require(address), count: 64)
      #expect(left.allSatisfy { $0 == 0 })
    }
  }

  @Test func movingWipesTheArray() throws {
    var array: [UInt8] = [1, 2, 3]
    let secret = try SecretBytes(moving: &array)
    #expect(array == [0, 0, 0])
    #expect(secret.hex == "010203")
    var other: [UInt8] = [9, 9]
    other.wipe()
    #expect(other == [0, 0])
  }

  @Test func comparesByContent() throws {
    #expect(try SecretBytes("same") == SecretBytes("same"))
    #expect(try !(SecretBytes("same") == SecretBytes("some")))
    #expect(try !(SecretBytes("same") == SecretBytes("same!")))
    #expect(ConstantTime.equal([1, 2], [1, 2]) && ConstantTime.equal([], []))
    #expect(!ConstantTime.equal([1, 2], [1, 3]) && !ConstantTime.equal([1, 2], [1, 2, 3]))
  }

  @Test func refusesSlicesBeyondTheEnd() throws {
    let secret = try SecretBytes("abcdef")
    #expect(try secret.slice(1..<3).text == "bc")
    #expect(try secret.slice(6..<6).count == 0)
    #expect(throws: CryptoError.self) { try secret.slice(3..<7) }
    #expect(throws: CryptoError.self) { try secret.slice(-1..<2) }
  }

  @Test func readsAndWritesHexadecimal() throws {
    let every = [UInt8](0...255)
    let text = try SecretBytes(copying: every).hexEncoded()
    #expect(text.text == Hex.encode(every))
    #expect(try text.hexDecoded()?.hex == Hex.encode(every))
    #expect(try SecretBytes("0xABcd").hexDecoded()?.hex == "abcd")
    #expect(try SecretBytes("").hexDecoded()?.count == 0)
    #expect(try SecretBytes("0x").hexDecoded()?.count == 0)
    for bad in ["abc", "0xabc", "zz", "ab cd", "0x0x12", "abcg", "ab:cd", "a:"] {
      #expect(try SecretBytes(bad).hexDecoded() === nil, "\(bad)")
    }
  }

  @Test func readsAndWritesBase64() throws {
    for count in 0...70 {
      let bytes = RandomBytes.generate(count: count)
      let text = try SecretBytes(copying: bytes).base64Encoded()
      #expect(text.text == Base64.encode(bytes))
      #expect(try text.base64Decoded()?.hex == Hex.encode(bytes))
    }
    #expect(try SecretBytes("Zg").base64Decoded() === nil)
  }

  @Test func randomBytesDiffer() throws {
    #expect(RandomBytes.generate(count: 32) != RandomBytes.generate(count: 32))
    #expect(try !(SecretBytes.random(count: 32) == SecretBytes.random(count: 32)))
    #expect(RandomBytes.generate(count: 0).isEmpty && RandomBytes.generate(count: -1).isEmpty)
  }

  @Test func hardeningForbidsCoreDumpsAndOpenFiles() async {
    await #expect(processExitsWith: .success) {
      #expect(SecretMemory.hardenProcess())
      var limit = rlimit(rlim_cur: 1, rlim_max: 1)
      getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
      #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
      #expect(umask(0) == 0o077)
    }
  }

  @Test func tellsWhenMemoryCannotBeLocked() async {
    await #expect(processExitsWith: .success) {
      // Locking needs neither a limit nor a right that this process has left.
      var none = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &none)
      if geteuid() == 0 { try #require(setuid(65534) == 0) }
      #expect(SecretMemory.lockFailed())
      #expect(try SecretBytes("still works").text == "still works")
    }
  }
}
