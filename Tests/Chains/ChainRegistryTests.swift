import KMSRecords
import KMSSigning
import Testing

@testable import KMSChains

/// What the registry makes of what the chains say of themselves.
@Suite struct ChainRegistryTests {
  @Test func everyNameIsAName() {
    for name in ChainRegistry.names.all { #expect(ChainNames.isName(name), "\(name)") }
    #expect(Set(ChainRegistry.names.all).count == ChainRegistry.names.all.count)
    #expect(Set(SigningRegistry.chains.keys) == Set(ChainRegistry.names.all))
  }

  @Test func noSynonymIsAChainOrStandsTwice() {
    let synonyms = ChainRegistry.all.flatMap { $0.synonyms.names + $0.synonyms.tokens + $0.synonyms.keysOnly }
    #expect(Set(synonyms).count == synonyms.count)
    #expect(Set(synonyms).isDisjoint(with: ChainRegistry.names.all))
  }

  @Test func hintsAtWhatIsMeant() {
    for (typed, name) in [
      ("POL", "MATIC"), ("KAIA", "KLAY"), ("trx", "TRON"), ("XBT", "BTC"), ("polygon", "MATIC"),
    ] {
      #expect(ChainRegistry.hint(for: typed).contains("\(name)?"))
    }
    #expect(ChainRegistry.hint(for: "NOPE").isEmpty)
    for name in ChainRegistry.names.all { #expect(ChainRegistry.hint(for: name).isEmpty) }
  }
}
