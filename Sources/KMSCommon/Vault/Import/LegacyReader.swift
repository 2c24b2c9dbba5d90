internal import KMSCrypto
internal import KMSPrimitives
internal import KMSVault

/// One wallet as the original stored it. An empty or a null member counts as missing.
struct LegacyEntry {
  /// The signature ID.
  var name: String
  var chain: String?
  var testnet: Bool?
  var xpub: String?
  var address: String?
  var mnemonic: SecretBytes?
  var privateKey: SecretBytes?
  var secret: SecretBytes?
  /// Releases before 2 stored it, too.
  var xpriv: SecretBytes?
  /// Whether something is there that the original never wrote: members of another type or unknown ones.
  var isUnusual = false
  /// The entry's own JSON.
  var json: SecretBytes
}

/// Reads the original's JSON where it lies, in protected memory: what may be a secret is copied to protected memory
/// only, and nothing else than what is asked for is copied at all. Strict (RFC 8259).
@safe struct LegacyReader {
  // A span would be checked by the compiler, but can't be stored in a reader that closures get to change.
  private let buffer: UnsafeBufferPointer<UInt8>
  private let count: Int
  private let path: String
  private var at = 0
  /// Entries of the original are flat.
  private static let maximumDepth = 16

  /// Reads bytes that must stay where they are as long as this is in use.
  @unsafe init(_ buffer: UnsafeBufferPointer<UInt8>, path: String) {
    unsafe self.buffer = buffer
    count = buffer.count
    self.path = path
  }

  /// Gives every entry to `body`.
  ///
  /// - Throws: `damaged`.
  mutating func readAll(_ body: (LegacyEntry) throws -> Void) throws {
    do { _ = try unsafe UTF8Span(validating: buffer.span) } catch {
      throw damaged("a part of it can't be decrypted to text")
    }
    var names: Set<String> = []
    try readMembers { reader, name in
      guard names.insert(name).inserted else { throw reader.damaged("a wallet is in it twice") }
      try body(try reader.readEntry(name))
    }
    skipSpace()
    guard at == count else { throw damaged("something follows the last wallet") }
  }

  private mutating func readEntry(_ name: String) throws -> LegacyEntry {
    skipSpace()
    let start = at
    var entry = LegacyEntry(name: name, json: try SecretBytes(copying: []))
    if peek() == UInt8(ascii: "{") {
      try readMembers { reader, member in try reader.readMember(member, into: &entry) }
    } else {
      try skipValue(depth: 1)
      entry.isUnusual = true
    }
    entry.json = try copy(start..<at)
    return entry
  }

  private mutating func readMember(_ name: String, into entry: inout LegacyEntry) throws {
    skipSpace()
    let isText = peek() == UInt8(ascii: "\"")
    switch name {
    case "chain" where isText && entry.chain == nil: entry.chain = try readText()
    case "xpub" where isText && entry.xpub == nil: entry.xpub = try readText()
    case "address" where isText && entry.address == nil: entry.address = try readText()
    case "mnemonic" where isText && entry.mnemonic == nil: entry.mnemonic = try readSecret()
    case "privateKey" where isText && entry.privateKey == nil: entry.privateKey = try readSecret()
    case "secret" where isText && entry.secret == nil: entry.secret = try readSecret()
    case "xpriv" where isText && entry.xpriv == nil: entry.xpriv = try readSecret()
    case "testnet" where peek() == UInt8(ascii: "t") && entry.testnet == nil:
      try expect("true")
      entry.testnet = true
    case "testnet" where peek() == UInt8(ascii: "f") && entry.testnet == nil:
      try expect("false")
      entry.testnet = false
    default:
      if peek() != UInt8(ascii: "n") { entry.isUnusual = true }
      try skipValue(depth: 2)
    }
  }

