internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of FLOW says: `{"type": number, "body": {…}}`.
///
/// Script and arguments come from the members named here; others that the API keeps in the body (wallet ids, its own
/// flags) change nothing.
package struct PendingFlowTransaction: Hashable, Sendable {
  /// What is to be done.
  enum Action: Hashable, Sendable {
    /// Type 0: a new account with this key (64 bytes).
    case createAccount(publicKey: [UInt8])
    /// Type 1: one more key (64 bytes), without weight: it may propose, not authorize.
    case addKey(publicKey: [UInt8])
    /// Type 2.
    case transfer(FlowToken, FlowAmount, to: FlowAddress)
    /// Type 4.
    case mint(to: FlowAddress, url: String, type: String)
    /// Type 5.
    case mintMultiple(to: [FlowAddress], urls: [String], type: String)
    /// Type 6.
    case burn(id: UInt64, type: String)
    /// Type 7.
    case transferNFT(id: UInt64, to: FlowAddress)
    /// Type 8, and every type that is not known: a script of the server (decision 5).
    case custom(script: String, arguments: [FlowArgument])
  }

  /// The account that the transaction acts for.
  package let account: FlowAddress
  /// What is to be done.
  let action: Action

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member, also for an address of the other network.
  init(parsing text: String, testnet: Bool) throws(ChainError) {
    let json = try SerializedObject(parsing: text)
    guard let type = json["type"]?.uint64 else {
      throw .malformed("serializedTransaction.type is not a number")
    }
    guard let body = json["body"], body.object != nil else {
      throw .malformed("serializedTransaction.body is not an object")
    }
    let reader = BodyReader(body: body, testnet: testnet)
    account = try reader.address("account")
    action = try reader.action(type: type)
  }

  /// Whether the server supplies the script.
  package var isCustom: Bool { if case .custom = action { true } else { false } }

  /// The script that does it on that network, and its arguments in order.
  package func script(testnet: Bool) -> (text: String, arguments: [FlowArgument]) {
    let scripts = FlowScripts(contracts: testnet ? .testnet : .mainnet)
    switch action {
    case .createAccount(let key):
      return (scripts.createAccount, [.string(Hex.encode(FlowKey.encoded(key, weight: 1000)))])
    case .addKey(let key): return (scripts.addKey, [.string(Hex.encode(FlowKey.encoded(key, weight: 0)))])
    case .transfer(let token, let amount, let receiver):
      return (scripts.transfer(token), [.ufix64(amount), .address(receiver)])
    case .mint(let receiver, let url, let type):
      return (scripts.mint, [.address(receiver), .string(url), .string(type)])
    case .mintMultiple(let receivers, let urls, let type):
      return (
        scripts.mintMultiple,
        [
          .array(receivers.map(FlowArgument.address)), .array(urls.map(FlowArgument.string)), .string(type),
        ]
      )
    case .burn(let id, let type): return (scripts.burn, [.uint64(id), .string(type)])
    case .transferNFT(let id, let receiver): return (scripts.transferNFT, [.address(receiver), .uint64(id)])
    case .custom(let script, let arguments): return (script, arguments)
    }
  }
}

/// Account keys as scripts get them.
enum FlowKey {
  /// `[public key, signature algorithm 3 (ECDSA on secp256k1), hash algorithm 3 (SHA3-256), weight]` in RLP, the account key
  /// encoding of onflow/flow-go-sdk.
  static func encoded(_ publicKey: [UInt8], weight: UInt64) -> [UInt8] {
    RLP.encode(.list([.bytes(publicKey), .bytes([3]), .bytes([3]), .bytes(UInt256(weight).minimalBytes)]))
  }
}

/// Reads the members of `body`.
private struct BodyReader {
  let body: JSONValue
  let testnet: Bool

  func action(type: UInt64) throws(ChainError) -> PendingFlowTransaction.Action {
    switch type {
    case 0: return .createAccount(publicKey: try publicKey())
    case 1: return .addKey(publicKey: try publicKey())
    case 2: return .transfer(try token(), try amount(), to: try address("to"))
    case 4:
      return .mint(to: try address("to"), url: try text("url"), type: try text("contractAddress"))
    case 5:
      let receivers = try list("to")
      let urls = try list("url")
      guard receivers.count == urls.count, !urls.isEmpty else {
        throw .malformed(
          "serializedTransaction.body.to and .url are not lists of the same length, one item at least")
      }
      return .mintMultiple(
        to: try receivers.map { (item) throws(ChainError) in try address(item, "to") },
        urls: try urls.map { (item) throws(ChainError) in try text(item, "url") },
        type: try text("contractAddress"))
    case 6: return .burn(id: try tokenID(), type: try text("contractAddress"))
    case 7: return .transferNFT(id: try tokenID(), to: try address("to"))
    default: return try custom()
    }
  }

  private func custom() throws(ChainError) -> PendingFlowTransaction.Action {
    var arguments: [FlowArgument] = []
    if let list = body["args"] {
      guard let items = list.array else { throw wrong("args", "a list") }
      for (i, item) in items.enumerated() {
        arguments.append(
          try FlowArgument(custom: item, member: "serializedTransaction.body.args[\(i)]"))
      }
    }
    return .custom(script: try text("transaction"), arguments: arguments)
  }

  // MARK: Members

  func address(_ member: String) throws(ChainError) -> FlowAddress { try address(body[member], member) }

  private func address(_ value: JSONValue?, _ member: String) throws(ChainError) -> FlowAddress {
    guard let address = value?.string.flatMap({ FlowAddress($0) }) else {
      throw wrong(member, "an address of Flow, 0x and 16 hexadecimal digits")
    }
    guard address.isValid(testnet: testnet) || !address.isValid(testnet: !testnet) else {
      throw wrong(member, "an address of \(testnet ? "testnet" : "mainnet"), but one of the other network")
    }
    return address
  }

  private func text(_ member: String) throws(ChainError) -> String { try text(body[member], member) }

  private func text(_ value: JSONValue?, _ member: String) throws(ChainError) -> String {
    guard let text = value?.string else { throw wrong(member, "a string") }
    return text
  }

  private func list(_ member: String) throws(ChainError) -> [JSONValue] {
    guard let items = body[member]?.array else { throw wrong(member, "a list") }
    return items
  }

  private func publicKey() throws(ChainError) -> [UInt8] {
    guard let key = Hex.decodePrefixed(try text("publicKey")), key.count == 64,
      Secp256k1.isValidPublicKey([4] + key)
    else { throw wrong("publicKey", "a public key of secp256k1, 128 hexadecimal digits") }
    return key
  }

  private func token() throws(ChainError) -> FlowToken {
    switch try text("currency") {
    case "FLOW": return .flow
    case "FUSD": return .fusd
    default: throw wrong("currency", "FLOW or FUSD")
    }
  }

  private func amount() throws(ChainError) -> FlowAmount {
    let value = body["amount"]
    guard let amount = (value?.string ?? value?.number?.digits).flatMap({ FlowAmount($0) }) else {
      throw wrong("amount", "a decimal number with at most 8 digits after the point, below 184467440738")
    }
    return amount
  }

  private func tokenID() throws(ChainError) -> UInt64 {
    guard let id = body["tokenId"]?.uint64 else { throw wrong("tokenId", "an integer below 2^64") }
    return id
  }

  private func wrong(_ member: String, _ what: String) -> ChainError {
    .malformed("serializedTransaction.body.\(member) is not \(what)")
  }
}
