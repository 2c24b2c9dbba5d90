import KMSRecords

/// A pending transaction and what became of it.
struct PendingItem {
  let id: String
  let chain: String
  /// The signature ids that a poll finds it by: those of `hashes` and of `signatures`.
  let signatureIDs: [String]
  private(set) var object: JSONValue
  private(set) var encoded: [UInt8]
  /// Set when it is completed; then it is no longer pending.
  private(set) var txId: String?

  init(_ json: JSONValue) throws(ControlError) {
    guard let id = json["id"]?.string, let chain = json["chain"]?.string, Route.chains.contains(chain),
      json["serializedTransaction"]?.string != nil
    else {
      throw ControlError("a pending transaction needs id, chain and serializedTransaction (or transaction)")
    }
    self.id = id
    self.chain = chain
    let hashes = json["hashes"]?.array?.compactMap(\.string) ?? []
    let signatures = json["signatures"]?.array?.compactMap { $0["id"]?.string } ?? []
    signatureIDs = hashes + signatures
    object = json
    encoded = json.encoded()
    txId = json["txId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  mutating func complete(txId: String) {
    self.txId = txId
    var members = object.object ?? JSONObject()
    members["txId"] = .string(txId)
    object = .object(members)
    encoded = object.encoded()
  }
}

/// The pending transactions, found by id and, quickly, by signature id.
struct PendingTransactions {
  private(set) var items: [PendingItem] = []
  private var positions: [String: Int] = [:]
  /// Chain, then fingerprint of a signature id, to positions of what is not completed.
  private var open: [String: [UInt64: [Int]]] = [:]

  /// Adds an item, or replaces the one with the same id.
  mutating func add(_ item: PendingItem) {
    if let position = positions[item.id] {
      close(position)
      items[position] = item
    } else {
      positions[item.id] = items.count
      items.append(item)
    }
    guard item.txId == nil, let position = positions[item.id] else { return }
    for signatureID in item.signatureIDs {
      open[item.chain, default: [:]][SignatureIDList.fingerprint(signatureID), default: []].append(position)
    }
  }

  subscript(id: String) -> PendingItem? { positions[id].map { items[$0] } }

  /// Sets the transaction id of an item; false when there is none with this id that is open.
  mutating func complete(_ id: String, txId: String) -> Bool {
    guard let position = positions[id], items[position].txId == nil else { return false }
    close(position)
    items[position].complete(txId: txId)
    return true
  }

  /// Removes an item; false when there is none with this id.
  mutating func remove(_ id: String) -> Bool {
    guard positions[id] != nil else { return false }
    let rest = items.filter { $0.id != id }
    self = PendingTransactions()
    for item in rest { add(item) }
    return true
  }

  /// The JSON array of the open items of `chain` that one of the ids signs, oldest first.
  func list(chain: String, signatureIDs: SignatureIDList) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "[")]
    for position in found(chain: chain, signatureIDs: signatureIDs).sorted() {
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      out.append(contentsOf: items[position].encoded)
    }
    out.append(UInt8(ascii: "]"))
    return out
  }

  private func found(chain: String, signatureIDs: SignatureIDList) -> Set<Int> {
    var found: Set<Int> = []
    guard let index = open[chain], !index.isEmpty else { return found }
    signatureIDs.forEach { fingerprint, text in
      guard let candidates = index[fingerprint] else { return }
      let signatureID = text()
      for position in candidates where items[position].signatureIDs.contains(signatureID) {
        found.insert(position)
      }
    }
    return found
  }

  private mutating func close(_ position: Int) {
    let item = items[position]
    for signatureID in item.signatureIDs {
      let fingerprint = SignatureIDList.fingerprint(signatureID)
      let rest = open[item.chain]?[fingerprint]?.filter { $0 != position } ?? []
      open[item.chain]?[fingerprint] = rest.isEmpty ? nil : rest
    }
  }
}

/// The ids of a poll's body `{"signatureIds":["uuid",…]}`.
///
/// A body without white space is not parsed but stepped through, 39 bytes per id: a tick can bring fifteen bodies of
/// 25,000 ids, and a document tree for each would make the server the slowest part of a benchmark.
struct SignatureIDList {
  static let maximumCount = 25_000
  private static let prefix = Array(#"{"signatureIds":["#.utf8)
  private static let step = 39  // "uuid",

  private let body: [UInt8]
  /// Where the first id starts, behind its quote.
  private let start: Int
  let count: Int

  /// Whether a body is the form that is stepped through.
  static func isCompact(_ body: [UInt8]) -> Bool { countOfCompact(body) != nil }

  /// Returns nil when the body is not that object with an array of UUIDs.
  init?(body: [UInt8]) {
    if let count = Self.countOfCompact(body) {
      self.body = body
      start = Self.prefix.count + 1
      self.count = count
      return
    }
    guard let json = try? JSONValue(parsing: body), let ids = json["signatureIds"]?.array else { return nil }
    let texts = ids.compactMap(\.string)
    guard texts.count == ids.count, texts.allSatisfy(Self.isUUID) else { return nil }
    self.body = texts.flatMap { Array("\"\($0)\",".utf8) }
    start = 1
    count = texts.count
  }

  /// Calls `body` with the fingerprint of each id and a way to get its text.
  func forEach(_ handle: (UInt64, () -> String) -> Void) {
    body.withUnsafeBytes { bytes in
      for i in 0..<count {
        let id = UnsafeRawBufferPointer(rebasing: bytes[(start + i * Self.step)...].prefix(36))
        handle(Self.fingerprint(id)) { String(decoding: id, as: UTF8.self) }
      }
    }
  }

  static func fingerprint(_ signatureID: String) -> UInt64 {
    let utf8 = Array(signatureID.utf8)
    return utf8.count == 36 ? utf8.withUnsafeBytes(fingerprint) : 0
  }

  /// The first and the last eight digits, which differ both in random ids and in the counted ones of tests.
  private static func fingerprint(_ id: UnsafeRawBufferPointer) -> UInt64 {
    id.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      ^ id.loadUnaligned(fromByteOffset: 28, as: UInt64.self).byteSwapped
  }

  private static func isUUID(_ text: String) -> Bool {
    let utf8 = Array(text.utf8)
    return utf8.count == 36
      && utf8.enumerated().allSatisfy { i, c in
        [8, 13, 18, 23].contains(i) ? c == UInt8(ascii: "-") : Character(Unicode.Scalar(c)).isHexDigit
      }
  }

  /// The number of ids when the body is the compact form; nil when it is not.
  private static func countOfCompact(_ body: [UInt8]) -> Int? {
    guard body.starts(with: prefix) else { return nil }
    let length = body.count - prefix.count - 2  // ]}
    if length == 0 { return body.suffix(2).elementsEqual("]}".utf8) ? 0 : nil }
    guard length > 0, (length + 1) % step == 0, body.suffix(2).elementsEqual("]}".utf8) else { return nil }
    let count = (length + 1) / step
    let quote = UInt8(ascii: "\""), dash = UInt8(ascii: "-"), comma = UInt8(ascii: ",")
    return body.withUnsafeBytes { bytes in
      var at = prefix.count
      for i in 0..<count {
        guard bytes[at] == quote, bytes[at + 37] == quote, bytes[at + 9] == dash, bytes[at + 14] == dash,
          bytes[at + 19] == dash, bytes[at + 24] == dash, i == count - 1 || bytes[at + 38] == comma
        else { return nil }
        at += step
      }
      return count
    }
  }
}
