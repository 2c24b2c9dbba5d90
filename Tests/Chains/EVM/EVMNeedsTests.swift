internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct EVMNeedsTests {
  static let to = "0x3535353535353535353535353535353535353535"

  func needs(
    _ text: String, chain: SigningChain = .eth, wallet: WalletView?, index: Int? = nil
  ) throws -> [Need] {
    let pending = try PendingTransaction(
      EVMVectors.pending(text, chain: chain, index: index), chain: chain.name)
    return try chain.needs(of: pending, wallet: wallet, testnet: true)
  }

  func facts(_ chain: SigningChain = .eth) throws -> EVMFacts {
    EVMFacts(try EVMVectors.network(chain).network, testnet: true)
  }

  func single(_ chain: SigningChain = .eth) -> WalletView {
    let address = chain.name == "XDC" ? "xdc" + EVMVectors.testAddress.dropFirst(2) : EVMVectors.testAddress
    return WalletView(
      signatureID: "id", chain: chain.name, testnet: true, kind: .privateKey, address: address)
  }

  @Test(arguments: EVMVectors.chains.map(\.name))
  func asksForAllThatIsMissing(name: String) throws {
    let chain = try #require(EVMVectors.chains.first { $0.name == name })
    let call = ContractCall(from: EVMVectors.testAddress, to: Self.to, value: "255", data: "0x0102")
    #expect(
      try needs(
        #"{"from":0,"to":"\#(Self.to)","value":"0xff","data":"0x0102","gas":"0","gasPrice":"0x0"}"#,
        chain: chain,
        wallet: single(chain))
        == [
          .constant(member: "from", value: .string(EVMVectors.testAddress)),
          facts(chain).chainID(carried: nil),
          facts(chain).nonce(of: EVMVectors.testAddress), facts(chain).gas(of: call),
          facts(chain).gasPrice(),
        ])
  }

  @Test func asksForNothingThatIsThere() throws {
    let constant = Need.constant(member: "from", value: .string(EVMVectors.testAddress))
    #expect(
      try needs(#"{"to":"\#(Self.to)","nonce":0,"gas":21000,"gasPrice":1}"#, wallet: single())
        == [constant, facts().chainID(carried: nil)])
    #expect(
      try needs(
        #"{"to":"\#(Self.to)","nonce":"0x0","gasLimit":"21000","maxFeePerGas":"5"}"#, wallet: single())
        == [constant, facts().chainID(carried: nil)])
  }

  @Test func tellsTheEstimateWhatTheTransactionSays() throws {
    let call = ContractCall(
      from: EVMVectors.testAddress, to: nil, value: nil, data: "0x60", gasPrice: "9", nonce: "0")
    #expect(
      try needs(#"{"input":"0x60","nonce":0,"gasPrice":9}"#, wallet: single()).last == facts().gas(of: call))
  }

  @Test func asksForThePriceInTheFeeCurrency() throws {
    let token = "0x765de816845861e75a25fca122bb6898b8b1282a"
    #expect(
      try needs(
        #"{"chainId":44787,"to":"\#(Self.to)","nonce":0,"gasLimit":"50000","feeCurrency":"\#(token)"}"#,
        chain: .celo, wallet: single(.celo)
      ).last
        == EVMFacts(try #require(EVMNetwork.named("CELO")), testnet: true, chainID: 44_787).gasPrice(
          feeCurrency: token))
  }

  @Test func derivesTheSenderOfAMnemonicWallet() throws {
    for chain in [SigningChain.eth, .xdc] {
      let vector = try #require(
        try EVMVectors.vectors("wallets", of: chain).first {
          $0["kind"]?.string == "hdWallet" && $0["testnet"]?.bool == true && $0["xpub"] != nil
        })
      let key = try #require(vector["keys"]?.array?.first)
      let address = try EVMVectors.network(chain).form.read(try #require(key["address"]?.string), member: "")
        .hexText
      let wallet = WalletView(
        signatureID: "id", chain: chain.name, testnet: true, kind: .mnemonic, xpub: vector["xpub"]?.string)
      let index = Int(try #require(key["index"]?.uint64))
      let text = #"{"to":"\#(Self.to)","gas":21000,"gasPrice":1}"#
      #expect(
        try needs(text, chain: chain, wallet: wallet, index: index)
          == [
            .constant(member: "from", value: .string(address)), facts(chain).chainID(carried: nil),
            facts(chain).nonce(of: address),
          ])
      #expect {
        try needs(text, chain: chain, wallet: wallet)
      } throws: { ($0 as? ChainError)?.code == .indexMissing }
    }
  }

  @Test func withoutAWalletItAsksWhatNeedsNoSender() throws {
    #expect(
      try needs(#"{"to":"\#(Self.to)"}"#, wallet: nil) == [facts().chainID(carried: nil), facts().gasPrice()])
    let unknown = WalletView(signatureID: "id", chain: "ETH", testnet: true, kind: .mnemonic)
    #expect(
      try needs(#"{"to":"\#(Self.to)","gasPrice":1}"#, wallet: unknown, index: 1) == [
        facts().chainID(carried: nil)
      ])
  }

  @Test func refusesWhatSigningWouldRefuse() {
    #expect(throws: ChainError.self) { try needs("{}", wallet: single()) }
    #expect(throws: ChainError.self) { try needs(#"{"to":"0x1"}"#, wallet: single()) }
    let damaged = WalletView(signatureID: "id", chain: "ETH", testnet: true, kind: .mnemonic, xpub: "xpub1")
    #expect {
      try needs(#"{"to":"\#(Self.to)"}"#, wallet: damaged, index: 0)
    } throws: { ($0 as? ChainError)?.code == .walletUnreadable }
  }
}

@Suite struct TokenSymbolsTests {
  @Test func tokensStandForTheirChains() {
    let expected = [
      "USDT": "ETH", "WBTC": "ETH", "CAKE": "BSC", "USDC_MATIC": "MATIC", "CUSD": "CELO", "FUSD": "FLOW",
      "USDT_TRON": "TRON",
    ]
    for (symbol, chain) in expected { #expect(TokenSymbols.chain(of: symbol) == chain) }
    for name in ChainRegistry.names.all + ["", "usdt", "FOO", "GAMEE", "ETH_BASE"] {
      #expect(TokenSymbols.chain(of: name) == nil)
    }
    #expect(TokenSymbols.chainWithSameKeys(as: "GAMEE") == "ETH")
    #expect(TokenSymbols.chainWithSameKeys(as: "USDT") == nil)
  }
}
