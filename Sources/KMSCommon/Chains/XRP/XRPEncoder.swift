internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Turns JSON values into the canonical binary form, exactly or not at all.
///
/// <https://xrpl.org/docs/references/protocol/binary-format>
struct XRPEncoder {
  /// The network of the record, which X-addresses must name.
  let testnet: Bool

  /// Blobs that mean something when they are empty: AccountSet takes its member away, a memo is one without a text.
  private static let mayBeEmpty: Set = ["Domain", "MessageKey", "MemoType", "MemoData", "MemoFormat"]

  /// The longest value with a length prefix.
  private static let longest = 918_744

  /// Encodes the value of `field`, length prefix and end marker included.
  ///
  /// - Parameter path: where the value stands, for messages.
  func encode(_ value: JSONValue, as field: XRPField, _ path: String) throws(ChainError) -> [UInt8] {
    switch field.type {
    case .uint8: Array(try integer(value, max: 0xff, path).suffix(1))
    case .uint16: Array(try integer(value, max: 0xffff, path).suffix(2))
    case .uint32: try integer(value, max: 0xffff_ffff, path)
    case .hash128: try hex(value, count: 16, path)
    case .hash256: try hex(value, count: 32, path)
    case .amount: try amount(value, path)
    case .blob: try blob(value, mayBeEmpty: Self.mayBeEmpty.contains(field.name), path)
    case .account: try Self.prefixed(account(value, path).bytes, path)
    case .array: try array(value, field, path)
    case .pathSet: try pathSet(value, path)
    case .vector256: try vector(value, path)
    // Only elements of arrays are objects.
    case .object: throw .malformed("\(path) can't stand here")
    }
  }

  /// The bytes of an integer, four of them.
  private func integer(_ value: JSONValue, max: UInt64, _ path: String) throws(ChainError) -> [UInt8] {
    guard let number = value.number?.uint64, number <= max else {
      throw .malformed("\(path) is not an integer from 0 to \(max)")
    }
    return UInt32(truncatingIfNeeded: number).bigEndianBytes
  }

  private func hex(_ value: JSONValue, count: Int, _ path: String) throws(ChainError) -> [UInt8] {
    guard let text = value.string, text.utf8.count == 2 * count, let bytes = Hex.decode(text) else {
      throw .malformed("\(path) is not \(2 * count) hex digits")
    }
    return bytes
  }

  private func blob(_ value: JSONValue, mayBeEmpty: Bool, _ path: String) throws(ChainError) -> [UInt8] {
    guard let text = value.string, let bytes = Hex.decode(text) else {
      throw .malformed("\(path) is not hexadecimal text")
    }
    guard mayBeEmpty || !bytes.isEmpty else { throw .malformed("\(path) is empty") }
    return try Self.prefixed(bytes, path)
  }

  /// An account by its classic address, or by an X-address of the record's network without a tag.
  func account(_ value: JSONValue, _ path: String) throws(ChainError) -> XRPAccount {
    let (account, tag) = try taggedAccount(value, path)
    guard tag == nil else {
      throw .malformed("\(path) is an X-address with a tag, which can't be used there")
    }
    return account
  }

  /// An account, and the tag where its address has one.
  func taggedAccount(_ value: JSONValue, _ path: String) throws(ChainError) -> (XRPAccount, tag: UInt32?) {
    guard let text = value.string else { throw .malformed("\(path) is not an address") }
    if let account = XRPAccount(classic: text) { return (account, nil) }
    guard let extended = XRPAccount.Extended(text) else {
      throw .malformed("\(path) is not an address of the XRP Ledger with a right checksum")
    }
    guard extended.isTestnet == testnet else {
      throw .malformed("\(path) is an X-address of the other network")
    }
    return (extended.account, extended.tag)
  }

  private func amount(_ value: JSONValue, _ path: String) throws(ChainError) -> [UInt8] {
    if let text = value.string {
      guard let drops = XRPAmount.drops(text) else {
        throw .malformed("\(path) is not an integer of drops up to \(XRPAmount.maximumDrops)")
      }
      return XRPAmount.encode(drops: drops)
    }
    if let issuance = value["mpt_issuance_id"] {
      guard value.object?.members.count == 2, let text = value["value"]?.string,
        let encoded = XRPAmount.encode(multiPurpose: text)
      else { throw .malformed("\(path) is not a value from 0 to 2^63 - 1 of a multi-purpose token") }
      return encoded + (try hex(issuance, count: 24, "\(path).mpt_issuance_id"))
    }
    guard let members = value.object?.members,
      members.count == 3, let code = value["currency"]?.string, let text = value["value"]?.string,
      let issuer = value["issuer"]
    else {
      throw .malformed(
        "\(path) is neither drops in a string nor an object of currency, value and issuer, or of mpt_issuance_id "
          + "and value")
    }
    guard let currency = XRPCurrency.issued(code) else {
      throw .malformed("\(path).currency is no code of an issued currency")
    }
    guard let encoded = XRPAmount.encode(issued: text) else {
      throw .malformed(
        "\(path).value is not a decimal from 0 of at most 16 significant digits and of an exponent that the ledger "
          + "can hold")
    }
    return encoded + currency + (try account(issuer, "\(path).issuer")).bytes
  }

