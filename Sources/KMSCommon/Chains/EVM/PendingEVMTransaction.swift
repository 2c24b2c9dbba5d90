package import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of an EVM chain says: a web3.js `TransactionConfig` (CELO: an ethers.js transaction) in
/// JSON, read once, before anything from the network is added.
///
/// Null, absent and empty members are the same. Every member is known or refused: one that is not understood could
/// change the meaning of the rest.
package struct PendingEVMTransaction: Hashable, Sendable {
  /// The sender, when it is named (the SDK writes the place holder 0).
  package var from: EVMAddress?
  /// The receiver; nil creates a contract.
  package var to: EVMAddress?
  /// The amount in wei.
  package var value = UInt256.zero
  /// The call's input.
  package var data: [UInt8] = []
  /// The nonce, when it is given; 0 is one.
  package var nonce: UInt64?
  /// The gas limit; 0 counts as missing.
  package var gas: UInt64?
  /// The gas price; 0 counts as missing.
  package var gasPrice: UInt256?
  /// EIP-1559: the most that a unit of gas may cost; 0 counts as missing.
  package var maxFeePerGas: UInt256?
  /// EIP-1559: how much of it goes to the block's producer; 0 is a value.
  package var maxPriorityFeePerGas: UInt256?
  /// EIP-2930.
  package var accessList: [EVMAccessListEntry]?
  /// The chain id, when it is given.
  package var chainID: UInt64?
  /// CELO: the token that pays the fee.
  package var feeCurrency: EVMAddress?
  /// Which kind of transaction the members ask for.
  package private(set) var kind = Kind.legacy

  /// The kinds of `EVMTransaction.Fee`.
  package enum Kind: UInt64, Hashable, Sendable {
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
  package init(parsing text: String, form: EVMAddressForm, celo: Bool) throws(ChainError) {
    try self.init(parsing: Array(text.utf8), form: form, celo: celo)
  }

  /// Reads the UTF-8 bytes of a text.
  ///
  /// - Throws: as above.
  package init(parsing text: [UInt8], form: EVMAddressForm, celo: Bool) throws(ChainError) {
    let object = try SerializedObject.members(of: text)
    var reader = MemberReader(form: form, celo: celo, object: object)
    for member in object.members where member.value.kind != .null { try reader.read(member) }
    self = try reader.finish()
  }

  private init() {}

  /// Whether one of the members of EIP-1559 is there.
  private var hasDynamicFee = false

  /// Collects the members, one after the other.
  private struct MemberReader {
    let form: EVMAddressForm
    let celo: Bool
    let object: JSONText
    var result = PendingEVMTransaction()
    var explicitKind: Kind?
    var hasData = false

    init(form: EVMAddressForm, celo: Bool, object: JSONText) {
      self.form = form
      self.celo = celo
      self.object = object
    }

    mutating func read(_ member: JSONMember) throws(ChainError) {
      let value = member.value
      let memberName = object.name(member)
      switch memberName {
      case "from": result.from = try sender(value)
      case "to": result.to = try address(value, "to")
      case "value": result.value = try quantity(value, "value") ?? .zero
      case "data", "input": try readData(value, memberName)
      case "nonce": result.nonce = try nonce(value)
      case "gas", "gasLimit": try readGas(value, memberName)
      case "gasPrice": result.gasPrice = try nonZero(value, "gasPrice")
      case "maxFeePerGas":
        result.hasDynamicFee = true
        result.maxFeePerGas = try nonZero(value, "maxFeePerGas")
      case "maxPriorityFeePerGas":
        result.hasDynamicFee = true
        result.maxPriorityFeePerGas = try quantity(value, "maxPriorityFeePerGas")
      case "accessList": result.accessList = try AccessListReader(form: form).read(object.value(value))
      case "type": explicitKind = try kind(object.value(value))
      case "chainId": result.chainID = try small(value, "chainId")
      case "feeCurrency" where celo: result.feeCurrency = try address(value, "feeCurrency")
      case "gatewayFee", "gatewayFeeRecipient":
        throw .malformed("\(name(memberName)) belongs to a format that Celo does not take any more (CIP-57)")
      case "common", "chain", "hardfork":
        throw .malformed(
          "\(name(memberName)) is refused: the chain and its rules are not the server's to choose")
      case "authorizationList", "blobs", "blobVersionedHashes", "maxFeePerBlobGas":
        throw .malformed("\(name(memberName)) belongs to a transaction type that is not supported")
      default:
        throw .unknownMember(memberName, of: "serializedTransaction")
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

    /// An integer below 2^256; nil for the empty text.
    private func quantity(_ place: JSONPlace, _ member: String) throws(ChainError) -> UInt256? {
      if celo, place.kind == .object {
        return try EVMQuantity.read(number(object.value(place)), member: name(member))
      }
      return try EVMQuantity.read(place, in: object, member: name(member))
    }

    /// The same; nil for zero, too.
    private func nonZero(_ place: JSONPlace, _ member: String) throws(ChainError) -> UInt256? {
      let value = try quantity(place, member)
      return value == .zero ? nil : value
    }

    /// An integer below 2^64; nil for the empty text.
    private func small(_ place: JSONPlace, _ member: String) throws(ChainError) -> UInt64? {
      try EVMQuantity.small(quantity(place, member), member: name(member))
    }

    private func address(_ place: JSONPlace, _ member: String) throws(ChainError) -> EVMAddress {
      if let address = object.withBytes(of: place, form.readPlain) ?? nil { return address }
      guard let text = object.string(place) else {
        throw .malformed("\(name(member)) is \(place.kindName), not an address")
      }
      return try form.read(text, member: name(member))
    }

    /// The place holder is the number 0.
    private func sender(_ place: JSONPlace) throws(ChainError) -> EVMAddress? {
      if place.kind == .number, object.value(place).number?.digits == "0" { return nil }
      return try address(place, "from")
    }

    private mutating func readData(_ place: JSONPlace, _ member: String) throws(ChainError) {
      guard let text = object.string(place) else {
        throw .malformed("\(name(member)) is \(place.kindName), not 0x text")
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

    private mutating func readGas(_ place: JSONPlace, _ member: String) throws(ChainError) {
      guard let gas = try small(place, member), gas != 0 else { return }
      if let other = result.gas, other != gas {
        throw .malformed("serializedTransaction.gas and serializedTransaction.gasLimit differ")
      }
      result.gas = gas
    }

    private func nonce(_ place: JSONPlace) throws(ChainError) -> UInt64? {
      let nonce = try small(place, "nonce")
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
