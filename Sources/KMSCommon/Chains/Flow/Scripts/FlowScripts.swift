/// The Cadence 1.0 scripts of the transactions that are signed; one file each.
///
/// They say what those of the original said before the network's upgrade of September 2024, with the same arguments.
/// docs/chains/flow.md tells what each is based on.
struct FlowScripts: Sendable {
  /// Where the contracts are.
  let contracts: FlowContracts
}

/// The accounts that hold the contracts, with `0x`.
struct FlowContracts: Hashable, Sendable {
  /// The token standard.
  let fungibleToken: String
  /// FLOW itself.
  let flowToken: String
  /// A stable coin, deprecated but still there.
  let fusd: String
  /// The standard of non-fungible tokens.
  let nonFungibleToken: String
  /// The API's contract for non-fungible tokens.
  let tatumMultiNFT: String

  /// Flow documentation, "Core Contracts"; onflow/fusd; tatumio/tatum-js.
  static let mainnet = FlowContracts(
    fungibleToken: "0xf233dcee88fe0abe", flowToken: "0x1654653399040a61", fusd: "0x3c5959b568896393",
    nonFungibleToken: "0x1d7e57aa55817448", tatumMultiNFT: "0x354e6721564ccd2c")

  /// The same sources.
  static let testnet = FlowContracts(
    fungibleToken: "0x9a0766d93b6608b7", flowToken: "0x7e60df042a9c0868", fusd: "0xe223d8a629e49c68",
    nonFungibleToken: "0x631e88ae7f1d7c20", tatumMultiNFT: "0x87fe4ebd0cddde06")
}
