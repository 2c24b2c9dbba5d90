internal import KMSRecords

/// The schemas of the description, and what of JSON Schema they use.
struct Schemas: Sendable {
  let components: JSONValue

  /// `schema`, or what it refers to.
  func resolved(_ schema: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.string else { return schema }
    let names = reference.split(separator: "/").dropFirst(2).map(String.init)  // #/components/…
    return names.reduce(components) { $0[$1] ?? .null }
  }

  /// What is wrong with `value`, member by member.
  func problems(of value: JSONValue, _ unresolved: JSONValue, _ path: String) -> [Problem] {
    let schema = resolved(unresolved)
    func problem(_ words: String) -> [Problem] { [Problem(property: path, constraint: "\(path) \(words)")] }
    switch schema["type"]?.string {
    case "object":
      guard let object = value.object else { return problem("must be an object") }
      return problems(of: object, schema, path)
    case "array":
      guard let items = value.array else { return problem("must be an array") }
      guard let item = schema["items"] else { return [] }
      return items.enumerated().flatMap { problems(of: $1, item, Self.joined(path, String($0))) }
    case "string":
      guard let text = value.string else { return problem("must be a string") }
      return problems(ofText: text, schema, path)
    case "number", "integer":
      guard let number = value.number else { return problem("must be a number") }
      return problems(ofText: number.digits, schema, path)
    case "boolean": return value.bool == nil ? problem("must be a boolean value") : []
    default: return []
    }
  }

  private func problems(of object: JSONObject, _ schema: JSONValue, _ path: String) -> [Problem] {
    // Without properties it is anybody's: what nodes are asked.
    guard let properties = schema["properties"]?.object else { return [] }
    var problems: [Problem] = []
    for member in object.members {
      let name = Self.joined(path, member.name)
      guard let property = properties[member.name] else {
        problems.append(.unknown(name))
        continue
      }
      problems += self.problems(of: member.value, property, name)
    }
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
      let name = Self.joined(path, name)
      problems.append(Problem(property: name, constraint: "\(name) should not be empty"))
    }
    return problems
  }

  /// What is wrong with a text, or with the digits of a number.
  func problems(ofText text: String, _ unresolved: JSONValue, _ name: String) -> [Problem] {
    let schema = resolved(unresolved)
    var words: [String] = []
    let length = text.unicodeScalars.count
    if let allowed = schema["enum"]?.array?.compactMap(\.string), !allowed.contains(text) {
      words.append("must be one of the following values: \(allowed.joined(separator: ", "))")
    }
    if let least = schema["minLength"]?.uint64, length < least {
      words.append("must be longer than or equal to \(least) characters")
    }
    if let most = schema["maxLength"]?.uint64, length > most {
      words.append("must be shorter than or equal to \(most) characters")
    }
    if schema["format"] == "uuid", !Self.isUUID(text) { words.append("must be a UUID") }
    if schema["type"] == "number" || schema["type"] == "integer" {
      if let number = Double(text) {
        if let least = schema["minimum"]?.number.flatMap({ Double($0.digits) }), number < least {
          words.append("must not be less than \(least)")
        }
        if let most = schema["maximum"]?.number.flatMap({ Double($0.digits) }), number > most {
          words.append("must not be greater than \(most)")
        }
      } else {
        words.append("must be a number")
      }
    }
    if schema["type"] == "boolean", !["true", "false"].contains(text) {
      words.append("must be a boolean value")
    }
    return words.map { Problem(property: name, constraint: "\(name) \($0)") }
  }

  private static func joined(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  private static func isUUID(_ text: String) -> Bool {
    text.utf8.count == 36
      && text.utf8.enumerated().allSatisfy { i, byte in
        [8, 13, 18, 23].contains(i) ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit
      }
  }
}
