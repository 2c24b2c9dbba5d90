internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of BNB says: `msg`, which is encoded, `signMsg`, which is signed, and `memo`.
///
/// An instance exists only when the two say the same (defect F21).
package struct PendingBNBTransfer: Hashable, Sendable {
  /// Who pays.
  package let inputs: [BNBParty]
  /// Who is paid.
  package let outputs: [BNBParty]
  /// A text for the receiver.
  package let memo: String

  /// Reads `text`; addresses in `signMsg` begin with `hrp`.
  ///
  /// - Throws: `malformed-transaction` naming the member; `content-mismatch` when `msg` and `signMsg` differ.
  init(parsing text: String, hrp: String) throws(ChainError) {
    let json = try SerializedObject(parsing: text).json
    try Self.checkMembers(json, ["msg", "signMsg", "memo"], "serializedTransaction")
    memo = try Self.memo(json["memo"])
    let encoded = json["msg"] ?? .null
    try Self.checkMembers(encoded, ["inputs", "outputs", "aminoPrefix"], "serializedTransaction.msg")
    guard encoded["aminoPrefix"]?.string?.uppercased() == "2A2C87FA" else {
      throw .malformed(
        "serializedTransaction.msg.aminoPrefix is not 2A2C87FA: only transfers (MsgSend) are signed")
    }
    let shown = json["signMsg"] ?? .null
    try Self.checkMembers(shown, ["inputs", "outputs"], "serializedTransaction.signMsg")
    inputs = try Self.parties(encoded["inputs"], "serializedTransaction.msg.inputs", address: Self.buffer)
    outputs = try Self.parties(encoded["outputs"], "serializedTransaction.msg.outputs", address: Self.buffer)
    func bech32(_ json: JSONValue?, _ name: String) throws(ChainError) -> [UInt8] {
      guard let bytes = json?.string.flatMap({ Bech32.decodeBytes($0, hrp: hrp) }), bytes.count == 20 else {
        throw .malformed("\(name) is not an address \(hrp)1…")
      }
      return bytes
    }
    for (name, member, parties) in [
      ("serializedTransaction.signMsg.inputs", "inputs", inputs),
      ("serializedTransaction.signMsg.outputs", "outputs", outputs),
    ] {
      guard try Self.parties(shown[member], name, address: bech32) == parties else {
        throw ChainError(.contentMismatch, "\(name) is not what serializedTransaction.msg.\(member) says")
      }
    }
    try checkSums()
  }

  /// What goes in comes out, for each token.
  private func checkSums() throws(ChainError) {
    func sums(_ parties: [BNBParty]) throws(ChainError) -> [String: UInt64] {
      var sums: [String: UInt64] = [:]
      for coin in parties.flatMap(\.coins) {
        let (sum, overflows) = sums[coin.denom, default: 0].addingReportingOverflow(coin.amount)
        guard !overflows else { throw .malformed("the amounts of \(coin.denom) are above 2^64") }
        sums[coin.denom] = sum
      }
      return sums
    }
    guard try sums(inputs) == sums(outputs) else {
      throw .malformed("serializedTransaction.msg.inputs and msg.outputs do not have the same sums")
    }
  }

  // MARK: Members

  /// Bytes of a memo (bnb-chain/node, `MaxMemoCharacters`).
  private static let longestMemo = 128

  private static func checkMembers(_ json: JSONValue, _ known: [String], _ path: String) throws(ChainError) {
    guard let object = json.object else { throw .malformed("\(path) is \(json.kindName), not an object") }
    for member in object.members where !member.value.isNull && !known.contains(member.name) {
      throw .unknownMember(member.name, of: path)
    }
  }

  /// The network's program and the SDK escape these characters differently, so a signature over them is not valid there:
  /// Go's encoding/json writes `<`, `>`, `&`, U+2028 and U+2029 as escapes.
  private static func memo(_ json: JSONValue?) throws(ChainError) -> String {
    guard let json else { return "" }
    guard let text = json.string else {
      throw .malformed("serializedTransaction.memo is \(json.kindName), not text")
    }
    guard text.utf8.count <= longestMemo else {
      throw .malformed(
        "serializedTransaction.memo has \(text.utf8.count) bytes; the network takes \(longestMemo) at most")
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{0}"..<" ", "<", ">", "&", "\u{2028}", "\u{2029}":
        throw .malformed(
          "serializedTransaction.memo has a control character, a line separator, or one of < > &, which the network refuses"
        )
      default: continue
      }
    }
    return text
  }

  private static func parties(
    _ json: JSONValue?, _ path: String, address: (JSONValue?, String) throws(ChainError) -> [UInt8]
  ) throws(ChainError) -> [BNBParty] {
    guard let items = json?.array, !items.isEmpty else {
      throw .malformed("\(path) is not a list with items")
    }
    var parties: [BNBParty] = []
    for (i, item) in items.enumerated() {
      let path = "\(path)[\(i)]"
      try checkMembers(item, ["address", "coins"], path)
      guard let coins = item["coins"]?.array, !coins.isEmpty else {
        throw .malformed("\(path).coins is not a list with items")
      }
      var party = BNBParty(address: try address(item["address"], path + ".address"), coins: [])
      for coin in coins { party.coins.append(try Self.coin(coin, path + ".coins")) }
      parties.append(party)
    }
    return parties
  }

  private static func coin(_ json: JSONValue, _ path: String) throws(ChainError) -> BNBCoin {
    try checkMembers(json, ["denom", "amount"], path)
    // BEP-2 symbols: letters, digits, and the marks of issued and mini tokens.
    guard let denom = json["denom"]?.string, (1...32).contains(denom.utf8.count),
      denom.utf8.allSatisfy({
        (48...57).contains($0) || (65...90).contains($0 & 0xDF) || $0 == 45 || $0 == 46
      })
    else { throw .malformed("\(path) has a denom that is not a symbol") }
    // Above 2^53 - 1 JavaScript had rounded the number before it was written.
    guard let amount = json["amount"]?.number?.uint64, (1...9_007_199_254_740_991).contains(amount) else {
      throw .malformed("\(path) has an amount that is not a JSON integer from 1 to 2^53 - 1")
    }
    return BNBCoin(denom: denom, amount: amount)
  }

  /// What `JSON.stringify` of JavaScript writes for 20 bytes: `{"type":"Buffer","data":[…]}`.
  private static func buffer(_ json: JSONValue?, _ path: String) throws(ChainError) -> [UInt8] {
    let json = json ?? .null
    try checkMembers(json, ["type", "data"], path)
    let bytes = json["data"]?.array?.compactMap { $0.number?.uint64.flatMap(UInt8.init(exactly:)) }
    guard json["type"] == "Buffer", let bytes, bytes.count == 20, json["data"]?.array?.count == 20 else {
      throw .malformed("\(path) is not a Buffer of 20 bytes")
    }
    return bytes
  }
}
