/// What the data of a transaction of MultiversX calls, and which of it is signed without a flag; docs/chains/egld.md gives
/// the reasons.
///
/// The text before the first `@` names a function: one that the protocol has built in, whoever receives it, or one of the
/// contract that receives it. To everybody else the data is a message (docs.multiversx.com, "Built-in functions").
struct MultiversXOperations {
  let data: [UInt8]
  let sender: MultiversXAddress
  let receiver: MultiversXAddress

  /// Built-in functions that move what they name to the receiver, or make, add to or burn tokens of the sender's own.
  private static let known: Set<String> = [
    "ESDTTransfer", "ESDTNFTTransfer", "MultiESDTNFTTransfer", "ESDTNFTCreate", "ESDTNFTAddQuantity",
    "ESDTNFTBurn", "ESDTLocalMint", "ESDTLocalBurn", "ESDTBurn", "ESDTNFTAddURI", "ESDTNFTUpdateAttributes",
  ]

  /// The other built-in functions (mx-chain-vm-common-go, `core/builtInFunctions`): guardians, owners of contracts, names,
  /// roles. And what the system's token contract and contracts in general use to give something away for good.
  private static let refused: Set<String> = [
    "ClaimDeveloperRewards", "ChangeOwnerAddress", "SetUserName", "DeleteUserName", "MigrateUserName",
    "SaveKeyValue", "SetGuardian", "GuardAccount", "UnGuardAccount", "MigrateDataTrie", "ESDTPause",
    "ESDTUnPause", "ESDTFreeze", "ESDTUnFreeze", "ESDTWipe", "ESDTSetRole", "ESDTUnSetRole",
    "ESDTSetLimitedTransfer", "ESDTUnSetLimitedTransfer", "ESDTNFTCreateRoleTransfer", "ESDTModifyRoyalties",
    "ESDTModifyCreator", "ESDTSetNewURIs", "ESDTMetaDataRecreate", "ESDTMetaDataUpdate", "ESDTSetTokenType",
    "ESDTTransferRoleAddAddress", "ESDTTransferRoleDeleteAddress", "ESDTDeleteMetadata", "ESDTAddMetadata",
    "ESDTSetBurnRoleForAll", "ESDTUnSetBurnRoleForAll", "transferOwnership", "transferNFTCreateRole",
    "upgradeContract", "changeToDynamic",
  ]

  /// What is not known, in words; nil when all is.
  var unknown: String? {
    guard !data.isEmpty else { return nil }
    let isCall = data.contains(UInt8(ascii: "@"))
    guard let name = String(validating: data.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self) else {
      return receiver.isContract || isCall ? "its data calls a function whose name is no text" : nil
    }
    if Self.known.contains(name) { return nil }
    // Names are compared without their case only here: who writes one of them means it.
    if Self.refused.contains(where: { $0.lowercased() == name.lowercased() }) {
      return "its data calls \(name)"
    }
    if receiver.isContract { return nil }
    if isCall { return "its data calls a function of the protocol that is not known here" }
    return receiver == sender ? "it sends data to its own account, which is how accounts are changed" : nil
  }
}

extension MultiversXAddress {
  /// Whether a contract has it: such addresses begin with eight zero bytes.
  var isContract: Bool { bytes.prefix(8).allSatisfy { $0 == 0 } }
}
