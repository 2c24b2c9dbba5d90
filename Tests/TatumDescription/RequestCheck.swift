internal import KMSRecords

/// What a request has that the description does not allow.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
  /// The path of the member, `errors.0.signatureId`, or the name of a parameter.
  public let property: String
  /// What it should be, in the words of the API's validation.
  public let constraint: String

  /// Creates a problem.
  public init(property: String, constraint: String) {
    self.property = property
    self.constraint = constraint
  }

  /// Property and constraint.
  public var description: String { "\(property): \(constraint)" }
}

extension APIDescription {
  /// Headers that every HTTP client sends, and that of the key; all others must be described.
  private static let ordinaryHeaders: Set<String> = [
    "host", "accept", "accept-encoding", "user-agent", "content-type", "content-length", "connection",
    "expect",
    "transfer-encoding", "te", "x-api-key",
  ]

  /// What is wrong with the parameters of a request.
  ///
  /// - Parameter hasStrictHeaders: whether headers that are not described are a problem; servers ignore them.
  public func problems(
    of match: Match, query: [String: String], headers: [(name: String, value: String)],
    hasStrictHeaders: Bool = false
  ) -> [Problem] {
    var problems: [Problem] = []
    let operation = match.operation
    let given = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    for parameter in operation.parameters {
      let values = parameter.place == "path" ? match.values : parameter.place == "query" ? query : given
      let name = parameter.place == "header" ? parameter.name.lowercased() : parameter.name
      if let value = values[name] {
        problems += schemas.problems(ofText: value, parameter.schema, parameter.name)
      } else if parameter.isRequired {
        problems.append(
          Problem(property: parameter.name, constraint: "\(parameter.name) should not be empty"))
      }
    }
    func isDescribed(_ name: String, _ place: String) -> Bool {
      operation.parameters.contains { $0.place == place && $0.name.lowercased() == name.lowercased() }
    }
    if !operation.passesOn {
      for name in query.keys.sorted() where !isDescribed(name, "query") { problems.append(.unknown(name)) }
    }
    if hasStrictHeaders {
      for name in given.keys.sorted()
      where !Self.ordinaryHeaders.contains(name) && !isDescribed(name, "header") {
        problems.append(.unknown(name))
      }
    }
    return problems
  }

  /// What is wrong with the body of a request.
  public func problems(ofBody body: [UInt8], _ operation: Operation) -> [Problem] {
    guard let schema = operation.body else {
      return body.isEmpty ? [] : [Problem(property: "body", constraint: "\(operation.name) takes no body")]
    }
    guard !body.isEmpty else {
      return operation.isBodyRequired
        ? [Problem(property: "body", constraint: "body should not be empty")] : []
    }
    guard let json = try? JSONValue(parsing: body) else {
      return [Problem(property: "body", constraint: "body must be JSON")]
    }
    return schemas.problems(of: json, schema, "")
  }
}

extension Problem {
  static func unknown(_ property: String) -> Problem {
    Problem(property: property, constraint: "property \(property) should not exist")
  }
}
