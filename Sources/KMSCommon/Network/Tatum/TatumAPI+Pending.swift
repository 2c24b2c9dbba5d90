internal import KMSProcess
internal import KMSRecords

/// The calls about pending transactions.
extension TatumAPI {
  /// Most signature IDs that the API takes in one call, and it takes one call per chain.
  public static let maximumSignatureIDs = 25_000

  /// Asks for the pending transactions of one chain, which go to `list` as they arrive.
  func pollPending(
    chain: String, signatureIDs: [String], into list: PendingList,
    completion: @escaping (Result<Void, APIFailure>) -> Void
  ) {
    askPending(chain: chain, signatureIDs: signatureIDs, sink: list) { result in
      completion(
        result.flatMap { _ in
          list.isComplete
            ? .success(())
            : .failure(.unexpected("the list of pending transactions is not an array, or not whole"))
        })
    }
  }

  /// The call of `pollPending`, whose answer goes to `sink` where there is one.
  func askPending(
    chain: String, signatureIDs: [String], sink: (any BodySink)? = nil,
    completion: @escaping (Result<HTTPResponse, APIFailure>) -> Void
  ) {
    call(
      .post, "/v3/kms/pending/\(WebAddress.encode(chain))", body: Self.pollBody(signatureIDs),
      headers: [("x-ttm-kms-client-version", KMSVersion.compatible)], group: chain,
      cost: Spending.Cost(purpose: .lists, credits: FetchPlan.credits(wallets: signatureIDs.count)),
      sink: sink,
      completion: completion)
  }

  /// The body, written at once: with 25,000 ids on each of 15 chains a tree of values would cost more than the rest.
  private static func pollBody(_ signatureIDs: [String]) -> [UInt8] {
    var body = Array(#"{"signatureIds":["#.utf8)
    body.reserveCapacity(body.count + signatureIDs.count * 39 + 2)
    for (i, id) in signatureIDs.enumerated() {
      if i > 0 { body.append(UInt8(ascii: ",")) }
      JSONValue.string(id).write(to: &body)
    }
    body += Array("]}".utf8)
    return body
  }

  /// Marks a pending transaction as completed: the repair when it was sent and the API could not say so to itself.
  func complete(
    id: String, transactionID: String, group: String = "",
    completion: @escaping (Result<Void, APIFailure>) -> Void
  ) {
    // As described; longer ids are told to the chain's broadcast endpoint again at the next poll.
    guard (10...80).contains(transactionID.utf8.count) else {
      return completion(.failure(.notSent("the API takes no id of this length here")))
    }
    let path = "/v3/kms/\(WebAddress.encode(id))/\(WebAddress.encode(transactionID))"
    call(.put, path, group: group, cost: Spending.Cost(purpose: .notices, credits: 2)) { result in
      completion(result.map { _ in () })
    }
  }

  /// Reports what failed in this run.
  func report(
    failures: [(id: String, text: String)], completion: @escaping (Result<Void, APIFailure>) -> Void
  ) {
    let errors = failures.map { failure -> JSONValue in
      ["signatureId": .string(failure.id), "error": .string(clean(failure.text))]
    }
    let body: JSONValue = ["errors": .array(errors)]
    // What it costs is not described.
    call(
      .post, "/v3/tatum/kms/batch", body: body.encoded(), cost: Spending.Cost(purpose: .notices, credits: 1)
    ) { result in completion(result.map { _ in () }) }
  }
}
