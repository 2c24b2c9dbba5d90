internal import KMSRecords
internal import Logging

/// Finds the facts that transactions need, each at most once per run and chain.
///
/// One per run: the facts of one tick are not those of the next.
final class FactResolver {
  private struct Question: Hashable {
    let chain: String
    let need: Need
  }

  private enum State {
    case asked([FactCompletion])
    case answered(Result<Fact, FactFailure>)
  }

  private let source: (String) -> (any FactSource)?
  private var states: [Question: State] = [:]
  private var sources: [String: any FactSource] = [:]

  /// Creates a resolver; `source` gives the source of facts of a chain.
  init(source: @escaping (String) -> (any FactSource)?) { self.source = source }

  /// Finds `needs` and gives their members in that order, or the first failure.
  ///
  /// What is lent is asked for when everything else is there: nothing would give it back otherwise.
  func context(
    of needs: [Need], chain: String, completion: @escaping (Result<JSONValue, FactFailure>) -> Void
  ) {
    var found = [Result<Fact, FactFailure>?](repeating: nil, count: needs.count)
    func find(_ places: [Int], then: @escaping () -> Void) {
      guard !places.isEmpty else { return then() }
      var missing = places.count
      for place in places {
        resolve(needs[place], chain: chain) { result in
          found[place] = result
          missing -= 1
          if missing == 0 { then() }
        }
      }
    }
    find(needs.indices.filter { needs[$0] != .flowProposal }) {
      let sofar = Self.assemble(found.compactMap { $0 })
      guard case .success = sofar else { return completion(sofar) }
      find(needs.indices.filter { needs[$0] == .flowProposal }) {
        completion(Self.assemble(found.compactMap { $0 }))
      }
    }
  }

  private static func assemble(_ facts: [Result<Fact, FactFailure>]) -> Result<JSONValue, FactFailure> {
    var context = JSONObject()
    // What passes comes first: then the transaction is left for the next tick, whatever else is wrong with it.
    for fact in facts {
      if case .failure(let failure) = fact, case .passing = failure.kind { return .failure(failure) }
    }
    for fact in facts {
      switch fact {
      case .failure(let failure): return .failure(failure)
      case .success(.members(let members)):
        for member in members { context[member.name] = member.value }
      case .success(.item(let array, let value)):
        let items = context[array]?.array ?? []
        if let value { context[array] = .array(items + [value]) }
      }
    }
    return .success(.object(context))
  }

  private func resolve(_ need: Need, chain: String, completion: @escaping FactCompletion) {
    switch need {
    case .constant(let member, let value): return completion(.success(.members([(member, value)])))
    case .randomNonce:
      // Of each transaction its own. VET takes any 64 bits; they only tell equal transactions apart.
      let digits = String(UInt64.random(in: .min ... .max), radix: 16)
      let text = "0x" + String(repeating: "0", count: 16 - digits.count) + digits
      return completion(.success(.members([("nonce", .string(text))])))
    case .flowProposal:
      // Of each transaction its own: the API lends a key and its sequence number for one only.
      if source(of: chain)?.find(need, completion: completion) != true {
        unsupported(need, chain, completion)
      }
      return
    default: break
    }
    let question = Question(chain: chain, need: need)
    switch states[question] {
    case .answered(let result): return completion(result)
    case .asked(let others):
      states[question] = .asked(others + [completion])
      return
    case nil: states[question] = .asked([completion])
    }
    let isKnown =
      source(of: chain)?.find(need) { [self] result in
        guard case .asked(let waiting) = states[question] else { return }
        states[question] = .answered(result)
        for completion in waiting { completion(result) }
      } ?? false
    if !isKnown {
      states[question] = nil
      unsupported(need, chain, completion)
    }
  }

  private func unsupported(_ need: Need, _ chain: String, _ completion: @escaping FactCompletion) {
    completion(
      .failure(FactFailure(.unsupported, "this build can't find what \(chain) needs: \(need.words)")))
  }

  private func source(of chain: String) -> (any FactSource)? {
    if let known = sources[chain] { return known }
    let new = source(chain)
    sources[chain] = new
    return new
  }
}

extension Need {
  /// What is asked, for people.
  var words: String {
    switch self {
    case .constant(let member, _): member
    case .chainID: "chain id"
    case .nonce: "nonce"
    case .gasPrice: "gas price"
    case .gasLimit: "gas limit"
    case .recentBlockhash: "recent blockhash"
    case .blockReference: "block reference"
    case .randomNonce: "random nonce"
    case .networkConfiguration: "network configuration"
    case .flowProposal: "proposal key"
    case .flowAccount: "account key"
    case .cardanoPayloads: "unsigned transaction"
    case .utxo: "unspent output"
    }
  }
}
