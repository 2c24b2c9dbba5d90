internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// The facts that kms-fetch added: `{"referenceBlockId","gasLimit","proposer":{"address","keyId","sequenceNumber"},
/// "payer":{"address","keyId"},"account":{"address","keyId","publicKey"}}`.
struct FlowContext: Hashable, Sendable {
  /// A recent final block, 32 bytes.
  let referenceBlockID: [UInt8]
  /// How much computation may be used.
  let gasLimit: UInt64
  /// The account whose sequence number is used.
  let proposer: FlowAddress
  /// Its key.
  let proposerKeyID: UInt64
  /// The sequence number of that key.
  let sequenceNumber: UInt64
  /// The account that pays the fee; its key signs the envelope, which is the API's business.
  let payer: FlowAddress
  /// Its key.
  let payerKeyID: UInt64
  /// The account that the transaction acts for.
  let account: FlowAddress
  /// Which of its keys signs.
  let accountKeyID: UInt64
  /// That key, 64 bytes.
  let publicKey: [UInt8]

  /// Reads the context.
  ///
  /// - Throws: `context-missing` naming what is not there, `malformed-transaction` naming what is not understood.
  init(_ json: JSONValue) throws(ChainError) {
    let reader = Reader(json: json)
    guard let block = Hex.decodePrefixed(try reader.text("referenceBlockId")), block.count == 32 else {
      throw .malformed("context.referenceBlockId is not 32 bytes in hexadecimal")
    }
    referenceBlockID = block
    gasLimit = try reader.integer("gasLimit")
    // onflow/flow-go, `DefaultMaxTransactionGasLimit`: what asks for more is never taken.
    guard (1...9999).contains(gasLimit) else {
      throw .malformed("context.gasLimit is \(gasLimit), not from 1 to 9999")
    }
    proposer = try reader.address("proposer", "address")
    proposerKeyID = try reader.integer("proposer", "keyId")
    sequenceNumber = try reader.integer("proposer", "sequenceNumber")
    payer = try reader.address("payer", "address")
    payerKeyID = try reader.integer("payer", "keyId")
    account = try reader.address("account", "address")
    accountKeyID = try reader.integer("account", "keyId")
    guard let key = Hex.decodePrefixed(try reader.text("account", "publicKey")), key.count == 64 else {
      throw .malformed("context.account.publicKey is not 64 bytes in hexadecimal")
    }
    publicKey = key
  }

  private struct Reader {
    let json: JSONValue

    func value(_ path: [String]) throws(ChainError) -> JSONValue {
      var value = json
      for (i, name) in path.enumerated() {
        guard let inner = value[name] else {
          throw .contextMissing(path[...i].joined(separator: "."))
        }
        value = inner
      }
      return value
    }

    func text(_ path: String...) throws(ChainError) -> String {
      guard let text = try value(path).string else { throw wrong(path, "a string") }
      return text
    }

    func integer(_ path: String...) throws(ChainError) -> UInt64 {
      guard let integer = try value(path).uint64 else { throw wrong(path, "an integer") }
      return integer
    }

    func address(_ path: String...) throws(ChainError) -> FlowAddress {
      guard let address = try value(path).string.flatMap({ FlowAddress($0) }) else {
        throw wrong(path, "an address of Flow, 16 hexadecimal digits")
      }
      return address
    }

    private func wrong(_ path: [String], _ what: String) -> ChainError {
      .malformed("context.\(path.joined(separator: ".")) is not \(what)")
    }
  }
}
