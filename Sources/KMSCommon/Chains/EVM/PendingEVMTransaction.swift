internal import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of an EVM chain says: a web3.js `TransactionConfig` (CELO: an ethers.js transaction) in
/// JSON, read once, before anything from the network is added.
///
/// Null, absent and empty members are the same. Every member is known or refused: one that is not understood could
/// change the meaning of the rest.
struct PendingEVMTransaction: Hashable, Sendable {
  /// The sender, when it is named (the SDK writes the place holder 0).
  var from: EVMAddress?
  /// The receiver; nil creates a contract.
  var to: EVMAddress?
  /// The amount in wei.
  var value = UInt256.zero
  /// The call's input.
  var data: [UInt8] = []
  /// The nonce, when it is given; 0 is one.
  var nonce: UInt64?
  /// The gas limit; 0 counts as missing.
  var gas: UInt64?
  /// The gas price; 0 counts as missing.
  var gasPrice: UInt256?
  /// EIP-1559: the most that a unit of gas may cost; 0 counts as missing.
  var maxFeePerGas: UInt256?
  /// EIP-1559: how much of it goes to the block's producer; 0 is a value.
  var maxPriorityFeePerGas: UInt256?
  /// EIP-2930.
  var accessList: [EVMAccessListEntry]?
  /// The chain id, when it is given.
  var chainID: UInt64?
  /// CELO: the token that pays the fee.
  var feeCurrency: EVMAddress?
  /// Which kind of transaction the members ask for.
  private(set) var kind = Kind.legacy

  /// The kinds of `EVMTransaction.Fee`.
  enum Kind: UInt64, Hashable, Sendable {
    case legacy = 0
    case accessList = 1
    case dynamic = 2
    case celoDynamic = 0x7B
  }

  /// Reads `text`.
  ///
  /// - Parameters:
  ///   - text: the JSON text.
  ///   - form: how the chain writes addresses.
  ///   - celo: whether the members of the Celo wrapper of ethers.js are known.
  /// - Throws: `malformed-transaction` naming the member.
  init(parsing text: String, form: EVMAddressForm, celo: Bool) throws(ChainError) {
    var reader = MemberReader(form: form, celo: celo)
    for member in try SerializedObject(parsing: text).members { try reader.read(member) }
    self = try reader.finish()
  }

  private init() {}

  /// Whether one of the members of EIP-1559 is there.
  private var hasDynamicFee = false

  /// Collects the members, one after the other.
  private struct MemberReader {
    let form: EVMAddressForm
    let celo: Bool
    var result = PendingEVMTransaction()
    var explicitKind: Kind?
    var hasData = false

    init(form: EVMAddressForm, celo: Bool) {
      self.form = form
      self.celo = celo
    }

    mutating func read(_ member: JSONObject.Member) throws(ChainError) {
      let value = member.value
      switch member.name {
      case "from": result.from = try sender(value)
      case "to": result.to = try address(value, "to")
      case "value": result.value = try EVMQuantity.read(number(value), member: name("value")) ?? .zero
      case "data", "input": try readData(value, member.name)
      case "nonce": result.nonce = try nonce(value)
      case "gas", "gasLimit": try readGas(value, member.name)
      case "gasPrice":
        result.gasPrice = try EVMQuantity.readNonZero(number(value), member: name("gasPrice"))
      case "maxFeePerGas":
        result.hasDynamicFee = true
        result.maxFeePerGas = try EVMQuantity.readNonZero(number(value), member: name("maxFeePerGas"))
      case "maxPriorityFeePerGas":
        result.hasDynamicFee = true
        result.maxPriorityFeePerGas = try EVMQuantity.read(
          number(value), member: name("maxPriorityFeePerGas"))
      case "accessList": result.accessList = try AccessListReader(form: form).read(value)
      case "type": explicitKind = try kind(value)
      case "chainId": result.chainID = try EVMQuantity.readUInt64(number(value), member: name("chainId"))
      case "feeCurrency" where celo: result.feeCurrency = try address(value, "feeCurrency")
      case "gatewayFee", "gatewayFeeRecipient":
        throw .malformed("\(name(member.name)) belongs to a format that Celo does not take any more (CIP-57)")
      case "common", "chain", "hardfork":
        throw .malformed(
          "\(name(member.name)) is refused: the chain and its rules are not the server's to choose")
      case "authorizationList", "blobs", "blobVersionedHashes", "maxFeePerBlobGas":
        throw .malformed("\(name(member.name)) belongs to a transaction type that is not supported")
      default:
        throw .unknownMember(member.name, of: "serializedTransaction")
      }
    }

