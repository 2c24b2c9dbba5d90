import KMSCrypto
import KMSPrimitives
import KMSRecords

/// Makes the Protocol Buffers bytes of a transaction from its JSON, as a full node does with what is broadcast.
///
/// Fields after github.com/tronprotocol/protocol, one word each: number, name, and kind, which is `a`ddress, `b`ytes,
/// `n`ame, `s`tring, `i`nteger, `t`ruth, `e`numeration or `m`essage with its name, and `*` when it may be repeated.
struct TronEncoder {
  let isVisible: Bool

  private static let messages: [String: String] = [
    "raw":
      "1:ref_block_bytes:b 3:ref_block_num:i 4:ref_block_hash:b 8:expiration:i 10:data:b 11:contract:m-contract:* "
      + "12:scripts:b 14:timestamp:i 18:fee_limit:i",
    "contract": "1:type:e-type 2:parameter:m-any 3:provider:b 4:ContractName:n 5:Permission_id:i",
    "AccountCreateContract": "1:owner_address:a 2:account_address:a 3:type:e-account",
    "TransferContract": "1:owner_address:a 2:to_address:a 3:amount:i",
    "TransferAssetContract": "1:asset_name:n 2:owner_address:a 3:to_address:a 4:amount:i",
    "VoteAssetContract": "1:owner_address:a 2:vote_address:a:* 3:support:t 5:count:i",
    "VoteWitnessContract": "1:owner_address:a 2:votes:m-vote:* 3:support:t",
    "vote": "1:vote_address:a 2:vote_count:i",
    "WitnessCreateContract": "1:owner_address:a 2:url:n",
    "AssetIssueContract":
      "1:owner_address:a 2:name:n 3:abbr:n 4:total_supply:i 5:frozen_supply:m-frozen:* 6:trx_num:i 7:precision:i 8:num:i "
      + "9:start_time:i 10:end_time:i 11:order:i 16:vote_score:i 20:description:n 21:url:n 22:free_asset_net_limit:i "
      + "23:public_free_asset_net_limit:i 24:public_free_asset_net_usage:i 25:public_latest_free_net_time:i 41:id:s",
    "frozen": "1:frozen_amount:i 2:frozen_days:i",
    "WitnessUpdateContract": "1:owner_address:a 12:update_url:n",
    "ParticipateAssetIssueContract": "1:owner_address:a 2:to_address:a 3:asset_name:n 4:amount:i",
    "AccountUpdateContract": "1:account_name:n 2:owner_address:a",
    "FreezeBalanceContract":
      "1:owner_address:a 2:frozen_balance:i 3:frozen_duration:i 10:resource:e-resource 15:receiver_address:a",
    "UnfreezeBalanceContract": "1:owner_address:a 10:resource:e-resource 15:receiver_address:a",
    "WithdrawBalanceContract": "1:owner_address:a",
    "UnfreezeAssetContract": "1:owner_address:a",
    "UpdateAssetContract": "1:owner_address:a 2:description:n 3:url:n 4:new_limit:i 5:new_public_limit:i",
    "SetAccountIdContract": "1:account_id:n 2:owner_address:a",
    "CreateSmartContract": "1:owner_address:a 2:new_contract:m-smart 3:call_token_value:i 4:token_id:i",
    "smart":
      "1:origin_address:a 2:contract_address:a 3:abi:m-abi 4:bytecode:b 5:call_value:i 6:consume_user_resource_percent:i "
      + "7:name:s 8:origin_energy_limit:i 9:code_hash:b 10:trx_hash:b 11:version:i",
    "abi": "1:entrys:m-entry:*",
    "entry":
      "1:anonymous:t 2:constant:t 3:name:s 4:inputs:m-param:* 5:outputs:m-param:* 6:type:e-entry 7:payable:t "
      + "8:stateMutability:e-mutability",
    "param": "1:indexed:t 2:name:s 3:type:s",
    "TriggerSmartContract":
      "1:owner_address:a 2:contract_address:a 3:call_value:i 4:data:b 5:call_token_value:i 6:token_id:i",
    "UpdateSettingContract": "1:owner_address:a 2:contract_address:a 3:consume_user_resource_percent:i",
    "UpdateEnergyLimitContract": "1:owner_address:a 2:contract_address:a 3:origin_energy_limit:i",
    "AccountPermissionUpdateContract":
      "1:owner_address:a 2:owner:m-permission 3:witness:m-permission 4:actives:m-permission:*",
    "permission":
      "1:type:e-permission 2:id:i 3:permission_name:s 4:threshold:i 5:parent_id:i 6:operations:b 7:keys:m-key:*",
    "key": "1:address:a 2:weight:i",
    "ClearABIContract": "1:owner_address:a 2:contract_address:a",
    "UpdateBrokerageContract": "1:owner_address:a 2:brokerage:i",
    "FreezeBalanceV2Contract": "1:owner_address:a 2:frozen_balance:i 3:resource:e-resource",
    "UnfreezeBalanceV2Contract": "1:owner_address:a 2:unfreeze_balance:i 3:resource:e-resource",
    "WithdrawExpireUnfreezeContract": "1:owner_address:a",
    "DelegateResourceContract":
      "1:owner_address:a 2:resource:e-resource 3:balance:i 4:receiver_address:a 5:lock:t 6:lock_period:i",
    "UnDelegateResourceContract": "1:owner_address:a 2:resource:e-resource 3:balance:i 4:receiver_address:a",
    "CancelAllUnfreezeV2Contract": "1:owner_address:a",
  ]

