import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A signed transfer of BNB Beacon Chain, read from its amino bytes.
struct BNBTransaction {
  struct Party {
    let address: [UInt8]
    let coins: [(denom: String, amount: UInt64)]
  }

  let inputs: [Party]
  let outputs: [Party]
  let publicKey: [UInt8]
  let signature: [UInt8]
  let accountNumber: UInt64
  let sequence: UInt64
  let memo: String
  let source: UInt64
  let txId: String

  /// Reads `raw`: a length, the type StdTx, one message of the type MsgSend, one signature.
  init(_ raw: [UInt8]) throws(Refusal) {
    var reader = AminoReader(raw[...])
    guard try reader.varint() == UInt64(reader.rest.count) else { throw Refusal("amino: wrong length") }
    try reader.prefix([0xF0, 0x62, 0x5D, 0xEE])
    var message = AminoReader(try reader.bytes(field: 1))
    try message.prefix([0x2A, 0x2C, 0x87, 0xFA])
    inputs = try message.parties(field: 1)
    outputs = try message.parties(field: 2)
    try message.end()
    var signed = AminoReader(try reader.bytes(field: 2))
    var key = AminoReader(try signed.bytes(field: 1))
    try key.prefix([0xEB, 0x5A, 0xE9, 0x87, 33])
    publicKey = Array(key.rest)
    signature = Array(try signed.bytes(field: 2))
    accountNumber = try signed.integer(field: 3)
    sequence = try signed.integer(field: 4)
    try signed.end()
    memo = try reader.hasField(3, type: 2) ? String(decoding: reader.bytes(field: 3), as: UTF8.self) : ""
    source = try reader.integer(field: 4)
    try reader.end()
    guard publicKey.count == 33, signature.count == 64 else {
      throw Refusal("amino: wrong size of key or signature")
    }
    txId = Hex.encode(Hash.sha256(raw)).uppercased()
  }

  /// What the signature is about, in the network whose chain has this id.
  func document(chainID: String) -> String {
    let hrp = chainID == "Binance-Chain-Tigris" ? "bnb" : "tbnb"
    func list(_ parties: [Party]) -> String {
      parties.map { party in
        let coins = party.coins.map { #"{"amount":\#($0.amount),"denom":"\#($0.denom)"}"# }
        let address = Bech32.encodeBytes(hrp: hrp, bytes: party.address)
        return #"{"address":"\#(address)","coins":[\#(coins.joined(separator: ","))]}"#
      }.joined(separator: ",")
    }
    return #"{"account_number":"\#(accountNumber)","chain_id":"\#(chainID)","data":null,"#
      + #""memo":\#(JSONValue.string(memo).text),"msgs":[{"inputs":[\#(list(inputs))],"outputs":[\#(list(outputs))]}],"#
      + #""sequence":"\#(sequence)","source":"\#(source)"}"#
  }

  /// Whether its key signed it for the network with this id, s in the lower half.
  func isSigned(for chainID: String) -> Bool {
    guard let signature = try? ECDSASignature(rs: signature, recoveryID: 0),
      !Quantity.isLess(Secp256k1Order.half, Array(self.signature.suffix(32).drop { $0 == 0 }))
    else { return false }
    let digest = Hash.sha256(Array(document(chainID: chainID).utf8))
    return Secp256k1.verify(signature, digest: digest, publicKey: publicKey)
  }
}

/// Reads amino, which is Protocol Buffers with type prefixes: fields in order, nothing empty.
struct AminoReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func varint() throws(Refusal) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let byte = rest.popFirst() else { throw Refusal("amino: the bytes end too early") }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 {
        guard byte != 0 || shift == 0 else { throw Refusal("amino: a number is not in its shortest form") }
        return value
      }
    }
    throw Refusal("amino: a number is too large")
  }

  mutating func prefix(_ bytes: [UInt8]) throws(Refusal) {
    guard rest.starts(with: bytes) else { throw Refusal("amino: unrecognized prefix bytes") }
    rest = rest.dropFirst(bytes.count)
  }

  func hasField(_ number: UInt8, type: UInt8) -> Bool { rest.first == number << 3 | type }

  mutating func bytes(field number: UInt8) throws(Refusal) -> ArraySlice<UInt8> {
    guard hasField(number, type: 2) else { throw Refusal("amino: field \(number) is missing") }
    rest.removeFirst()
    let count = try varint()
    guard count > 0, count <= UInt64(rest.count) else {
      throw Refusal("amino: wrong length of field \(number)")
    }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  /// An integer; 0 where it is left out.
  mutating func integer(field number: UInt8) throws(Refusal) -> UInt64 {
    guard hasField(number, type: 0) else { return 0 }
    rest.removeFirst()
    let value = try varint()
    guard value != 0 else { throw Refusal("amino: a zero is written") }
    return value
  }

  mutating func parties(field number: UInt8) throws(Refusal) -> [BNBTransaction.Party] {
    var parties: [BNBTransaction.Party] = []
    while hasField(number, type: 2) {
      var party = AminoReader(try bytes(field: number))
      let address = Array(try party.bytes(field: 1))
      guard address.count == 20 else { throw Refusal("amino: an address has 20 bytes") }
      var coins: [(denom: String, amount: UInt64)] = []
      while party.hasField(2, type: 2) {
        var coin = AminoReader(try party.bytes(field: 2))
        coins.append(
          (String(decoding: try coin.bytes(field: 1), as: UTF8.self), try coin.integer(field: 2)))
        try coin.end()
      }
      try party.end()
      parties.append(BNBTransaction.Party(address: address, coins: coins))
    }
    return parties
  }

  func end() throws(Refusal) {
    guard rest.isEmpty else { throw Refusal("amino: more bytes than fields") }
  }
}
