internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// The constants and encodings of docs/journal.md.
enum JournalFormat {
  /// The first 32 bytes of a journal: a text, filled up with zeros.
  static let magic = padded("tatum-kms journal 2\n")
  /// How all journals of this program begin, whatever their version.
  static let family = Array("tatum-kms journal ".utf8)
  /// The length of the head.
  static let headSize = 96
  /// The length of a code.
  static let macSize = 32
  /// What is in front of a body: its length, twice.
  static let prefixSize = 8
  /// The longest body.
  static let largestBody = 64 << 20
  /// What the second length is masked with, so that a length that was damaged does not look like a write that was cut off.
  static let lengthMask: UInt32 = 0x544B_4D4A

  static func padded(_ text: String) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: 32 - text.utf8.count)
  }

  /// The kinds of entries; a reader passes over kinds and fields below 128 that it does not know, and refuses others.
  enum Kind: UInt8 {
    case signed = 1
    case seen = 2
    case forgotten = 3
    case listed = 4
  }

  /// The fields of entries.
  enum Field: UInt8 {
    case id = 1
    case contentDigest = 2
    case chain = 3
    case testnet = 4
    case at = 5
    case signed = 6
    case sender = 7
    case nonce = 8
    case txID = 9
    case expiresAt = 10
    case lastValidHeight = 11
    case coins = 12
    /// Where the entries are whose nonce this one was given, or which were seen or are forgotten.
    case entries = 13
    case networkCount = 14
  }
}

/// Appends the parts of an entry to a buffer.
extension [UInt8] {
  mutating func append(_ field: JournalFormat.Field, _ bytes: some Collection<UInt8>) {
    append(field.rawValue)
    append(bigEndian: UInt32(truncatingIfNeeded: bytes.count))
    append(contentsOf: bytes)
  }

  mutating func append(_ field: JournalFormat.Field, _ text: String) {
    let text = text.utf8.span
    append(field.rawValue)
    append(bigEndian: UInt32(truncatingIfNeeded: text.count))
    append(contentsOf: text)
  }

  mutating func append(_ field: JournalFormat.Field, _ number: UInt64) {
    append(field.rawValue)
    append(bigEndian: 8 as UInt32)
    append(bigEndian: number)
  }
}

/// What one entry of the journal says.
enum JournalItem {
  /// Something was signed; the nonce was that of the entries at `takes`, which had vanished.
  case signed(JournalEntry, takes: [UInt64])
  /// Records came in again whose entries are at these places.
  case seen(at: Int64, entries: [UInt64])
  /// The entry at this place does not count any more: a person said that it is to be signed anew.
  case forgotten(at: Int64, id: String, entry: UInt64)
  /// A poll has listed all that was pending, and every record of it came in.
  case listed(PolledChain, at: Int64)
  /// Something that a later version wrote and that this one need not know.
  case other

  /// Why a body is none.
  enum Problem: Error {
    case malformed
    case newer
  }

  func write(to out: inout [UInt8]) {
    switch self {
    case .signed(let entry, let takes): Self.write(entry, takes: takes, to: &out)
    case .seen(let at, let entries):
      out.append(JournalFormat.Kind.seen.rawValue)
      out.append(.at, UInt64(bitPattern: at))
      out.append(.entries, entries.flatMap(\.bigEndianBytes))
    case .forgotten(let at, let id, let entry):
      out.append(JournalFormat.Kind.forgotten.rawValue)
      out.append(.id, id)
      out.append(.at, UInt64(bitPattern: at))
      out.append(.entries, entry.bigEndianBytes)
    case .listed(let chain, let at):
      out.append(JournalFormat.Kind.listed.rawValue)
      out.append(.chain, chain.name)
      out.append(.testnet, CollectionOfOne(chain.testnet ? 1 : 0))
      out.append(.at, UInt64(bitPattern: at))
    case .other: break
    }
  }

  /// Fields in ascending order.
  static func write(_ entry: JournalEntry, takes: [UInt64], to out: inout [UInt8]) {
    out.append(JournalFormat.Kind.signed.rawValue)
    out.append(.id, entry.id)
    out.append(.contentDigest, entry.contentDigest)
    out.append(.chain, entry.chain)
    out.append(.testnet, CollectionOfOne(entry.testnet ? 1 : 0))
    out.append(.at, UInt64(bitPattern: entry.signedAt))
    out.append(.signed, entry.signed)
    if let sender = entry.sender { out.append(.sender, sender) }
    if let nonce = entry.nonce { out.append(.nonce, nonce) }
    if let txID = entry.txID { out.append(.txID, txID) }
    if let time = entry.expiresAt { out.append(.expiresAt, UInt64(bitPattern: time)) }
    if let height = entry.lastValidHeight { out.append(.lastValidHeight, height) }
    if !entry.coins.isEmpty {
      var coins: [UInt8] = []
      for coin in entry.coins {
        coins += coin.transactionHash
        coins.append(bigEndian: coin.index)
        coins.append(bigEndian: coin.amount)
      }
      out.append(.coins, coins)
    }
    if !takes.isEmpty { out.append(.entries, takes.flatMap(\.bigEndianBytes)) }
    if let count = entry.networkCount { out.append(.networkCount, count) }
  }

