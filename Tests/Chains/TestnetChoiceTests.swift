import KMSRecords
import Testing

@testable import KMSChains

/// `--testnet-type`: which of a chain's test networks is meant.
@Suite struct TestnetChoiceTests {
  @Test(arguments: [
    ("ETH=holesky", "ETH", "holesky"), ("eth=Sepolia", "ETH", "sepolia"), ("ETH=560048", "ETH", "560048"),
    ("CELO=alfajores", "CELO", "alfajores"),
  ]) func reads(text: String, chain: String, testnet: String) throws {
    let choice = try TestnetChoice(parsing: text)
    #expect(choice.chain == chain && choice.testnet == testnet)
  }

  @Test(arguments: [
    ("ETH", "CHAIN=NAME"), ("", "CHAIN=NAME"), ("FOO=x", "CHAIN=NAME"), ("XLM=x", "CHAIN=NAME"),
    ("ETH=ropsten", "sepolia, holesky, hoodi"), ("ETH=", "sepolia, holesky, hoodi"),
    ("ETH=1", "sepolia, holesky, hoodi"),
  ]) func refuses(text: String, says: String) {
    #expect {
      try TestnetChoice(parsing: text)
    } throws: { "\($0)".contains(says) }
  }

  private func chain(_ choices: [String]) throws -> EVMChain {
    let chains = ChainRegistry.chains(choosing: try choices.map { try TestnetChoice(parsing: $0) })
    return try #require(chains["ETH"] as? EVMChain)
  }

  @Test func theChosenOneIsMeantAndTheOthersAreStillKnown() throws {
    #expect(try chain([]).pinnedChainIDs(testnet: true) == [11_155_111, 17_000, 560_048])
    #expect(try chain(["ETH=holesky"]).pinnedChainIDs(testnet: true) == [17_000, 11_155_111, 560_048])
    #expect(try chain(["ETH=holesky", "ETH=hoodi"]).pinnedChainIDs(testnet: true).first == 560_048)
    #expect(try chain(["ETH=holesky"]).pinnedChainIDs(testnet: false) == [1])
  }

  @Test(
    arguments: [
      ([], nil, "ethereum-sepolia"), (["ETH=holesky"], nil, "ethereum-holesky"),
      ([], 17_000, "ethereum-holesky"), (["ETH=holesky"], 11_155_111, "ethereum-sepolia"),
      ([], 560_048, nil), (["ETH=hoodi"], nil, nil),
    ] as [([String], UInt64?, String?)])
  func asksTheNodeOfTheNetworkThatATransactionNames(choices: [String], chainID: UInt64?, node: String?) throws
  {
    #expect(EVMFacts(try chain(choices).network, testnet: true, chainID: chainID).part.node == node)
  }
}
