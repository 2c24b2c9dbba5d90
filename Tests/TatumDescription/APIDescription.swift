internal import KMSRecords

/// What requests the Tatum API knows: its OpenAPI description, reduced to facts, with a list of exceptions.
///
/// `Data/description.json` has what this project can use of the description 3.18.3, word for word but without prose:
/// paths, methods, parameters, bodies. `Data/exceptions.json` has what is used and not described, or described wrongly,
/// each with its source, as a merge patch (RFC 7386) on the description. The sandbox answers nothing else, and a test
/// holds every request of the programs against it.
public struct APIDescription: Sendable {
  /// An entry of the list of exceptions.
  public struct Exception: Sendable {
    /// What is not described, in a sentence.
    public let what: String
    /// Where it is known from.
    public let source: String
    let patch: JSONValue
  }

  /// Why the data can't be used.
  public struct DataError: Error, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String
  }

  /// The version of the API's description.
  public let version: String
  /// What is used and not described.
  public let exceptions: [Exception]
  /// All requests that there are.
  public let operations: [Operation]
  let schemas: Schemas

  /// Reads the data that this library contains.
  public init() throws {
    try self.init(
      description: PackageResources.description_json, exceptions: PackageResources.exceptions_json)
  }

  /// Reads a description and a list of exceptions, both JSON.
  public init(description: [UInt8], exceptions: [UInt8]) throws {
    var document = try JSONValue(parsing: description)
    self.exceptions = try (try JSONValue(parsing: exceptions).array ?? []).map { entry in
      guard let what = entry["what"]?.string, let source = entry["source"]?.string, let patch = entry["patch"]
      else { throw DataError(description: "an exception has no what, source or patch") }
      return Exception(what: what, source: source, patch: patch)
    }
    for exception in self.exceptions { document = Self.merged(document, exception.patch) }
    version = document["info"]?["version"]?.string ?? ""
    schemas = Schemas(components: document["components"] ?? .null)
    var operations: [Operation] = []
    for path in document["paths"]?.object?.members ?? [] {
      for method in path.value.object?.members ?? [] {
        operations.append(
          Operation(
            method: method.name.uppercased(), template: path.name, json: method.value, schemas: schemas,
            exceptions: self.exceptions))
      }
    }
    self.operations = operations.sorted { $0.weight > $1.weight }
    guard !operations.isEmpty else { throw DataError(description: "the description has no paths") }
  }

  /// RFC 7386: members of `patch` replace those of `target`, null removes one.
  private static func merged(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard let changes = patch.object else { return patch }
    var object = target.object ?? JSONObject()
    for change in changes.members {
      object[change.name] = change.value.isNull ? nil : merged(object[change.name] ?? .null, change.value)
    }
    return .object(object)
  }

  /// A request and the operation that it is.
  public struct Match: Sendable {
    /// The operation.
    public let operation: Operation
    /// What stands at the names of the template.
    public let values: [String: String]
    /// What stands where the path wants the API key; nil where the path has no place for it.
    public var key: String? { values["xApiKey"] }
  }

  /// The operations that a request can be, the most literal one first.
  public func matches(_ method: String, _ segments: [String]) -> [Match] {
    operations.compactMap { operation in
      guard operation.method == method else { return nil }
      return operation.values(in: segments).map { Match(operation: operation, values: $0) }
    }
  }

  /// The operation that a request is, for a server whose key is `apiKey`: nil when there is none. Where the path can be
  /// read with and without a key, it is read with one only when that is the key.
  public func match(_ method: String, _ segments: [String], apiKey: String) -> Match? {
    let all = matches(method, segments)
    return all.first { $0.key == apiKey } ?? all.first { $0.key == nil } ?? all.first
  }
}

/// A path with a method, and what it takes.
public struct Operation: Sendable {
  struct Parameter: Sendable {
    let place: String
    let name: String
    let isRequired: Bool
    let schema: JSONValue
  }

  /// GET, POST, PUT or DELETE.
  public let method: String
  /// The path with its parameters in braces.
  public let template: String
  /// What is used here and not described, places in the list of exceptions.
  public let exceptions: [Int]
  let parameters: [Parameter]
  let body: JSONValue?
  let isBodyRequired: Bool
  private let segments: [String]

  /// The method and the template.
  public var name: String { "\(method) \(template)" }

  /// How literal the path is.
  var weight: Int { segments.count { !Self.isParameter($0) } * 100 + segments.count }

  init(
    method: String, template: String, json: JSONValue, schemas: Schemas,
    exceptions: [APIDescription.Exception]
  ) {
    self.method = method
    self.template = template
    segments = template.split(separator: "/").map(String.init)
    parameters = (json["parameters"]?.array ?? []).map(schemas.resolved).map {
      Parameter(
        place: $0["in"]?.string ?? "", name: $0["name"]?.string ?? "",
        isRequired: $0["required"]?.bool ?? false, schema: schemas.resolved($0["schema"] ?? [:]))
    }
    let content = json["requestBody"]?["content"]?["application/json"]?["schema"]
    body = content.map(schemas.resolved)
    isBodyRequired = json["requestBody"]?["required"]?.bool ?? false
    let schema = content?["$ref"]?.string?.split(separator: "/").last.map(String.init)
    self.exceptions = exceptions.indices.filter { i in
      let patch = exceptions[i].patch
      return patch["paths"]?[template]?[method.lowercased()] != nil
        || schema.flatMap { patch["components"]?["schemas"]?[$0] } != nil
    }
  }

  private static func isParameter(_ segment: String) -> Bool { segment.hasPrefix("{") || segment == "*" }

  /// What stands at the parameters; nil when `path` is not of this form. Parameters that are paths themselves take the
  /// rest, also none.
  func values(in path: [String]) -> [String: String]? {
    var values: [String: String] = [:]
    for (i, segment) in segments.enumerated() {
      if segment == "*" || segment.hasSuffix("Path}") {
        guard i <= path.count else { return nil }
        values[segment == "*" ? "*" : String(segment.dropFirst().dropLast())] =
          path[i...].joined(separator: "/")
        return values
      }
      guard i < path.count else { return nil }
      if segment.hasPrefix("{") {
        values[String(segment.dropFirst().dropLast())] = path[i]
      } else if segment != path[i] {
        return nil
      }
    }
    return path.count == segments.count ? values : nil
  }

  /// Whether the rest of the path and the query belong to a node behind the API.
  public var passesOn: Bool { segments.last.map { $0 == "*" || $0.hasSuffix("Path}") } ?? false }
}
