internal import KMSPrimitives
internal import KMSRecords

/// The outputs that BCH transactions spend: items of `utxos`.
enum BitcoinCashFacts {
  /// One output; left out where the API does not know it: kms-sign goes by position then.
  static func output(_ hash: String, _ index: UInt32, by previous: PreviousFacts) -> Need {
    Need("unspent output", question: "output \(hash) \(index)", uses: [previous.transaction(hash)]) { given in
      if let raw = given.facts["raw"]?.string.flatMap({ Hex.decode($0) }) {
        return .done(.item(of: "utxos", item(raw, hash: hash, index: index, previous.network)))
      }
      // A refusal may mean that the API does not know the transaction, in words that nobody has described.
      let outputs = given.facts["json"]?["vout"]?.array ?? []
      return .done(
        .item(
          of: "utxos",
          outputs.lazy.compactMap { item($0, hash: hash) }.first {
            $0["index"]?.uint64 == UInt64(index)
          }))
    }
  }

  /// The output as the transaction itself has it.
  private static func item(
    _ raw: [UInt8], hash: String, index: UInt32, _ network: BitcoinNetwork
  ) -> JSONValue? {
    guard let transaction = PreviousTransaction(raw), Int(index) < transaction.outputs.count else {
      return nil
    }
    let output = transaction.outputs[Int(index)]
    return network.address(of: LockingScript(output.script)).map {
      [
        "txHash": .string(hash), "index": .number(JSONNumber(index)), "value": .string(String(output.value)),
        "address": .string($0),
      ]
    }
  }

  private static func item(_ output: JSONValue, hash: String) -> JSONValue? {
    guard let index = output["n"]?.uint64, index <= UInt64(UInt32.max), let script = output["scriptPubKey"],
      let value = output["value"],
      let satoshi = (value.number?.digits ?? value.string).flatMap({ DecimalText.shifted($0, by: 8) }),
      let address = script["addresses"]?.array?.first?.string ?? script["address"]?.string
    else { return nil }
    return [
      "txHash": .string(hash), "index": .number(JSONNumber(index)), "value": .string(satoshi),
      "address": .string(address),
    ]
  }
}
