/// The kinds of transactions (TRON calls them contracts) that are signed.
///
/// Source of names and numbers: github.com/tronprotocol/protocol, core/Tron.proto and core/contract. Left out, and so
/// refused: governance of super representatives (proposals), the built-in exchange and market, shielded transfers,
/// storage, and whatever is not known.
struct TronContract: Sendable {
  /// The name in `type` and in `type_url`.
  let name: String
  /// The number of `ContractType`.
  let number: UInt64
  /// Whether it decides who may use the account (decision 5).
  let handsOverControl: Bool
  /// What it holds.
  let message: ProtobufMessage

  /// The contract called `name`; nil when it is not one that is signed.
  static func named(_ name: String) -> TronContract? { byName[name] }

  /// Every contract that is signed, in the order of their numbers.
  static let all = (accounts + transfers + voting + tokens + staking + smartContracts).sorted {
    $0.number < $1.number
  }

  /// Whether it is signed without a flag: transfers, calls and deployments of contracts, tokens of one's own, what is staked
  /// for oneself and taken back. What decides who may use the account has a flag of its own. Not the others: delegating
  /// resources and voting lend to others, becoming a witness burns 9,999 TRX, and settings of contracts and accounts are for
  /// ever, or nobody's daily business.
  var isKnown: Bool { handsOverControl || Self.known.contains(name) }

  private static let known: Set<String> = [
    "AccountCreateContract", "TransferContract", "TransferAssetContract", "AssetIssueContract",
    "UnfreezeAssetContract", "FreezeBalanceContract", "UnfreezeBalanceContract", "WithdrawBalanceContract",
    "FreezeBalanceV2Contract", "UnfreezeBalanceV2Contract", "WithdrawExpireUnfreezeContract",
    "UnDelegateResourceContract", "CancelAllUnfreezeV2Contract", "CreateSmartContract",
    "TriggerSmartContract",
  ]

  /// `raw_data` of a transaction with this contract (`Transaction.raw`).
  var rawData: ProtobufMessage {
    let any = ProtobufMessage(.one(1, "type_url", .string), .one(2, "value", .message(message)))
    let contract = ProtobufMessage(
      .one(1, "type", .enumeration([name: number])), .one(2, "parameter", .message(any)),
      .one(3, "provider", .bytes), .one(4, "ContractName", .name), .one(5, "Permission_id", .int32))
    return ProtobufMessage(
      .one(1, "ref_block_bytes", .bytes), .one(3, "ref_block_num", .int64), .one(4, "ref_block_hash", .bytes),
      .one(8, "expiration", .int64), .one(10, "data", .bytes), .many(11, "contract", .message(contract)),
      .one(12, "scripts", .bytes), .one(14, "timestamp", .int64), .one(18, "fee_limit", .int64))
  }

  /// `type_url` of the packed contract.
  var typeURL: String { "type.googleapis.com/protocol." + name }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private init(
    _ number: UInt64, _ name: String, _ fields: ProtobufMessage.Field..., owner: UInt32 = 1,
    handsOverControl: Bool = false
  ) {
    self.name = name
    self.number = number
    self.handsOverControl = handsOverControl
    message = ProtobufMessage([.one(owner, "owner_address", .address)] + fields)
  }

  // MARK: The tables

  private static let resource = ProtobufMessage.Kind.enumeration([
    "BANDWIDTH": 0, "ENERGY": 1, "TRON_POWER": 2,
  ])

  private static let accounts = [
    TronContract(
      0, "AccountCreateContract", .one(2, "account_address", .address),
      .one(3, "type", .enumeration(["Normal": 0, "AssetIssue": 1, "Contract": 2]))),
    TronContract(10, "AccountUpdateContract", .one(1, "account_name", .name), owner: 2),
    TronContract(19, "SetAccountIdContract", .one(1, "account_id", .name), owner: 2),
    TronContract(
      46, "AccountPermissionUpdateContract", .one(2, "owner", .message(permission)),
      .one(3, "witness", .message(permission)), .many(4, "actives", .message(permission)),
      handsOverControl: true),
  ]

  private static let permission = ProtobufMessage(
    .one(1, "type", .enumeration(["Owner": 0, "Witness": 1, "Active": 2])), .one(2, "id", .int32),
    .one(3, "permission_name", .string), .one(4, "threshold", .int64), .one(5, "parent_id", .int32),
    .one(6, "operations", .bytes),
    .many(7, "keys", .message(ProtobufMessage(.one(1, "address", .address), .one(2, "weight", .int64)))))

  private static let transfers = [
    TronContract(1, "TransferContract", .one(2, "to_address", .address), .one(3, "amount", .int64)),
    TronContract(
      2, "TransferAssetContract", .one(1, "asset_name", .name), .one(3, "to_address", .address),
      .one(4, "amount", .int64), owner: 2),
    TronContract(
      9, "ParticipateAssetIssueContract", .one(2, "to_address", .address), .one(3, "asset_name", .name),
      .one(4, "amount", .int64)),
  ]

