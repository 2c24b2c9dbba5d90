internal import KMSProcess
internal import KMSRecords

/// The calls about pending transactions.
extension TatumAPI {
  /// Most signature IDs that the API takes in one call, and it takes one call per chain.
  static let maximumSignatureIDs = 25_000

  /// Asks for the pending transactions of one chain.
  func pollPending(
    chain: String, signatureIDs: [String], completion: @escaping (Result<[JSONValue], APIFailure>) -> Void
  ) {
    call(
      .post, "/v3/kms/pending/\(WebAddress.encode(chain))", body: Self.pollBody(signatureIDs),
      headers: [("x-ttm-kms-client-version", KMSVersion.compatible)], maximumResponse: 64 << 20
    ) { result in
      completion(
        result.flatMap { response in
          do throws(JSONSyntaxError) {
            if let items = try JSONValue(parsing: response.body).array { return .success(items) }
            return .failure(.unexpected("the list of pending transactions is not an array"))
          } catch {
            return .failure(.unexpected("the list of pending transactions can't be read: \(error)"))
          }
        })
    }
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
  func complete(id: String, transactionID: String, completion: @escaping (Result<Void, APIFailure>) -> Void) {
    call(.put, "/v3/kms/\(WebAddress.encode(id))/\(WebAddress.encode(transactionID))") { result in
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
    call(.post, "/v3/tatum/kms/batch", body: body.encoded()) { result in completion(result.map { _ in () }) }
  }
}
