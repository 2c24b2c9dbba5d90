internal import KMSRecords

/// A node that is not Tatum's: it is never given the API key.
struct PublicNode {
  let address: WebAddress
  let client: HTTPClient
  let timeout: Duration

  /// Makes a call below the node's address; `path` is percent-encoded already.
  func callJSON(
    _ method: HTTPRequest.Method, _ path: String, body: JSONValue? = nil, isRepeatable: Bool = true,
    completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    var headers: [(name: String, value: HTTPRequest.HeaderValue)] = [("Accept", .plain("application/json"))]
    if body != nil { headers.append(("Content-Type", .plain("application/json"))) }
    let request = HTTPRequest(
      method, address.below(path), headers: headers, body: body?.encoded() ?? [],
      isRepeatable: isRepeatable, timeout: max(min(timeout, .seconds(2)), timeout * 0.4),
      retry: .within(timeout))
    client.submit(request) { result in
      switch result {
      case .failure(let failure):
        let words = ServerText.clean(failure.description)
        completion(.failure(failure.nothingWasSent ? .unreachable(words) : .lost(words)))
      case .success(let response):
        guard response.isSuccess else {
          return completion(.failure(APIFailure(response, clean: ServerText.clean)))
        }
        guard let json = try? JSONValue(parsing: response.body) else {
          return completion(.failure(.unexpected("the answer is not JSON")))
        }
        completion(.success(json))
      }
    }
  }
}