  private func vector(_ value: JSONValue, _ path: String) throws(ChainError) -> [UInt8] {
    guard let items = value.array, !items.isEmpty else {
      throw .malformed("\(path) is not an array with items")
    }
    var bytes: [UInt8] = []
    for (i, item) in items.enumerated() { bytes += try hex(item, count: 32, "\(path)[\(i)]") }
    return try Self.prefixed(bytes, path)
  }

  /// Objects, each wrapped in an object of one member.
  private func array(_ value: JSONValue, _ field: XRPField, _ path: String) throws(ChainError) -> [UInt8] {
    guard let items = value.array, let element = XRPFormat.elements[field.name],
      let wrapper = XRPField.named(element.name)
    else { throw .malformed("\(path) is not an array") }
    var bytes: [UInt8] = []
    for (i, item) in items.enumerated() {
      let path = "\(path)[\(i)]"
      guard let members = item.object?.members, members.count == 1, let inner = members.first,
        inner.name == element.name, let object = inner.value.object, !object.members.isEmpty
      else { throw .malformed("\(path) is not an object with the one member \(element.name)") }
      bytes += wrapper.header + (try fields(of: object, element.format, "\(path).\(element.name)"))
      bytes.append(XRPField.objectEnd)
    }
    return bytes + [XRPField.arrayEnd]
  }

  private func fields(of object: JSONObject, _ format: XRPFormat, _ path: String) throws(ChainError)
    -> [UInt8]
  {
    var encoded: [(field: XRPField, bytes: [UInt8])] = []
    for member in object.members {
      guard format.allows(member.name), let field = XRPField.named(member.name) else {
        throw .unknownMember(member.name, of: path)
      }
      encoded.append((field, try encode(member.value, as: field, "\(path).\(field.name)")))
    }
    for name in format.required where object[name] == nil { throw .malformed("\(path).\(name) is missing") }
    encoded.sort { $0.field.order < $1.field.order }
    return encoded.flatMap { $0.field.header + $0.bytes }
  }

  /// Paths of steps; each step is an account, or a currency, an issuer or both.
  private func pathSet(_ value: JSONValue, _ path: String) throws(ChainError) -> [UInt8] {
    guard let paths = value.array, !paths.isEmpty else {
      throw .malformed("\(path) is not an array with paths")
    }
    var bytes: [UInt8] = []
    for (i, steps) in paths.enumerated() {
      guard let steps = steps.array, !steps.isEmpty else {
        throw .malformed("\(path)[\(i)] is not an array with steps")
      }
      if i > 0 { bytes.append(0xff) }
      for (j, step) in steps.enumerated() { bytes += try self.step(step, "\(path)[\(i)][\(j)]") }
    }
    return bytes + [0x00]
  }

  private func step(_ step: JSONValue, _ path: String) throws(ChainError) -> [UInt8] {
    guard let members = step.object?.members else { throw .malformed("\(path) is not an object") }
    for member in members where !["account", "currency", "issuer", "type", "type_hex"].contains(member.name) {
      throw .unknownMember(member.name, of: path)
    }
    var type: UInt8 = 0
    var bytes: [UInt8] = []
    if let value = step["account"] {
      type |= 0x01
      bytes += try account(value, "\(path).account").bytes
    }
    if let value = step["currency"] {
      type |= 0x10
      guard let code = value.string, let currency = code == "XRP" ? XRPCurrency.xrp : XRPCurrency.issued(code)
      else { throw .malformed("\(path).currency is no currency code") }
      bytes += currency
    }
    if let value = step["issuer"] {
      type |= 0x20
      bytes += try account(value, "\(path).issuer").bytes
    }
    guard type != 0, type == 0x01 || type & 0x01 == 0 else {
      throw .malformed("\(path) is neither an account nor a currency, an issuer or both")
    }
    // Servers show the type with each path that they find; it says nothing new, so it must fit.
    if let shown = step["type"], shown.number?.uint64 != UInt64(type) {
      throw .malformed("\(path).type does not fit the step")
    }
    if let shown = step["type_hex"] {
      guard let text = shown.string, text.utf8.count == 16, UInt64(text, radix: 16) == UInt64(type) else {
        throw .malformed("\(path).type_hex does not fit the step")
      }
    }
    return [type] + bytes
  }

  /// The bytes after their length, in one to three bytes.
  static func prefixed(_ bytes: [UInt8], _ path: String) throws(ChainError) -> [UInt8] {
    let count = bytes.count
    switch count {
    case ...192: return [UInt8(count)] + bytes
    case ...12_480:
      let rest = count - 193
      return [UInt8(193 + rest >> 8), UInt8(rest & 0xff)] + bytes
    case ...longest:
      let rest = count - 12_481
      return [UInt8(241 + rest >> 16), UInt8(rest >> 8 & 0xff), UInt8(rest & 0xff)] + bytes
    default: throw .malformed("\(path) is longer than \(longest) bytes")
    }
  }
}
