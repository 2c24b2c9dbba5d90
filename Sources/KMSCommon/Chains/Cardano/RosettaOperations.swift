internal import KMSCrypto
internal import KMSPrimitives
package import KMSRecords

/// What `serializedTransaction` of ADA says: a JSON array of Rosetta operations, of which only `input` and `output` are
/// known.
package struct RosettaOperations: Hashable, Sendable {
  /// A coin that is spent.
  package struct Input: Hashable, Sendable {
    /// Which output of which transaction it is.
    package let coin: CardanoCoin
    /// Whose it is.
    package let address: CardanoAddress
    /// The text of the address, as the operation has it.
    package let addressText: String
    /// What it is worth, in lovelace.
    package let lovelace: UInt64
  }

  /// The operations as they were given.
  package let json: JSONValue
  /// What is spent, in the order of the operations.
  package let inputs: [Input]
  /// What is paid, in the order of the operations.
  package let outputs: [CardanoOutput]
  /// What the operations leave for the fee, in lovelace.
  package let fee: UInt64

  /// Reads the operations.
  ///
  /// - Throws: `malformed-transaction` naming the operation and the member.
  package init(parsing text: String, testnet: Bool) throws(ChainError) {
    let json = try SerializedObject.json(text)
    self.json = json
    guard let operations = json.array else {
      guard json.object == nil else {
        throw .malformed(
          "serializedTransaction is an object, the form of ADA transactions of older versions (fee, changeAddress, "
            + "txData); only a list of Rosetta operations is signed: prepare the transaction again")
      }
      throw .malformed("serializedTransaction is \(json.kindName), not a list of Rosetta operations")
    }
    var inputs: [Input] = []
    var outputs: [CardanoOutput] = []
    for (i, operation) in operations.enumerated() {
      let reader = OperationReader(json: operation, name: "serializedTransaction[\(i)]", testnet: testnet)
      switch try reader.type() {
      case "input": inputs.append(try reader.input())
      case "output": outputs.append(try reader.output())
      default:
        throw .malformed("serializedTransaction[\(i)] is neither input nor output: nothing else is signed")
      }
    }
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw .malformed("serializedTransaction has no \(inputs.isEmpty ? "input" : "output")")
    }
    guard Set(inputs.map(\.coin)).count == inputs.count else {
      throw .malformed("serializedTransaction spends a coin twice")
    }
    self.inputs = inputs
    self.outputs = outputs
    fee = try Self.fee(inputs.map(\.lovelace), outputs.map(\.lovelace))
  }

  private static func fee(_ inputs: [UInt64], _ outputs: [UInt64]) throws(ChainError) -> UInt64 {
    guard let spent = sum(inputs), let paid = sum(outputs) else {
      throw .malformed("the amounts of serializedTransaction are 2^64 lovelace or more together")
    }
    guard paid <= spent else {
      throw .malformed("the outputs (\(paid) lovelace) are more than the inputs (\(spent) lovelace)")
    }
    return spent - paid
  }

  private static func sum(_ amounts: [UInt64]) -> UInt64? {
    var total: UInt64 = 0
    for amount in amounts {
      let (sum, overflows) = total.addingReportingOverflow(amount)
      guard !overflows else { return nil }
      total = sum
    }
    return total
  }
}

/// Reads one operation.
private struct OperationReader {
  let json: JSONValue
  let name: String
  let testnet: Bool

  func type() throws(ChainError) -> String {
    guard let type = json["type"]?.string else { throw .malformed("\(name) has no type") }
    return type
  }

  func input() throws(ChainError) -> RosettaOperations.Input {
    let amount = try amount()
    guard amount.hasPrefix("-"), let lovelace = JSONValue.string(String(amount.dropFirst())).uint64 else {
      throw .malformed("\(name): amount.value of an input is not a negative integer above -2^64")
    }
    let (address, text) = try address()
    return RosettaOperations.Input(coin: try coin(), address: address, addressText: text, lovelace: lovelace)
  }

  func output() throws(ChainError) -> CardanoOutput {
    guard let lovelace = JSONValue.string(try amount()).uint64 else {
      throw .malformed("\(name): amount.value of an output is not an integer from 0 to 2^64 - 1")
    }
    return CardanoOutput(address: try address().address.bytes, lovelace: lovelace, assets: try assets())
  }

  /// `amount.value`, which must be in lovelace.
  private func amount() throws(ChainError) -> String {
    guard let amount = json["amount"], let value = amount["value"],
      let text = value.string ?? value.number?.digits
    else { throw .malformed("\(name) has no amount.value") }
    if let currency = amount["currency"] {
      guard currency["symbol"]?.string == "ADA", currency["decimals"]?.uint64 == 6 else {
        throw .malformed("\(name): amount.currency is not ADA with 6 decimals")
      }
    }
    return text
  }

  private func address() throws(ChainError) -> (address: CardanoAddress, text: String) {
    guard let text = json["account"]?["address"]?.string else {
      throw .malformed("\(name) has no account.address")
    }
    return (try CardanoAddress(text, testnet: testnet, member: "\(name): account.address"), text)
  }

  /// `coin_change.coin_identifier.identifier`: the transaction's id, a colon, the output's index.
  private func coin() throws(ChainError) -> CardanoCoin {
    guard let text = json["coin_change"]?["coin_identifier"]?["identifier"]?.string else {
      throw .malformed("\(name) has no coin_change.coin_identifier.identifier")
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Hex.decode(parts[0]), id.count == 32,
      let index = JSONValue.string(String(parts[1])).uint64
    else { throw .malformed("\(name): the coin identifier is not a transaction id, a colon and an index") }
    return CardanoCoin(transactionID: id, index: index)
  }

  /// `metadata.tokenBundle`: `[{policyId, tokens: [{value, currency: {symbol}}]}]`, the symbol being the hexadecimal name.
  private func assets() throws(ChainError) -> [CardanoAsset: UInt64] {
    guard let bundle = json["metadata"]?["tokenBundle"] else { return [:] }
    guard let policies = bundle.array else { throw tokens("is not a list") }
    var assets: [CardanoAsset: UInt64] = [:]
    for policy in policies {
      guard let id = policy["policyId"]?.string.flatMap({ Hex.decode($0) }), id.count == 28,
        let items = policy["tokens"]?.array
      else { throw tokens("has an entry without policyId (28 bytes) or tokens") }
      for item in items {
        // `\x` is how older servers write the empty name.
        guard let symbol = item["currency"]?["symbol"]?.string,
          let name = Hex.decode(symbol == "\\x" ? "" : symbol), name.count <= 32,
          let value = item["value"]?.uint64
        else { throw tokens("has a token without currency.symbol (hexadecimal) or value") }
        guard assets.updateValue(value, forKey: CardanoAsset(policyID: id, name: name)) == nil else {
          throw tokens("names a token twice")
        }
      }
    }
    return assets
  }

  private func tokens(_ what: String) -> ChainError { .malformed("\(name): metadata.tokenBundle \(what)") }
}
