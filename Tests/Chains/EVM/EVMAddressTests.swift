internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct EVMAddressTests {
  @Test func writesAndChecksTheVectorsOfEIP55() throws {
    let vectors = try #require(try EVMVectors.file("Crypto/Vectors/eip55.json")["vectors"]?.array)
    for vector in vectors {
      let text = try #require(vector["address"]?.string)
      let checksummed = try #require(vector["checksumAddress"]?.string)
      guard case .address(let address) = EVMAddress.read(text) else {
        Issue.record("\(text) was not read")
        continue
      }
      #expect(address.hexText == text)
      #expect(address.checksummedText == checksummed)
      #expect(EVMAddress.read(checksummed) == .address(address))
      #expect(EVMAddress.read(String(checksummed.dropFirst(2))) == .address(address))
      #expect(EVMAddress.read("0x" + text.dropFirst(2).uppercased()) == .address(address))
      #expect(EVMAddress(bytes: address.bytes) == address)
    }
    #expect(vectors.count == 8)
  }

  @Test func refusesEveryChangeOfCaseThatIsNotTheChecksum() {
    let good = Array("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".utf8)
    for at in 2..<good.count where good[at] > 57 {
      var changed = good
      changed[at] ^= 32
      #expect(EVMAddress.read(String(decoding: changed, as: UTF8.self)) == .wrongChecksum)
    }
  }

  @Test(arguments: [
    "", "0x", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedd",
    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", "xdc5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "one13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmc", "-x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    " 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea\u{0}d",
    "XE73 38O0 73KY GTWW ZN0F 2WZ0 R8PX 5ZPP ZS", "５aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
  ])
  func refusesWhatIsNoAddress(text: String) {
    #expect(EVMAddress.read(text) == .notAnAddress)
    #expect(throws: ChainError.self) { try EVMAddressForm.hexadecimal.read(text, member: "to") }
  }

  @Test(arguments: ["xdc", "one"])
  func convertsTheChainsOwnForm(name: String) throws {
    let form: EVMAddressForm = name == "xdc" ? .xdc : .harmony
    var count = 0
    for vector in try EVMVectors.vectors("wallets/\(name)")
    where vector["kind"]?.string == "addressConversion" {
      let text = try #require(vector["address"]?.string)
      let hex = try #require(vector["hexAddress"]?.string)
      let address = try form.read(text, member: "to")
      #expect(address.hexText == hex.lowercased())
      #expect(try form.read(hex, member: "to") == address)
      #expect(try form.read(text.uppercased(), member: "to") == address)
      if form.text(address).hasPrefix("xdc") { #expect(form.text(address) == text.lowercased()) }
      #expect(throws: ChainError.self) { try EVMAddressForm.hexadecimal.read(text, member: "to") }
      #expect(throws: ChainError.self) { try form.read(text + "0", member: "to") }
      count += 1
    }
    #expect(count == 2)
  }

  @Test func checksumHoldsInTheFormOfXDCToo() throws {
    let good = "xdc5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    #expect(try EVMAddressForm.xdc.read(good, member: "to").hexText == "0x" + good.dropFirst(3).lowercased())
    #expect(throws: ChainError.self) {
      try EVMAddressForm.xdc.read("xdc5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", member: "to")
    }
  }

  @Test func refusesDamagedBech32OfHarmony() {
    for text in [
      "one13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmd", "one1", "two13t9ul0yvudlk7e60fwvxr5l0azfg3kyl474xmc",
      "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ] {
      #expect(throws: ChainError.self) { try EVMAddressForm.harmony.read(text, member: "to") }
    }
  }
}
