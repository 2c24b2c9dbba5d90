internal import KMSPrimitives
internal import KMSRecords

/// The outputs that BCH transactions spend: items of `utxos`.
///
/// The API is asked for a transaction once, however many of its outputs are spent.
final class BitcoinCashFacts: FactSource {
  private let api: TatumAPI
  /// What the API said of each transaction; nil where it does not know it.
  private var transactions: [String: AskedOnce<JSONValue?>] = [:]

  init(api: TatumAPI) { self.api = api }

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    guard case .utxo(let hash, let index) = need else { return false }
    findTransaction(hash) { answer in
      completion(
        answer.map { json in
          // Not known there: kms-sign goes by position then.
          .item(array: "utxos", value: json.flatMap { Self.item($0, hash: hash, index: index) })
        })
    }
    return true
  }

  private func findTransaction(
    _ hash: String, completion: @escaping (AskedOnce<JSONValue?>.Answer) -> Void
  ) {
    let transaction = transactions[hash] ?? AskedOnce()
    transactions[hash] = transaction
    transaction(completion) { [api] answer in
      api.callJSON(.get, "/v3/bcash/transaction/\(WebAddress.encode(hash))") { result in
        switch result {
        case .success(let json): answer(.success(json))
        case .failure(.refused): answer(.success(nil))
        case .failure(let failure): answer(.failure(FactFailure(failure, asking: "unspent output")))
        }
      }
    }
  }

  private static func item(_ answer: JSONValue, hash: String, index: UInt32) -> JSONValue? {
    let output = answer["vout"]?.array?.first { $0["n"]?.uint64 == UInt64(index) }
    guard let script = output?["scriptPubKey"], let value = output?["value"],
      let satoshi = (value.number?.digits ?? value.string).flatMap({ DecimalText.shifted($0, by: 8) }),
      let address = script["addresses"]?.array?.first?.string ?? script["address"]?.string
    else { return nil }
    return [
      "txHash": .string(hash), "index": .number(JSONNumber(index)), "value": .string(satoshi),
      "address": .string(ServerText.clean(address)),
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
    if exponent >= 0 { return HexQuantity.normalized(digits + String(repeating: "0", count: exponent)) }
    let cut = max(0, digits.utf8.count + exponent)
    guard digits.dropFirst(cut).allSatisfy({ $0 == "0" }) else { return nil }
    return HexQuantity.normalized(cut == 0 ? "0" : String(digits.prefix(cut)))
  }
}
