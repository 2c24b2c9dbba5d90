import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What a refusal says.
@Suite struct ChainErrorTests {
  @Test func aMessageIsCutWhateverTheTransactionSays() {
    let name = String(repeating: "ü", count: 1 << 20)
    let error = ChainError.malformed("\(name) is not known")
    #expect(error.message.utf8.count < 1100)
    #expect(error.message.hasPrefix("üüü") && error.message.hasSuffix("…"))
    #expect(ChainError.malformed("short").message == "short")
  }
}