  /// Reads an object; `value` has to read one value, and gets the member's name.
  private mutating func readMembers(_ value: (inout LegacyReader, String) throws -> Void) throws {
    skipSpace()
    try expect("{")
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      at += 1
      return
    }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw damaged() }
      let range = try skipString()
      // Names are signature IDs and the like; a long one may be anything.
      guard range.count <= 256, let name = try text(range) else { throw damaged() }
      skipSpace()
      try expect(":")
      try value(&self, name)
      skipSpace()
      guard let next = peek() else { throw damaged() }
      at += 1
      if next == UInt8(ascii: "}") { return }
      guard next == UInt8(ascii: ",") else { throw damaged() }
    }
  }

  private mutating func skipValue(depth: Int) throws {
    guard depth <= Self.maximumDepth else { throw damaged() }
    skipSpace()
    switch peek() {
    case UInt8(ascii: "\""): _ = try skipString()
    case UInt8(ascii: "{"): try readMembers { reader, _ in try reader.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      at += 1
      skipSpace()
      if peek() == UInt8(ascii: "]") {
        at += 1
        return
      }
      while true {
        try skipValue(depth: depth + 1)
        skipSpace()
        guard let next = peek() else { throw damaged() }
        at += 1
        if next == UInt8(ascii: "]") { return }
        guard next == UInt8(ascii: ",") else { throw damaged() }
      }
    case UInt8(ascii: "t"): try expect("true")
    case UInt8(ascii: "f"): try expect("false")
    case UInt8(ascii: "n"): try expect("null")
    default:
      let start = at
      while let c = peek(), (48...57).contains(c) || [43, 45, 46, 69, 101].contains(c) { at += 1 }
      guard at > start else { throw damaged() }
    }
  }

  // MARK: Strings

  /// A text; nil when it is empty.
  private mutating func readText() throws -> String? {
    let text = try text(skipString())
    return text?.isEmpty == true ? nil : text
  }

  /// A secret; nil when it is empty.
  private mutating func readSecret() throws -> SecretBytes? {
    let range = try skipString()
    guard !range.isEmpty else { return nil }
    guard range.contains(where: { byte($0) == UInt8(ascii: "\\") }) else { return try copy(range) }
    var count = 0
    var isGood = true
    // An escape is never shorter than what it stands for.
    let whole = try SecretBytes(
      count: range.count,
      writing: { out in
        isGood = unescape(range) { byte in
          out[count] = byte
          count += 1
        }
      })
    guard isGood else { throw damaged() }
    return try whole.slice(0..<count)
  }

  private func text(_ range: Range<Int>) throws -> String? {
    var plain: [UInt8] = []
    guard unescape(range, { plain.append($0) }) else { throw damaged() }
    return String(validating: plain, as: UTF8.self)
  }

  private func copy(_ range: Range<Int>) throws -> SecretBytes {
    try SecretBytes(count: range.count, writing: { out in out.write(unsafe buffer.span.extracting(range)) })
  }

  /// Goes over a string and returns where its characters are, without the quotes.
  private mutating func skipString() throws -> Range<Int> {
    at += 1
    let start = at
    while at < count {
      switch byte(at) {
      case UInt8(ascii: "\""):
        at += 1
        return start..<at - 1
      case UInt8(ascii: "\\"): at += 2
      case 0..<0x20: throw damaged()
      default: at += 1
      }
    }
    throw damaged()
  }

  /// Gives the bytes that a string stands for to `put`; false when an escape is wrong.
  private func unescape(_ range: Range<Int>, _ put: (UInt8) -> Void) -> Bool {
    var i = range.lowerBound
    func hex() -> UInt32? {
      guard i + 4 <= range.upperBound else { return nil }
      var code: UInt32 = 0
      for place in i..<i + 4 {
        guard let value = Hex.value(of: byte(place)) else { return nil }
        code = code << 4 | UInt32(value)
      }
      i += 4
      return code
    }
    while i < range.upperBound {
      let c = byte(i)
      i += 1
      guard c == UInt8(ascii: "\\") else {
        put(c)
        continue
      }
      guard i < range.upperBound else { return false }
      let escape = byte(i)
      i += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): put(escape)
      case UInt8(ascii: "b"): put(8)
      case UInt8(ascii: "f"): put(12)
      case UInt8(ascii: "n"): put(10)
      case UInt8(ascii: "r"): put(13)
      case UInt8(ascii: "t"): put(9)
      case UInt8(ascii: "u"):
        guard var code = hex() else { return false }
        if 0xD800..<0xDC00 ~= code {
          guard i + 2 <= range.upperBound, byte(i) == UInt8(ascii: "\\"), byte(i + 1) == UInt8(ascii: "u")
          else { return false }
          i += 2
          guard let low = hex(), 0xDC00..<0xE000 ~= low else { return false }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code), let units = UTF8.encode(scalar) else { return false }
        units.forEach(put)
      default: return false
      }
    }
    return true
  }

  // MARK: Cursor

  private func byte(_ place: Int) -> UInt8 {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: count))
    return unsafe buffer[place]
  }

  private func peek() -> UInt8? { at < count ? byte(at) : nil }

  private mutating func skipSpace() {
    while let c = peek(), c == 0x20 || c == 0x09 || c == 0x0A || c == 0x0D { at += 1 }
  }

  private mutating func expect(_ word: String) throws {
    for letter in word.utf8 {
      guard peek() == letter else { throw damaged() }
      at += 1
    }
  }

  private func damaged(_ reason: String? = nil) -> VaultError {
    LegacyWalletFile.damaged(path, reason ?? "at byte \(at) of its text it is not what the original writes")
  }
}
