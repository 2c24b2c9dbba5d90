internal import KMSChains
internal import KMSRecords

/// Facts of FLOW: `referenceBlockId`, `gasLimit`, `proposer`, `payer`, `account`.
///
/// Proposal and payer keys come from the API, which lends them; what the chain knows comes from an access node.
struct FlowFacts: FactSource {
  let api: TatumAPI
  let node: PublicNode

  /// The access nodes that the original asks.
  static func defaultURL(testnet: Bool) -> String {
    testnet ? "https://rest-testnet.onflow.org" : "https://rest-mainnet.onflow.org"
  }

  /// The most computation that the network allows, which is what the original asks for.
  static let gasLimit = "9999"

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    switch need {
    case .flowProposal: findProposal(completion: completion)
    case .flowAccount(let address, let publicKey): findKey(of: address, publicKey, completion: completion)
    default: return false
    }
    return true
  }

  // MARK: Proposer, payer, reference block

  /// The proposal key, which is lent, is asked for last; when its sequence number can't be had, it goes back.
  private func findProposal(completion: @escaping FactCompletion) {
    ask(isPayer: true) { payer in
      guard let payer = Self.take(payer, completion) else { return }
      referenceBlock { block in
        guard let block = Self.take(block, completion) else { return }
        ask(isPayer: false) { proposer in
          guard let proposer = Self.take(proposer, completion) else { return }
          sequenceNumber(of: proposer) { sequence in
            switch sequence {
            case .failure(let failure):
              FlowBroadcast.release(proposer.keyID, "", api)
              completion(.failure(failure))
            case .success(let sequence):
              completion(.success(.members(Self.context(proposer, sequence, payer, block: block))))
            }
          }
        }
      }
    }
  }

  private static func context(
    _ proposer: LentKey, _ sequence: UInt64, _ payer: LentKey, block: String
  ) -> [(name: String, value: JSONValue)] {
    [
      ("referenceBlockId", .string(block)), ("gasLimit", .string(gasLimit)),
      (
        "proposer",
        [
          "address": .string(proposer.address), "keyId": .string(String(proposer.keyID)),
          "sequenceNumber": .string(String(sequence)),
        ]
      ),
      ("payer", ["address": .string(payer.address), "keyId": .string(String(payer.keyID))]),
    ]
  }

  /// An account of the API and one of its keys.
  private typealias LentKey = (address: String, keyID: UInt64)

  /// `GET /v3/flow/proposal/{isPayer}`.
  private func ask(isPayer: Bool, completion: @escaping (Result<LentKey, FactFailure>) -> Void) {
    let what = isPayer ? "payer key" : "proposal key"
    // A proposal key is lent for one transaction: a second question would take a second one.
    api.callJSON(.get, "/v3/flow/proposal/\(isPayer)", repeating: isPayer ? .always : .onlyUnsent) { result in
      switch result {
      case .failure(let failure): completion(.failure(Self.passing(failure, asking: what)))
      case .success(let answer):
        guard let address = Self.address(answer["address"]), let id = answer["keyId"]?.uint64 else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success((address, id)))
      }
    }
  }

  private func sequenceNumber(
    of key: LentKey, completion: @escaping (Result<UInt64, FactFailure>) -> Void
  ) {
    let what = "sequence number"
    node.flowKeys(of: key.address) { keys in
      completion(
        keys.mapError { Self.passing($0, asking: what) }.flatMap { keys in
          keys.first { $0.id == key.keyID }.map { .success($0.sequenceNumber) }
            ?? .failure(.unexpected(asking: what))
        })
    }
  }

  /// The latest final block.
  private func referenceBlock(completion: @escaping (Result<String, FactFailure>) -> Void) {
    let what = "reference block"
    node.callJSON(.get, "/v1/blocks?height=final") { result in
      switch result {
      case .failure(let failure): completion(.failure(Self.passing(failure, asking: what)))
      case .success(let answer):
        guard let id = answer.array?.first?["header"]?["id"]?.string?.lowercased(), id.utf8.count == 64,
          HexQuantity.decimal("0x" + id) != nil
        else { return completion(.failure(.unexpected(asking: what))) }
        completion(.success(id))
      }
    }
  }

  // MARK: The account's key

  /// The key of the account that is the wallet's, of those that may authorize alone; when there is none the first one,
  /// and kms-sign says that it is not the wallet's.
  private func findKey(
    of address: String, _ publicKey: String?, completion: @escaping FactCompletion
  ) {
    let what = "account key"
    guard let account = Self.address(.string(address)) else {
      return completion(.failure(FactFailure(.refused, "\(what): the account's address is none")))
    }
    node.flowKeys(of: account) { keys in
      switch keys {
      case .failure(.refused(404, _, let words)):
        // No such account, or no access node at that address, which is not the transaction's fault.
        referenceBlock { block in
          guard Self.take(block, completion) != nil else { return }
          completion(
            .failure(FactFailure(.refused, "\(what): the access node says: \(ServerText.short(words.text))")))
        }
      case .failure(let failure): completion(.failure(Self.passing(failure, asking: what)))
      case .success(let keys):
        let wanted = publicKey?.lowercased()
        guard let key = keys.first(where: { $0.isUsable && $0.publicKey == wanted }) ?? keys.first else {
          return completion(.failure(FactFailure(.refused, "\(what): the account \(account) has no key")))
        }
        let member: JSONValue = [
          "address": .string(account), "keyId": .string(String(key.id)), "publicKey": .string(key.publicKey),
        ]
        completion(.success(.members([("account", member)])))
      }
    }
  }

  // MARK: Parts

  /// A question about the API's keys or the chain that is refused: no fault of the transaction, so it waits.
  private static func passing(_ failure: APIFailure, asking what: String) -> FactFailure {
    FactFailure(.passing(failure.exitStatus), "\(what): \(failure.message)")
  }

  /// `0x` and 16 lower-case digits; nil for what is no address.
  private static func address(_ json: JSONValue?) -> String? {
    guard let text = json?.string?.lowercased() else { return nil }
    let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
    guard digits.utf8.count == 16, HexQuantity.decimal("0x" + digits) != nil else { return nil }
    return "0x" + digits
  }

  /// The value of a success; a failure goes to `completion`.
  private static func take<Value>(
    _ result: Result<Value, FactFailure>, _ completion: @escaping FactCompletion
  ) -> Value? {
    switch result {
    case .success(let value): return value
    case .failure(let failure):
      completion(.failure(failure))
      return nil
    }
  }
}
