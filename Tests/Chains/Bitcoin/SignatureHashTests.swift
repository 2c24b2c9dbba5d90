import KMSCrypto
import KMSPrimitives
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// The examples of BIP-143, and of Bitcoin Cash's digest.
@Suite struct SignatureHashTests {
  @Test func nativeP2WPKHOfBIP143() throws {
    let unsigned =
      "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d1"
      + "82d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db"
      + "99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000"
    let transaction = try #require(BitcoinTransaction(decoding: Hex.decode(unsigned) ?? []))
    let code = LockingScript.publicKeyHashScript(
      try #require(Hex.decode("1d0f172a0ecb48aee1be1f2687d2963ae33f71a1")))
    let digests = SignatureHash(transaction)
    #expect(
      Hex.encode(digests.segregatedPreimage(input: 1, scriptCode: code, value: 600_000_000, type: 1))
        == "0100000096b827c8483d4e9b96712b6713a7b68d6e8003a781feba36c31143470b4efd3752b0a642eea2fb7ae638c36f6252b6750293"
        + "dbe574a806984b8e4d8548339a3bef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a010000001976a914"
        + "1d0f172a0ecb48aee1be1f2687d2963ae33f71a188ac0046c32300000000ffffffff863ef3e1a92afbfdb97f31ad0fc7683ee943e9ab"
        + "cf2501590ff8f6551f47e5e51100000001000000")
    #expect(
      Hex.encode(digests.segregated(input: 1, scriptCode: code, value: 600_000_000, type: 1))
        == "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670")
  }

  @Test func nestedP2WPKHOfBIP143() throws {
    let unsigned =
      "0100000001db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a54770100000000feffffff02b8b4eb0b000000"
      + "001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af2f000000001976a914fd270b1ee6abcaea97fea7ad0402e8"
      + "bd8ad6d77c88ac92040000"
    let transaction = try #require(BitcoinTransaction(decoding: Hex.decode(unsigned) ?? []))
    let code = LockingScript.publicKeyHashScript(
      try #require(Hex.decode("79091972186c449eb1ded22b78e40d009bdf0089")))
    #expect(
      Hex.encode(
        SignatureHash(transaction).segregated(input: 0, scriptCode: code, value: 1_000_000_000, type: 1))
        == "64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6")
  }

  @Test func forkIDOfBitcoinCash() throws {
    // wallet-core's transaction 96ee20… of the main network.
    let unsigned =
      "0100000001e28c2b955293159898e34c6840d99bf4d390e2ee1c6f606939f18ee1e2000d050200000000ffffffff0258020000000000"
      + "001976a914769bdff96a02f9135a1d19b749db6a78fe07dc9088ace5100000000000001976a9149e089b6889e032d46e3b915a3392ed"
      + "fd616fb1c488ac00000000"
    let transaction = try #require(BitcoinTransaction(decoding: Hex.decode(unsigned) ?? []))
    let code = LockingScript.publicKeyHashScript(
      try #require(Hex.decode("aff1e0789e5fe316b729577665aa0a04d5b0f8c7")))
    #expect(
      Hex.encode(
        SignatureHash(transaction).segregated(
          input: 0, scriptCode: code, value: 5151, type: SignatureHash.allForkID))
        == "1136d4975aee4ff6ccf0b8a9c640532f563b48d9856fdc9682c37a071702937c")
  }
}
