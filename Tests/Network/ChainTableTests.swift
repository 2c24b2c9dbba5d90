import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// No program knows more of a chain than it needs, so its name stands in several tables.
@Suite struct ChainTableTests {
  /// docs/chains/evm.md, "Adding a chain".
  @Test func everyProgramKnowsTheSameChains() throws {
    let names = Set(ChainRegistry.names.all)
    #expect(Set(ChainRegistry.chains.keys) == names)
    let paths = try names.map { try #require(ChainRegistry.broadcast(of: $0), "\($0)").name }
    #expect(Set(paths).count == names.count, "no two chains are sent to one endpoint")
  }
}
