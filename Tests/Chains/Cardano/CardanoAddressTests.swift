internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct CardanoAddressTests {
  /// Every address of the vectors: text to the bytes that the body has.
  @Test func readsTheAddressesOfTheVectors() throws {
    var byron = 0
    var shelley = 0
    for vector in try EVMVectors.vectors("transactions/ada") {
      let testnet = vector["testnet"]?.bool == true
      let body = try EVMVectors.value(Hex.decode(try EVMVectors.value(vector["unsigned"]?["body"]?.string)))
      guard case .map(let members) = try CBOR.decode(body),
        case .array(let outputs)? = members.first(where: { $0.key == .unsigned(1) })?.value
      else { throw ChainError.malformed("no outputs") }
      for (output, shown) in zip(outputs, try EVMVectors.value(vector["unsigned"]?["outputs"]?.array)) {
        guard case .array(let parts) = output, case .bytes(let bytes) = parts[0] else { continue }
        let text = try EVMVectors.value(shown["address"]?.string)
        #expect(try CardanoAddress(text, testnet: testnet, member: "address").bytes == bytes)
        #expect(throws: ChainError.self) { try CardanoAddress(text, testnet: !testnet, member: "address") }
        if text.hasPrefix("addr") { shelley += 1 } else { byron += 1 }
      }
    }
    #expect(shelley > 40 && byron >= 2)
  }

  @Test func noCharacterOfAnAddressMayChange() throws {
    for text in [
      CardanoVectors.address,
      "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
      "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi",
    ] {
      let testnet = text.hasPrefix("addr_test")
      #expect(throws: Never.self) { try CardanoAddress(text, testnet: testnet, member: "address") }
      for i in 0..<text.utf8.count {
        var characters = Array(text.utf8)
        characters[i] = characters[i] == UInt8(ascii: "q") ? UInt8(ascii: "p") : UInt8(ascii: "q")
        let changed = String(decoding: characters, as: UTF8.self)
        #expect(throws: ChainError.self) { try CardanoAddress(changed, testnet: testnet, member: "address") }
        let cut = String(text.prefix(i))
        #expect(throws: ChainError.self) { try CardanoAddress(cut, testnet: testnet, member: "address") }
      }
    }
  }

  /// CIP-19 test vectors: scripts and pointers are paid, not signed for; stake addresses are not paid.
  @Test(arguments: [
    (
      "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
      false
    ),
    (
      "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve",
      true
    ),
    ("addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k", true),
    ("addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx", false),
  ])
  func readsOtherTypes(text: String, hasKey: Bool) throws {
    let address = try CardanoAddress(text, testnet: false, member: "address")
    #expect((address.paymentKeyHash != nil) == hasKey)
    #expect(address.bech32Text == text)
  }
}
