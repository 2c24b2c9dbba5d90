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

  private func findProposal(completion: @escaping FactCompletion) {
    ask(isPayer: false) { proposer in
      guard let proposer = Self.take(proposer, completion) else { return }
      ask(isPayer: true) { payer in
        guard let payer = Self.take(payer, completion) else { return }
        keys(of: proposer.address, "sequence number") { keys in
          guard let keys = Self.take(keys, completion) else { return }
          guard let sequence = keys.first(where: { $0.index == proposer.keyID })?.sequenceNumber else {
            return completion(.failure(.unexpected(asking: "sequence number")))
          }
          referenceBlock { block in
            guard let block = Self.take(block, completion) else { return }
            completion(
              .success(
                .members([
                  ("referenceBlockId", .string(block)), ("gasLimit", .string(Self.gasLimit)),
                  (
                    "proposer",
                    [
                      "address": .string(proposer.address), "keyId": .string(proposer.keyID),
                      "sequenceNumber": .string(sequence),
                    ]
                  ),
                  ("payer", ["address": .string(payer.address), "keyId": .string(payer.keyID)]),
                ])))
          }
        }
      }
    }
  }

  /// `GET /v3/flow/proposal/{isPayer}`: an account of the API and one of its keys.
  private func ask(
    isPayer: Bool, completion: @escaping (Result<(address: String, keyID: String), FactFailure>) -> Void
  ) {
    let what = isPayer ? "payer key" : "proposal key"
    // A proposal key is lent for one transaction: a second question would take a second one.
    api.callJSON(.get, "/v3/flow/proposal/\(isPayer)", repeating: isPayer ? .always : .onlyUnsent) { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
      case .success(let answer):
        guard let address = Self.address(answer["address"]), let id = answer["keyId"]?.uint64 else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success((address, String(id))))
      }
    }
  }

  /// The latest final block.
  private func referenceBlock(completion: @escaping (Result<String, FactFailure>) -> Void) {
    let what = "reference block"
    node.callJSON(.get, "/v1/blocks?height=final") { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
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
    keys(of: account, what) { keys in
      guard let keys = Self.take(keys, completion) else { return }
      let wanted = publicKey?.lowercased()
      guard let key = keys.first(where: { $0.isUsable && $0.publicKey == wanted }) ?? keys.first else {
        return completion(.failure(FactFailure(.refused, "\(what): the account \(account) has no key")))
      }
      completion(
        .success(
          .members([
            (
              "account",
              [
                "address": .string(account), "keyId": .string(key.index), "publicKey": .string(key.publicKey),
              ]
            )
          ])))
    }
  }

  /// One entry of an account's `keys`, in the form of the access API.
  private struct AccountKey {
    let index: String
    let publicKey: String
    let sequenceNumber: String
    /// Not revoked, ECDSA on secp256k1 over SHA3-256, and with the weight that authorizes alone.
    let isUsable: Bool

    init?(_ json: JSONValue) {
      guard let index = json["index"]?.uint64, let key = json["public_key"]?.string?.lowercased(),
        let sequence = json["sequence_number"]?.uint64
      else { return nil }
      self.index = String(index)
      publicKey = key.hasPrefix("0x") ? String(key.dropFirst(2)) : key
      sequenceNumber = String(sequence)
      isUsable =
        json["revoked"]?.bool != true && json["signing_algorithm"] == "ECDSASecp256k1"
        && json["hashing_algorithm"] == "SHA3_256" && (json["weight"]?.uint64 ?? 0) >= 1000
    }
  }

  /// The keys of an account as the latest sealed block has them.
  private func keys(
    of address: String, _ what: String, completion: @escaping (Result<[AccountKey], FactFailure>) -> Void
  ) {
    node.callJSON(.get, "/v1/accounts/\(address.dropFirst(2))?block_height=sealed&expand=keys") { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
      case .success(let answer):
        guard let items = answer["keys"]?.array else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success(items.compactMap(AccountKey.init)))
      }
    }
  }

  // MARK: Parts

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