  /// Reads a body.
  init(_ body: Span<UInt8>) throws(Problem) {
    var fields = JournalFields()
    try fields.read(body)
    guard let number = body.first else { throw .malformed }
    guard let kind = JournalFormat.Kind(rawValue: number) else {
      guard number < 128 else { throw .newer }
      self = .other
      return
    }
    switch kind {
    case .signed: self = .signed(try fields.entry(body), takes: try fields.places(body))
    case .seen: self = .seen(at: try fields.time(body), entries: try fields.places(body))
    case .forgotten:
      let places = try fields.places(body)
      guard places.count == 1, let id = fields.text(.id, body) else { throw .malformed }
      self = .forgotten(at: try fields.time(body), id: id, entry: places[0])
    case .listed: self = .listed(try fields.polledChain(body), at: try fields.time(body))
    }
  }
}

/// Where the fields of a body are.
private struct JournalFields {
  private var ranges = InlineArray<15, Range<Int>>(repeating: 0..<0)
  private var present: UInt32 = 0

  mutating func read(_ body: Span<UInt8>) throws(JournalItem.Problem) {
    var at = 1
    var last: UInt8 = 0
    while at < body.count {
      guard body.count - at >= 5 else { throw .malformed }
      let tag = body[at]
      let count = Int(body.bigEndian(UInt32.self, at: at + 1))
      at += 5
      guard tag > last, count <= body.count - at else { throw .malformed }
      last = tag
      if let field = JournalFormat.Field(rawValue: tag) {
        ranges[Int(field.rawValue)] = at..<at + count
        present |= 1 << UInt32(field.rawValue)
      } else if tag >= 128 {
        throw .newer
      }
      at += count
    }
  }

  /// Where a field is; nil when it is not there.
  private func range(_ field: JournalFormat.Field) -> Range<Int>? {
    present & (1 << UInt32(field.rawValue)) != 0 ? ranges[Int(field.rawValue)] : nil
  }

  func text(_ field: JournalFormat.Field, _ body: Span<UInt8>) -> String? {
    range(field).map { String(decoding: body.extracting($0)) }
  }

  private func number(
    _ field: JournalFormat.Field, _ body: Span<UInt8>
  ) throws(JournalItem.Problem) -> UInt64? {
    guard let range = range(field) else { return nil }
    guard range.count == 8 else { throw .malformed }
    return body.bigEndian(UInt64.self, at: range.lowerBound)
  }

  func time(_ body: Span<UInt8>) throws(JournalItem.Problem) -> Int64 {
    guard let time = try number(.at, body) else { throw .malformed }
    return Int64(bitPattern: time)
  }

  func places(_ body: Span<UInt8>) throws(JournalItem.Problem) -> [UInt64] {
    guard let range = range(.entries) else { return [] }
    guard range.count % 8 == 0 else { throw .malformed }
    return stride(from: range.lowerBound, to: range.upperBound, by: 8).map {
      body.bigEndian(UInt64.self, at: $0)
    }
  }

  func polledChain(_ body: Span<UInt8>) throws(JournalItem.Problem) -> PolledChain {
    guard let chain = text(.chain, body), let testnet = range(.testnet), testnet.count == 1,
      body[testnet.lowerBound] < 2
    else { throw .malformed }
    return PolledChain(name: chain, testnet: body[testnet.lowerBound] == 1)
  }

  func entry(_ body: Span<UInt8>) throws(JournalItem.Problem) -> JournalEntry {
    let chain = try polledChain(body)
    guard let id = text(.id, body), let digest = range(.contentDigest), digest.count == 32,
      let signed = range(.signed)
    else { throw .malformed }
    return JournalEntry(
      id: id, contentDigest: Array(body.extracting(digest)), chain: chain.name, testnet: chain.testnet,
      sender: text(.sender, body),
      nonce: try number(.nonce, body), networkCount: try number(.networkCount, body),
      txID: text(.txID, body), signed: Array(body.extracting(signed)),
      signedAt: try time(body), expiresAt: try number(.expiresAt, body).map { Int64(bitPattern: $0) },
      lastValidHeight: try number(.lastValidHeight, body), coins: try coins(body))
  }

  private func coins(_ body: Span<UInt8>) throws(JournalItem.Problem) -> [SpentCoin] {
    guard let range = range(.coins) else { return [] }
    guard range.count % 44 == 0 else { throw .malformed }
    return stride(from: range.lowerBound, to: range.upperBound, by: 44).map { at in
      SpentCoin(
        transactionHash: Array(body.extracting(at..<at + 32)),
        index: body.bigEndian(UInt32.self, at: at + 32), amount: body.bigEndian(UInt64.self, at: at + 36))
    }
  }
}
