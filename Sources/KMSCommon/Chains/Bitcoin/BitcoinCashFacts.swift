internal import KMSPrimitives
internal import KMSRecords

/// The outputs that BCH transactions spend: items of `utxos`.
enum BitcoinCashFacts {
  /// One output; left out where the API does not know it: kms-sign goes by position then.
  static func output(_ hash: String, _ index: UInt32) -> Need {
    Need("unspent output", question: "output \(hash) \(index)", uses: [outputs(of: hash)]) { given in
      let item = given.facts["outputs"]?.array?.first { $0["index"]?.uint64 == UInt64(index) }
      return .done(.item(of: "utxos", item))
    }
  }

  /// All outputs of a transaction, which is asked for once, however many of them are spent.
  private static func outputs(of hash: String) -> Need {
    let name = "unspent output"
    return Need(name, question: "outputs \(hash)") { _ in
      .ask(Call(.get, "/v3/bcash/transaction/\(Call.segment(hash))")) { (answer) throws(DialogueFailure) in
        // A refusal may mean that the API does not know the transaction, in words that nobody has described.
        if case .failure(.refused) = answer { return .done(Fact("outputs", [])) }
        let outputs = try answer.json(asking: name)["vout"]?.array ?? []
        return .done(Fact("outputs", .array(outputs.compactMap { item($0, hash: hash) })))
      }
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