    /// Settles the kind, and refuses members that contradict each other (as web3.js does).
    func finish() throws(ChainError) -> PendingEVMTransaction {
      var result = result
      guard result.to != nil || !result.data.isEmpty else {
        throw .malformed("serializedTransaction has neither a receiver (to) nor code of a contract (data)")
      }
      if result.feeCurrency != nil {
        result.kind = .celoDynamic
      } else if result.hasDynamicFee {
        result.kind = .dynamic
      } else if let explicitKind, explicitKind != .legacy {
        result.kind = explicitKind
      } else if result.accessList != nil {
        result.kind = .accessList
      }
      if let explicitKind, explicitKind != result.kind {
        throw .malformed(
          "serializedTransaction.type is \(explicitKind.rawValue), its members are those of type "
            + "\(result.kind.rawValue)")
      }
      if result.kind == .celoDynamic, result.feeCurrency == nil {
        throw .malformed("serializedTransaction of type 123 (CIP-64) has no feeCurrency")
      }
      if result.gasPrice != nil, result.hasDynamicFee || explicitKind == .dynamic {
        throw .malformed("serializedTransaction has gasPrice together with the fee members of EIP-1559")
      }
      return result
    }

    // MARK: Members

    private func name(_ member: String) -> String { "serializedTransaction." + member }

    /// What ethers.js writes for a big number, on CELO: `{"type":"BigNumber","hex":"0x…"}`.
    private func number(_ json: JSONValue) -> JSONValue {
      guard celo, let object = json.object, object.members.count == 2, object["type"] == "BigNumber",
        case .string(let hex)? = object["hex"], hex.hasPrefix("0x")
      else { return json }
      return .string(hex)
    }

    private func address(_ json: JSONValue, _ member: String) throws(ChainError) -> EVMAddress {
      guard let text = json.string else {
        throw .malformed("\(name(member)) is \(json.kindName), not an address")
      }
      return try form.read(text, member: name(member))
    }

    /// The place holder is the number 0.
    private func sender(_ json: JSONValue) throws(ChainError) -> EVMAddress? {
      json.number?.digits == "0" ? nil : try address(json, "from")
    }

    private mutating func readData(_ json: JSONValue, _ member: String) throws(ChainError) {
      guard let text = json.string else {
        throw .malformed("\(name(member)) is \(json.kindName), not 0x text")
      }
      if text.isEmpty { return }
      guard !hasData else {
        throw .malformed("serializedTransaction has data and input: only one may be there")
      }
      hasData = true
      guard let bytes = Hex.decodePrefixed(text) else {
        throw .malformed("\(name(member)) is not an even number of hexadecimal digits")
      }
      result.data = bytes
    }

    private mutating func readGas(_ json: JSONValue, _ member: String) throws(ChainError) {
      guard let gas = try EVMQuantity.readUInt64(number(json), member: name(member)), gas != 0 else { return }
      if let other = result.gas, other != gas {
        throw .malformed("serializedTransaction.gas and serializedTransaction.gasLimit differ")
      }
      result.gas = gas
    }

    private func nonce(_ json: JSONValue) throws(ChainError) -> UInt64? {
      let nonce = try EVMQuantity.readUInt64(number(json), member: name("nonce"))
      // EIP-2681: an account whose nonce is 2^64 - 1 can't send.
      guard nonce != .max else { throw .malformed("\(name("nonce")) is above 2^64 - 2") }
      return nonce
    }

    private func kind(_ json: JSONValue) throws(ChainError) -> Kind? {
      guard let number = try? EVMQuantity.readUInt64(json, member: name("type")) else {
        if json == "" { return nil }
        throw .malformed("\(name("type")) is not 0, 1 or 2: that kind of transaction is not supported")
      }
      guard let kind = Kind(rawValue: number), celo || kind != .celoDynamic else {
        throw .malformed("\(name("type")) is \(number): that kind of transaction is not supported")
      }
      return kind
    }
  }

  /// Reads `[{"address":"0x…","storageKeys":["0x…"]}]`.
  private struct AccessListReader {
    let form: EVMAddressForm

    func read(_ json: JSONValue) throws(ChainError) -> [EVMAccessListEntry] {
      guard let items = json.array else { throw malformed }
      var list: [EVMAccessListEntry] = []
      list.reserveCapacity(items.count)
      for item in items {
        guard let object = item.object, object.members.count == 2, let text = object["address"]?.string,
          let keys = object["storageKeys"]?.array
        else { throw malformed }
        var storageKeys: [[UInt8]] = []
        storageKeys.reserveCapacity(keys.count)
        for key in keys {
          guard let digits = key.string, let bytes = Hex.decodePrefixed(digits), bytes.count == 32 else {
            throw .malformed(
              "serializedTransaction.accessList has a storage key that is not 32 bytes in 0x text")
          }
          storageKeys.append(bytes)
        }
        let address = try form.read(text, member: "serializedTransaction.accessList[].address")
        list.append(EVMAccessListEntry(address: address, storageKeys: storageKeys))
      }
      return list
    }

    private var malformed: ChainError {
      .malformed("serializedTransaction.accessList is not a list of address and storageKeys")
    }
  }
}