  private static let enumerations: [String: [String: UInt64]] = [
    "type": [
      "AccountCreateContract": 0, "TransferContract": 1, "TransferAssetContract": 2, "VoteAssetContract": 3,
      "VoteWitnessContract": 4, "WitnessCreateContract": 5, "AssetIssueContract": 6,
      "WitnessUpdateContract": 8,
      "ParticipateAssetIssueContract": 9, "AccountUpdateContract": 10, "FreezeBalanceContract": 11,
      "UnfreezeBalanceContract": 12, "WithdrawBalanceContract": 13, "UnfreezeAssetContract": 14,
      "UpdateAssetContract": 15, "SetAccountIdContract": 19, "CreateSmartContract": 30,
      "TriggerSmartContract": 31,
      "UpdateSettingContract": 33, "UpdateEnergyLimitContract": 45, "AccountPermissionUpdateContract": 46,
      "ClearABIContract": 48, "UpdateBrokerageContract": 49, "FreezeBalanceV2Contract": 54,
      "UnfreezeBalanceV2Contract": 55, "WithdrawExpireUnfreezeContract": 56, "DelegateResourceContract": 57,
      "UnDelegateResourceContract": 58, "CancelAllUnfreezeV2Contract": 59,
    ], "account": ["normal": 0, "assetissue": 1, "contract": 2],
    "resource": ["bandwidth": 0, "energy": 1, "tron_power": 2],
    "permission": ["owner": 0, "witness": 1, "active": 2],
    "entry": ["constructor": 1, "function": 2, "event": 3, "fallback": 4, "receive": 5, "error": 6],
    "mutability": ["pure": 1, "view": 2, "nonpayable": 3, "payable": 4],
  ]

  /// The bytes of `raw_data`.
  func rawData(_ json: JSONValue) throws(Refusal) -> [UInt8] { try message(json, "raw") }

  private func message(_ json: JSONValue, _ name: String) throws(Refusal) -> [UInt8] {
    guard let object = json.object else { throw Refusal("\(name) is not an object") }
    if name == "any" { return try any(json) }
    guard let layout = Self.messages[name] else { throw Refusal("no contract \(name)") }
    var bytes: [UInt8] = []
    var known: Set<String> = ["internalType", "components"]  // of an ABI, which nodes skip
    for word in layout.split(separator: " ") {
      let parts = word.split(separator: ":").map(String.init)
      let member = parts[1]
      known.insert(member)
      guard let value = json[member], let number = UInt64(parts[0]) else { continue }
      if parts.count == 4 {
        guard let items = value.array else { throw Refusal("\(member) is not an array") }
        for item in items { bytes += Self.field(number, try self.value(item, parts[2])) }
      } else {
        let value = try self.value(value, parts[2])
        if value != .number(0) && value != .bytes([]) || parts[2].hasPrefix("m") {
          bytes += Self.field(number, value)
        }
      }
    }
    for member in object.members where !known.contains(member.name) {
      throw Refusal("Protocol message type has no field named \"\(member.name)\"")
    }
    return bytes
  }

  /// The contract itself, packed with its name.
  private func any(_ json: JSONValue) throws(Refusal) -> [UInt8] {
    guard let url = json["type_url"]?.string, let value = json["value"], json.object?.members.count == 2
    else {
      throw Refusal("parameter has not type_url and value")
    }
    let name = url.split(separator: ".").last.map(String.init) ?? ""
    guard name.hasSuffix("Contract") else { throw Refusal("no contract \(name)") }
    return Self.field(1, .bytes(Array(url.utf8))) + Self.field(2, .bytes(try message(value, name)))
  }

  private enum Value: Equatable {
    case number(UInt64)
    case bytes([UInt8])
  }

  private func value(_ json: JSONValue, _ kind: String) throws(Refusal) -> Value {
    let parts = kind.split(separator: "-").map(String.init)
    let text = json.string ?? ""
    switch parts[0] {
    case "m": return .bytes(try message(json, parts[1]))
    case "i":
      guard let number = json.uint64 else { throw Refusal("not an integer: \(json.text)") }
      return .number(number)
    case "t": return .number(json.bool == true ? 1 : 0)
    case "e":
      let numbers = Self.enumerations[parts[1]] ?? [:]
      guard let number = numbers[text] ?? numbers[text.lowercased()] ?? json.number?.uint64 else {
        throw Refusal("Enum type \(parts[1]) has no value named \(json.text)")
      }
      return .number(number)
    case "s": return .bytes(Array(text.utf8))
    case "n" where isVisible: return .bytes(Array(text.utf8))
    case "a" where isVisible && !text.isEmpty:
      guard let bytes = Base58Check.decode(text) else { throw Refusal("Invalid address: \(json.text)") }
      return .bytes(bytes)
    default:
      guard let bytes = Hex.decode(text) else { throw Refusal("INVALID hex String: \(json.text)") }
      return .bytes(bytes)
    }
  }

  private static func field(_ number: UInt64, _ value: Value) -> [UInt8] {
    switch value {
    case .number(let value): varint(number << 3) + varint(value)
    case .bytes(let bytes): varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }
}
