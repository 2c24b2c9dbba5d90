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
      let call = Call(
        .get, "/v3/bcash/transaction/\(Call.segment(hash))",
        credits: BitcoinBroadcast.bitcoinCash.credits.lookUp)
      return .ask(call) { (answer) throws(DialogueFailure) in
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

/// Decimal fractions as text.
enum DecimalText {
  /// `text`, a JSON number that is not negative, times 10 to the power of `places`; nil when that is no integer.
  static func shifted(_ text: String, by places: Int) -> String? {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 64 else { return nil }
    var exponent = places
    if parts.count == 2 {
      guard let shift = Int(parts[1]), (-64...64).contains(shift) else { return nil }
      exponent += shift
    }
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count), !halves[0].isEmpty else { return nil }
    var digits = String(halves[0])
    if halves.count == 2 {
      digits += halves[1]
      exponent -= halves[1].utf8.count
    }
    if exponent >= 0 { return integer(digits + String(repeating: "0", count: exponent)) }
    let cut = max(0, digits.utf8.count + exponent)
    guard digits.dropFirst(cut).allSatisfy({ $0 == "0" }) else { return nil }
    return integer(cut == 0 ? "0" : String(digits.prefix(cut)))
  }

  private static func integer(_ digits: String) -> String? { UInt256(decimal: digits)?.description }
}
