internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Compares the readable `raw_data` of a transaction with the bytes that would be signed, field by field.
///
/// Afterwards the two say the same: every member of the JSON that is not null is a field of the message with that very
/// value, every field on the wire is such a member, and there is one way only to write them. A member that is absent,
/// null, zero, false, or empty text is a field that is not on the wire (Protocol Buffers 3); an inner message is on the
/// wire exactly when its object is there.
struct RawDataComparison {
  /// Whether addresses are in base58 and names are text, as the full node writes them with `visible`.
  let isVisible: Bool

  /// Compares `bytes` with `json`.
  ///
  /// - Throws: `content-mismatch` naming the member that differs or is hidden, `malformed-transaction` when one side
  ///   can't be read.
  func compare(
    _ bytes: ArraySlice<UInt8>, as message: ProtobufMessage, with json: JSONValue, path: String
  ) throws(ChainError) {
    guard let object = json.object else { throw .malformed("\(path) is \(json.kindName), not an object") }
    for member in object.members where !member.value.isNull && !message.ignored.contains(member.name) {
      guard message.fields.contains(where: { $0.name == member.name }) else {
        throw .unknownMember(member.name, of: path)
      }
    }
    var wire: ArraySlice<ProtobufReader.Field>
    do throws(ProtobufReader.DecodingError) { wire = try ProtobufReader.fields(of: bytes)[...] } catch {
      throw .malformed("raw_data_hex is not Protocol Buffers in \(path): \(error.reason)")
    }
    for field in message.fields {
      if let next = wire.first, next.number < field.number { break }
      var values: [ProtobufReader.Value] = []
      while let next = wire.first, next.number == field.number {
        values.append(next.value)
        wire.removeFirst()
      }
      try compare(values, field, with: json[field.name], path: "\(path).\(field.name)")
    }
    if let hidden = wire.first {
      throw ChainError(
        .contentMismatch,
        "raw_data_hex has field \(hidden.number) in \(path), which the transaction does not show")
    }
  }

  private func compare(
    _ values: [ProtobufReader.Value], _ field: ProtobufMessage.Field, with json: JSONValue?, path: String
  ) throws(ChainError) {
    if field.isRepeated {
      guard let items = json.map(\.array) ?? [] else { throw .malformed("\(path) is not an array") }
      guard items.count == values.count else {
        throw ChainError(
          .contentMismatch, "\(path) has \(items.count) items, raw_data_hex has \(values.count)")
      }
      for (i, (value, item)) in zip(values, items).enumerated() {
        try compare(value, field.kind, with: item, path: "\(path)[\(i)]")
      }
      return
    }
    guard values.count <= 1 else { throw .malformed("raw_data_hex has \(path) more than once") }
    if case .message = field.kind {
      switch (values.first, json) {
      case (nil, nil): return
      case (let value?, let json?): return try compare(value, field.kind, with: json, path: path)
      case (nil, _?): throw ChainError(.contentMismatch, "\(path) is not in raw_data_hex")
      case (_?, nil): throw Self.hidden(path)
      }
    }
    guard let value = values.first else {
      guard let json, let shown = try scalar(json, field.kind, path) else { return }
      throw ChainError(.contentMismatch, "\(path) is \(Self.text(shown)), which is not in raw_data_hex")
    }
    switch value {
    case .varint(0), .bytes([]): throw .malformed("raw_data_hex writes \(path), which is empty, explicitly")
    default: break
    }
    guard let json else { throw Self.hidden(path) }
    try compare(value, field.kind, with: json, path: path)
  }

  /// Compares one value; an empty one, where it may stand in a list, with its empty form.
  private func compare(
    _ value: ProtobufReader.Value, _ kind: ProtobufMessage.Kind, with json: JSONValue, path: String
  ) throws(ChainError) {
    if case .message(let message) = kind {
      guard case .bytes(let bytes) = value else { throw .malformed("raw_data_hex has a number in \(path)") }
      return try compare(bytes, as: message, with: json, path: path)
    }
    let empty: ProtobufReader.Value
    if case .varint = value { empty = .varint(0) } else { empty = .bytes([]) }
    let shown = try scalar(json, kind, path) ?? empty
    guard shown == value else {
      throw ChainError(
        .contentMismatch, "\(path) is \(Self.text(shown)), raw_data_hex has \(Self.text(value))")
    }
  }

  /// What `json` is on the wire; nil for what is left out there: zero, false, empty text.
  private func scalar(
    _ json: JSONValue, _ kind: ProtobufMessage.Kind, _ path: String
  ) throws(ChainError) -> ProtobufReader.Value? {
    switch kind {
    case .message: throw .malformed("\(path) is a message")
    case .integer(let maximum):
      guard let number = json.uint64, number <= maximum else {
        throw .malformed("\(path) is not an integer from 0 to \(maximum)")
      }
      return number == 0 ? nil : .varint(number)
    case .bool:
      guard let flag = json.bool else { throw .malformed("\(path) is \(json.kindName), not a boolean") }
      return flag ? .varint(1) : nil
    case .enumeration(let numbers):
      let number =
        json.string.map { name in
          numbers.first { $0.key.lowercased() == name.lowercased() }?.value
        } ?? numbers.values.first { $0 == json.uint64 }
      guard let number else { throw .malformed("\(path) is not a known value") }
      return number == 0 ? nil : .varint(number)
    case .address, .bytes, .name, .string:
      guard let text = json.string else { throw .malformed("\(path) is \(json.kindName), not text") }
      if text.isEmpty { return nil }
      let bytes = try bytes(text, kind, path)
      return bytes.isEmpty ? nil : .bytes(bytes[...])
    }
  }

  private func bytes(
    _ text: String, _ kind: ProtobufMessage.Kind, _ path: String
  ) throws(ChainError) -> [UInt8] {
    switch kind {
    case .address:
      guard let address = isVisible ? TronAddress(text: text) : TronAddress(hex: text) else {
        let form = isVisible ? "an address T… (the transaction is visible)" : "42 hexadecimal digits from 41"
        throw .malformed("\(path) is not \(form)")
      }
      return address.bytes
    case .string: return Array(text.utf8)
    case .name where isVisible: return Array(text.utf8)
    default:
      guard let bytes = Hex.decodePrefixed(text) else {
        throw .malformed("\(path) is not an even number of hexadecimal digits")
      }
      return bytes
    }
  }

  private static func hidden(_ path: String) -> ChainError {
    ChainError(.contentMismatch, "raw_data_hex has \(path), which the transaction does not show")
  }

  /// A value for messages: digits, or the first 32 bytes.
  private static func text(_ value: ProtobufReader.Value) -> String {
    switch value {
    case .varint(let number): String(number)
    case .bytes(let bytes): Hex.encode(bytes.prefix(32)) + (bytes.count > 32 ? "…" : "")
    }
  }
}
