internal import KMSChains
internal import KMSCrypto

/// Where wallet programs have the keys of an EVM chain, by the chain's own SLIP-44 number.
struct EVMWalletPrograms {
  private let coinType: UInt32
  private let sdkCoinType: UInt32

  /// - Parameters:
  ///   - coinType: the chain's number in this program's paths.
  ///   - sdkCoinType: that of Tatum's SDK 4, where it is another.
  init(_ coinType: UInt32, sdkCoinType: UInt32?) {
    self.coinType = coinType
    self.sdkCoinType = sdkCoinType ?? coinType
  }

  private static let slip44 = "https://github.com/satoshilabs/slips/blob/master/slip-0044.md"
  private static let trust = "https://github.com/trustwallet/wallet-core/blob/master/registry.json"
  /// With comments on Ledger's paths.
  private static let trezor =
    "https://github.com/trezor/trezor-suite/blob/develop/suite-common/wallet-config/src/networksConfig.ts"
  private static let tatumSDK =
    "https://github.com/tatumio/ecosystem-addons/blob/master/extensions/walletProviders/evm/src/consts.ts"

  /// The chains whose number Trust Wallet does not use, by their own number (its registry).
  private static let trustAtEthereums: Set<UInt32> = [60, 966, 8217, 52_752]
  /// The chains that Trust Wallet has at their own number.
  private static let trustAtOwn: Set<UInt32> = [818, 1023]
  /// The chains that Ledger Live and Trezor Suite have, at Ethereum's number (Trezor's table).
  private static let hardware: Set<UInt32> = [60, 966]

  var paths: [KnownPath?] {
    common + own + [
      KnownPath(
        "m/44'/1'/0'/0/i", "the number of test networks, as Tatum's SDK and this program have it",
        presets: ["tatum-sdk-4"], on: .testnets, source: Self.tatumSDK)
    ] + numbers
  }

  /// At Ethereum's number.
  private var common: [KnownPath?] {
    [
      KnownPath(
        "m/44'/60'/0'/0/i", "MetaMask, Rabby and most others on every EVM chain",
        presets: ["metamask", "rabby"]
          + (Self.trustAtEthereums.contains(coinType) ? ["trust"] : [])
          + (Self.hardware.contains(coinType) ? ["trezor", "ledger-live"] : [])
          + (sdkCoinType == 60 ? ["tatum-sdk-4"] : []),
        source: "https://github.com/MetaMask/accounts/tree/main/packages/keyring-eth-hd"),
      KnownPath("m/44'/60'/i'/0/0", "further accounts of Ledger Live", source: Self.trezor),
      KnownPath(
        "m/44'/60'/0'/i", "Ledger before Ledger Live, and MyEtherWallet with a Ledger",
        presets: ["ledger-legacy", "mew"], source: Self.trezor),
    ]
  }

  /// At the chain's own number.
  private var own: [KnownPath?] {
    [
      KnownPath(
        "m/44'/\(coinType)'/0'/0/i", "the chain's own number on both networks",
        presets: ["slip44"] + (Self.trustAtOwn.contains(coinType) ? ["trust"] : []), source: Self.slip44),
      KnownPath(
        "m/44'/\(sdkCoinType)'/0'/0/i", "Tatum's SDK 4", presets: ["tatum-sdk-4"], on: .mainnet,
        source: Self.tatumSDK),
    ]
  }

  /// Numbers of other chains, whose addresses look the same.
  private var numbers: [KnownPath?] {
    [
      KnownPath("m/44'/966'/0'/0/i", "Polygon's own number, as Tatum has it", source: Self.tatumSDK),
      KnownPath("m/44'/9006'/0'/0/i", "BNB Smart Chain in Tatum's SDK 4", source: Self.tatumSDK),
      KnownPath("m/44'/641'/0'/0/i", "KuCoin Community Chain in Tatum's SDK 4", source: Self.tatumSDK),
      KnownPath("m/44'/714'/0'/0/i", "BNB's own number, as of the Beacon Chain", source: Self.trust),
      KnownPath("m/44'/61'/0'/0/i", "Ethereum Classic", source: Self.trust),
      KnownPath(
        "m/44'/52752'/0'/0/i", "Celo's own number: Valora, celocli",
        source: "https://github.com/celo-org/celo-blockchain/blob/master/accounts/hd.go"),
      KnownPath(
        "m/44'/8217'/0'/0/i", "Kaia's own number: Kaikas, D'CENT",
        source: "https://github.com/kaiachain/kaia/blob/dev/accounts/hd.go"),
      KnownPath("m/44'/1023'/0'/0/i", "Harmony's own number: Trust Wallet, hmy", source: Self.trust),
      KnownPath("m/44'/550'/0'/0/i", "XDC's own number: XDC's own wallets", source: Self.slip44),
      KnownPath(
        "m/44'/818'/0'/0/i", "VeChain's own number: VeWorld, Trust Wallet, Ledger", source: Self.trust),
    ]
  }
}
