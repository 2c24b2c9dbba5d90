internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

/// A transfer on BNB Beacon Chain (`MsgSend`), ready to be signed (docs.bnbchain.org, "BEP2 transaction encoding").
struct BNBTransfer: Hashable, Sendable {
  /// Who pays.
  var inputs: [BNBParty]
  /// Who is paid.
  var outputs: [BNBParty]
  /// A text for the receiver.
  var memo: String
  /// The network, such as `Binance-Chain-Tigris`.
  var chainID: String
  /// The sender's number on that network.
  var accountNumber: UInt64
  /// The sender's transaction count.
  var sequence: UInt64
  /// The program that made the transaction; 0 for none in particular, as the original.
  var source: UInt64 = 0

  /// What goes to the network, and its id.
  struct Signed: Hashable, Sendable {
    /// The encoded transaction.
    let bytes: [UInt8]
    /// The SHA-256 hash of all bytes.
    let id: [UInt8]
  }

  // MARK: Signing

  /// The JSON that is signed: compact, names of members in order, addresses with the prefix `hrp`.
  func signDocument(hrp: String) -> JSONValue {
    func list(_ parties: [BNBParty]) -> JSONValue {
      .array(
        parties.map { party in
          [
            "address": .string(Bech32.encodeBytes(hrp: hrp, bytes: party.address)),
            "coins": .array(
              party.coins.map { ["amount": .number(JSONNumber($0.amount)), "denom": .string($0.denom)] }),
          ]
        })
    }
    return [
      "account_number": .string(String(accountNumber)), "chain_id": .string(chainID), "data": .null,
      "memo": .string(memo), "msgs": [["inputs": list(inputs), "outputs": list(outputs)]],
      "sequence": .string(String(sequence)), "source": .string(String(source)),
    ]
  }

  /// Signs with `key`. Deterministic (RFC 6979), s in the lower half.
  func signed(with key: Secp256k1PrivateKey, hrp: String) throws(CryptoError) -> Signed {
    let signature = try key.sign(digest: Hash.sha256(signDocument(hrp: hrp).encoded()))
    let bytes = encoded(publicKey: key.publicKey(), signature: signature.rs)
    return Signed(bytes: bytes, id: Hash.sha256(bytes))
  }

  // MARK: Amino

  /// The prefixes of registered types, the first 4 bytes of a hash of their names (docs.bnbchain.org, the same page).
  private enum Prefix {
    static let transaction: [UInt8] = [0xF0, 0x62, 0x5D, 0xEE]
    static let send: [UInt8] = [0x2A, 0x2C, 0x87, 0xFA]
    static let publicKey: [UInt8] = [0xEB, 0x5A, 0xE9, 0x87]
  }

  /// The signed transaction: `publicKey` in 33 bytes, `signature` in 64.
  func encoded(publicKey: [UInt8], signature: [UInt8]) -> [UInt8] {
    var message = ProtobufWriter(prefix: Prefix.send)
    for party in inputs { message.append(1, Self.encoded(party)) }
    for party in outputs { message.append(2, Self.encoded(party)) }
    var signed = ProtobufWriter()
    signed.append(1, Prefix.publicKey + [UInt8(truncatingIfNeeded: publicKey.count)] + publicKey)
    signed.append(2, signature)
    signed.append(3, accountNumber)
    signed.append(4, sequence)
    var transaction = ProtobufWriter(prefix: Prefix.transaction)
    transaction.append(1, message.bytes)
    transaction.append(2, signed.bytes)
    if !memo.isEmpty { transaction.append(3, Array(memo.utf8)) }
    transaction.append(4, source)
    return ProtobufWriter.varint(UInt64(transaction.bytes.count)) + transaction.bytes
  }

  private static func encoded(_ party: BNBParty) -> [UInt8] {
    var out = ProtobufWriter()
    out.append(1, party.address)
    for coin in party.coins {
      var item = ProtobufWriter()
      item.append(1, Array(coin.denom.utf8))
      item.append(2, coin.amount)
      out.append(2, item.bytes)
    }
    return out.bytes
  }
}
