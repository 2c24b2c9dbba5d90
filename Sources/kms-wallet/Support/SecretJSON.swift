import KMSCrypto
import KMSRecords

/// JSON text with secrets in it, put together in memory that is wiped.
///
/// The form is that of `JSON.stringify(value, null, 2)`, as the original prints its answers.
enum SecretJSON {
  /// A value of an object; nil members are left out.
  enum Value {
    case clear(JSONValue)
    case secret(SecretBytes)
    case object([(name: String, value: Value?)])
  }

  /// The text of an object, without a final newline.
  ///
  /// - Parameter depth: how deep the object stands in the text that it becomes a part of.
  static func object(_ members: [(name: String, value: Value?)], depth: Int = 0) throws -> SecretBytes {
    var parts: [Part] = []
    append(.object(members), depth: depth, to: &parts)
    return try SecretBytes(
      count: parts.reduce(0) { $0 + $1.count },
      writing: { out in
        var next = 0
        for part in parts { part.write(to: &out, at: &next) }
      })
  }

  /// A piece of the text: what is public, or a secret that becomes a JSON string.
  private enum Part {
    case clear([UInt8])
    case secret(SecretBytes)

    var count: Int {
      switch self {
      case .clear(let bytes): bytes.count
      case .secret(let secret):
        secret.withBytes { bytes in bytes.indices.reduce(2) { $0 + SecretJSON.escapedLength(of: bytes[$1]) } }
      }
    }

    /// Writes to the place `next` of `out`, which becomes that behind it.
    func write(to out: inout MutableSpan<UInt8>, at next: inout Int) {
      func put(_ byte: UInt8) {
        out[next] = byte
        next += 1
      }
      switch self {
      case .clear(let bytes): for byte in bytes { put(byte) }
      case .secret(let secret):
        put(UInt8(ascii: "\""))
        secret.withBytes { bytes in for i in bytes.indices { SecretJSON.escape(bytes[i], put) } }
        put(UInt8(ascii: "\""))
      }
    }
  }

  private static func append(_ value: Value, depth: Int, to parts: inout [Part]) {
    switch value {
    case .clear(let json): parts.append(.clear(json.encoded()))
    case .secret(let secret): parts.append(.secret(secret))
    case .object(let members):
      let present = members.compactMap { member in member.value.map { (member.name, $0) } }
      let indent = String(repeating: "  ", count: depth)
      for (i, (name, value)) in present.enumerated() {
        let start = i == 0 ? "{" : ","
        parts.append(.clear(Array("\(start)\n\(indent)  \(JSONValue.string(name).text): ".utf8)))
        append(value, depth: depth + 1, to: &parts)
      }
      parts.append(.clear(Array((present.isEmpty ? "{}" : "\n\(indent)}").utf8)))
    }
  }

  // A secret is a mnemonic or a key, hence ASCII; an imported one may be any UTF-8 text. RFC 8259 section 7 wants
  // quotes, backslashes and control characters escaped.

  private static func escapedLength(of byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
    case 0..<0x20: 6
    default: 1
    }
  }

  private static func escape(_ byte: UInt8, _ put: (UInt8) -> Void) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      put(UInt8(ascii: "\\"))
      put(byte)
    case 0..<0x20:
      for character in "\\u00".utf8 { put(character) }
      put(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
      put("0123456789abcdef".utf8.dropFirst(Int(byte & 15)).first ?? UInt8(ascii: "0"))
    default: put(byte)
    }
  }
}