  private static let voting = [
    TronContract(
      3, "VoteAssetContract", .many(2, "vote_address", .address), .one(3, "support", .bool),
      .one(5, "count", .int32)),
    TronContract(
      4, "VoteWitnessContract",
      .many(
        2, "votes",
        .message(ProtobufMessage(.one(1, "vote_address", .address), .one(2, "vote_count", .int64)))),
      .one(3, "support", .bool)),
    TronContract(5, "WitnessCreateContract", .one(2, "url", .name)),
    TronContract(8, "WitnessUpdateContract", .one(12, "update_url", .name)),
    TronContract(49, "UpdateBrokerageContract", .one(2, "brokerage", .int32)),
  ]

  private static let tokens = [
    TronContract(
      6, "AssetIssueContract", .one(2, "name", .name), .one(3, "abbr", .name),
      .one(4, "total_supply", .int64),
      .many(
        5, "frozen_supply",
        .message(ProtobufMessage(.one(1, "frozen_amount", .int64), .one(2, "frozen_days", .int64)))),
      .one(6, "trx_num", .int32), .one(7, "precision", .int32), .one(8, "num", .int32),
      .one(9, "start_time", .int64),
      .one(10, "end_time", .int64), .one(11, "order", .int64), .one(16, "vote_score", .int32),
      .one(20, "description", .name), .one(21, "url", .name), .one(22, "free_asset_net_limit", .int64),
      .one(23, "public_free_asset_net_limit", .int64), .one(24, "public_free_asset_net_usage", .int64),
      .one(25, "public_latest_free_net_time", .int64), .one(41, "id", .string)),
    TronContract(14, "UnfreezeAssetContract"),
    TronContract(
      15, "UpdateAssetContract", .one(2, "description", .name), .one(3, "url", .name),
      .one(4, "new_limit", .int64),
      .one(5, "new_public_limit", .int64)),
  ]

  private static let staking = [
    TronContract(
      11, "FreezeBalanceContract", .one(2, "frozen_balance", .int64), .one(3, "frozen_duration", .int64),
      .one(10, "resource", resource), .one(15, "receiver_address", .address)),
    TronContract(
      12, "UnfreezeBalanceContract", .one(10, "resource", resource), .one(15, "receiver_address", .address)),
    TronContract(13, "WithdrawBalanceContract"),
    TronContract(
      54, "FreezeBalanceV2Contract", .one(2, "frozen_balance", .int64), .one(3, "resource", resource)),
    TronContract(
      55, "UnfreezeBalanceV2Contract", .one(2, "unfreeze_balance", .int64), .one(3, "resource", resource)),
    TronContract(56, "WithdrawExpireUnfreezeContract"),
    TronContract(
      57, "DelegateResourceContract", .one(2, "resource", resource), .one(3, "balance", .int64),
      .one(4, "receiver_address", .address), .one(5, "lock", .bool), .one(6, "lock_period", .int64)),
    TronContract(
      58, "UnDelegateResourceContract", .one(2, "resource", resource), .one(3, "balance", .int64),
      .one(4, "receiver_address", .address)),
    TronContract(59, "CancelAllUnfreezeV2Contract"),
  ]

  private static let smartContracts = [
    TronContract(
      30, "CreateSmartContract", .one(2, "new_contract", .message(newContract)),
      .one(3, "call_token_value", .int64),
      .one(4, "token_id", .int64)),
    TronContract(
      31, "TriggerSmartContract", .one(2, "contract_address", .address), .one(3, "call_value", .int64),
      .one(4, "data", .bytes), .one(5, "call_token_value", .int64), .one(6, "token_id", .int64)),
    TronContract(
      33, "UpdateSettingContract", .one(2, "contract_address", .address),
      .one(3, "consume_user_resource_percent", .int64)),
    TronContract(
      45, "UpdateEnergyLimitContract", .one(2, "contract_address", .address),
      .one(3, "origin_energy_limit", .int64)),
    TronContract(48, "ClearABIContract", .one(2, "contract_address", .address)),
  ]

  private static let newContract = ProtobufMessage(
    .one(1, "origin_address", .address), .one(2, "contract_address", .address), .one(3, "abi", .message(abi)),
    .one(4, "bytecode", .bytes), .one(5, "call_value", .int64),
    .one(6, "consume_user_resource_percent", .int64),
    .one(7, "name", .string), .one(8, "origin_energy_limit", .int64), .one(9, "code_hash", .bytes),
    .one(10, "trx_hash", .bytes), .one(11, "version", .int32))

  /// What Solidity writes besides has no place in TRON's description of an interface, and nothing executes it.
  private static let abiParameter = ProtobufMessage(
    .one(1, "indexed", .bool), .one(2, "name", .string), .one(3, "type", .string),
    ignored: ["internalType", "components"])

  private static let abi = ProtobufMessage(
    .many(
      1, "entrys",
      .message(
        ProtobufMessage(
          .one(1, "anonymous", .bool), .one(2, "constant", .bool), .one(3, "name", .string),
          .many(4, "inputs", .message(abiParameter)), .many(5, "outputs", .message(abiParameter)),
          .one(
            6, "type",
            .enumeration([
              "UnknownEntryType": 0, "Constructor": 1, "Function": 2, "Event": 3, "Fallback": 4, "Receive": 5,
              "Error": 6,
            ])), .one(7, "payable", .bool),
          .one(
            8, "stateMutability",
            .enumeration(["UnknownMutabilityType": 0, "Pure": 1, "View": 2, "Nonpayable": 3, "Payable": 4]))))
    ))
}
