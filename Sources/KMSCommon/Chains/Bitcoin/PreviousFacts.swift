internal import KMSPrimitives
internal import KMSRecords

/// The transactions that made what another one spends: items of `previous`, hexadecimal text without witnesses.
///
/// Whatever the API or a node says is held against the id: an answer that is not that transaction is none. What can't be
/// had is left out, and kms-sign decides.
struct PreviousFacts: Sendable {
  private let parameters: BitcoinParameters
  private let testnet: Bool

  /// The facts of one network.
  init(_ parameters: BitcoinParameters, testnet: Bool) {
    self.parameters = parameters
    self.testnet = testnet
  }

  /// The network whose addresses outputs have.
  var network: BitcoinNetwork { testnet ? parameters.testnet : parameters.mainnet }

  private static let name = "previous transaction"

  /// One need for each transaction from which `transaction` spends, in the order of the inputs.
  func needs(of transaction: BitcoinTransaction) -> [Need] {
    var seen: Set<[UInt8]> = []
    return transaction.inputs.filter { seen.insert($0.outPoint.hash).inserted }.map {
      previous($0.outPoint.transactionID)
    }
  }

  /// The transaction `id`, which is asked for once, however many of its outputs are spent, by whichever transaction.
  func previous(_ id: String) -> Need {
    let found = transaction(id)
    return Need(Self.name, question: "previous \(id)", uses: [found]) { given in
      .done(.item(of: "previous", given.facts["raw"]))
    }
  }

  /// `raw`: the transaction; `json`: what the API says of it where it was asked. Both may be missing.
  func transaction(_ id: String) -> Need {
    Need(Self.name, question: "transaction \(id)") { _ in .catching { () in ask(ways[...], id, Search()) } }
  }

  // MARK: Asking

  private enum Way {
    /// The API's own address, which answers in members.
    case api
    /// `getrawtransaction` of the chain's node.
    case node
  }

  /// What costs less comes first: either has the bytes, or what they can be made of again.
  private var ways: [Way] {
    call(.api, "").credits < call(.node, "").credits ? [.api, .node] : [.node, .api]
  }

  /// Only BCH needs the addresses of outputs, also of a transaction whose bytes can't be had.
  private var keepsMembers: Bool { parameters.mainnet.cashAddressPrefix != nil }

  /// What came of the ways that were tried.
  private struct Search {
    var json: JSONValue?
    /// Whether somebody answered, whatever it was.
    var isAnswered = false
    /// What kept others from answering.
    var trouble: DialogueFailure?

    func fact(_ raw: [UInt8]? = nil) -> Fact {
      var members: [(name: String, value: JSONValue)] = []
      if let json { members.append(("json", json)) }
      if let raw { members.append(("raw", .string(Hex.encode(raw)))) }
      return Fact(members)
    }
  }

  private func ask(_ ways: ArraySlice<Way>, _ id: String, _ search: Search) -> Dialogue<Fact> {
    guard let way = ways.first else {
      if let trouble = search.trouble, !search.isAnswered { return .failed(trouble) }
      return .done(search.fact())
    }
    return .ask(call(way, id)) { (answer) throws(DialogueFailure) in
      var search = search
      switch answer {
      case .json(let json):
        search.isAnswered = true
        if way == .api, keepsMembers { search.json = json }
        if let raw = read(json, way, id) { return .done(search.fact(raw)) }
      case .failure(let failure):
        switch failure {
        case .ended: throw failure.asFact(asking: Self.name)
        case .notSent, .lost, .unavailable: search.trouble = failure.asFact(asking: Self.name)
        case .refused, .invalid, .notUnderstood: search.isAnswered = true
        }
      }
      return ask(ways.dropFirst(), id, search)
    }
  }

  private func call(_ way: Way, _ id: String) -> Call {
    switch way {
    case .api:
      Call(
        .get, "/v3/\(parameters.apiName)/transaction/\(Call.segment(id))", credits: parameters.credits.lookUp)
    case .node:
      .rpc(testnet ? parameters.nodes.testnet : parameters.nodes.mainnet, "getrawtransaction", [.string(id)])
    }
  }

  /// The bytes of transaction `id`; nil where `json` has none.
  private func read(_ json: JSONValue, _ way: Way, _ id: String) -> [UInt8]? {
    switch way {
    case .node: return json["result"]?.string.flatMap { Self.proved($0, id) }
    case .api:
      return json["hex"]?.string.flatMap { Self.proved($0, id) } ?? RebuiltTransaction.bytes(of: json, id)
    }
  }

  private static func proved(_ hex: String, _ id: String) -> [UInt8]? {
    guard let transaction = Hex.decode(hex).flatMap({ PreviousTransaction($0) }),
      Hex.encode(transaction.hash.reversed()) == id
    else { return nil }
    return transaction.stripped
  }
}
