internal import KMSRecords

/// The JSON object in `serializedTransaction`: the only place where its text is parsed.
///
/// Null and absent members are the same.
struct SerializedObject {
  /// The object as it stands, null members included.
  let object: JSONObject
  /// The members that are not null, in their order.
  let members: [JSONObject.Member]

  /// The object as a value.
  var json: JSONValue { .object(object) }

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` when it is not JSON, or no object; the text itself is not repeated.
  init(parsing text: String) throws(ChainError) {
    let json = try Self.json(text)
    guard let object = json.object else {
      throw .malformed("serializedTransaction is \(json.kindName), not an object")
    }
    self.object = object
    let hasNull = object.members.contains { $0.value.isNull }
    members = hasNull ? object.members.filter { !$0.value.isNull } : object.members
  }

  /// Reads `text` without building its values.
  ///
  /// - Throws: as `init`.
  static func members(of text: [UInt8]) throws(ChainError) -> JSONText {
    do throws(JSONSyntaxError) {
      if let object = try JSONText(inRecord: text[...]) { return object }
    } catch { throw .malformed("serializedTransaction is not JSON: \(error)") }
    let json = try json(String(decoding: text, as: UTF8.self))
    throw .malformed("serializedTransaction is \(json.kindName), not an object")
  }

  /// Reads any JSON: for chains whose transactions are no objects.
  ///
  /// - Throws: `malformed-transaction` when it is not JSON.
  static func json(_ text: String) throws(ChainError) -> JSONValue {
    do throws(JSONSyntaxError) { return try JSONValue(parsing: text) } catch {
      throw .malformed("serializedTransaction is not JSON: \(error)")
    }
  }

  /// The value of a member; nil when it is null or absent.
  subscript(name: String) -> JSONValue? {
    guard let value = object[name], !value.isNull else { return nil }
    return value
  }

  /// The refusal of a member that is not known.
  func unknown(_ name: String) -> ChainError { .unknownMember(name, of: "serializedTransaction") }
}

extension ChainError {
  /// The refusal of a member that is not known: it could change the meaning of the rest.
  ///
  /// - Parameter path: what has the member, such as `serializedTransaction.msg.inputs[0]`.
  static func unknownMember(_ name: String, of path: String) -> ChainError {
    .malformed("\(path) has the member \(shown(name)), which is not known")
  }

  /// A name from outside, as far as it is safe and useful in a message.
  package static func shown(_ name: String) -> String {
    let isPlain = name.utf8.count <= 40 && name.utf8.allSatisfy { (33...126).contains($0) }
    return isPlain ? name : "with a strange name"
  }
}
