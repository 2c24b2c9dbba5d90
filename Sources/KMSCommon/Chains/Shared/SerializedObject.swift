internal import KMSRecords

/// The JSON object in `serializedTransaction`, without its null members: null and absent are the same.
struct SerializedObject {
  /// The members, in their order.
  let members: [JSONObject.Member]
  private let object: JSONObject

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` when it is not JSON, or no object; the text itself is not repeated.
  init(parsing text: String) throws(ChainError) {
    let json: JSONValue
    do throws(JSONSyntaxError) { json = try JSONValue(parsing: text) } catch {
      throw .malformed("pending.serializedTransaction is not JSON: \(error)")
    }
    guard let object = json.object else {
      throw .malformed("pending.serializedTransaction is \(json.kindName), not an object")
    }
    self.object = object
    members = object.members.filter { !$0.value.isNull }
  }

  /// The value of a member; nil when it is null or absent.
  subscript(name: String) -> JSONValue? {
    guard let value = object[name], !value.isNull else { return nil }
    return value
  }

  /// The refusal of a member that is not known.
  func unknown(_ name: String) -> ChainError {
    // A name from outside, as far as it is safe and useful in a message.
    let isPlain = name.utf8.count <= 40 && name.utf8.allSatisfy { (33...126).contains($0) }
    return .malformed(
      "serializedTransaction has the member \(isPlain ? name : "with a strange name"), which is not known")
  }
}
