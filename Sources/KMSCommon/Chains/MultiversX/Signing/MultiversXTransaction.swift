internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

/// A transaction of MultiversX with every value settled.
///
/// What is signed is its compact JSON text; what names it is the BLAKE2b-256 hash of its protobuf form
/// (docs.multiversx.com, "Signing transactions"; github.com/multiversx/mx-chain-core-go, data/transaction).
struct MultiversXTransaction: Hashable, Sendable {
  /// The sender's transaction count.
  var nonce: UInt64
  /// Units of 10^-18 EGLD.
  let value: UInt256
  /// The receiver.
  let receiver: MultiversXAddress
  /// The sender.
  let sender: MultiversXAddress
  /// Units of 10^-18 EGLD for each unit of gas.
  let gasPrice: UInt64
  /// The most gas that may be used.
  let gasLimit: UInt64
  /// The call or the message.
  let data: [UInt8]
  /// The network.
  let chainID: String
  /// The version of the format.
  let version: UInt32
  /// Bits: 0 the signature is over the hash, 1 a guardian signs too.
  let options: UInt32

  /// Bit 0 of `options`, which versions before 2 do not know.
  private static let signedByHash: UInt32 = 1

  /// The compact JSON text of the members in the order in which they are signed.
  private var text: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(512 + data.count * 4 / 3)
    func add(_ name: String, _ number: UInt64) {
      out.append(contentsOf: name.utf8.span)
      out.append(contentsOf: String(number).utf8)
    }
    func add(_ name: String, _ text: String) {
      out.append(contentsOf: name.utf8.span)
      JSONValue.write(text, to: &out)
    }
    add("{\"nonce\":", nonce)
    add(",\"value\":", value.description)
    add(",\"receiver\":", receiver.text)
    add(",\"sender\":", sender.text)
    add(",\"gasPrice\":", gasPrice)
    add(",\"gasLimit\":", gasLimit)
    if !data.isEmpty { add(",\"data\":", Base64.encode(data)) }
    add(",\"chainID\":", chainID)
    add(",\"version\":", UInt64(version))
    if options != 0 { add(",\"options\":", UInt64(options)) }
    out.append(UInt8(ascii: "}"))
    return out
  }

  /// The bytes under the signature: the JSON text, or from version 2 on its Keccak-256 hash when the options say so.
  var signedBytes: [UInt8] { signedBytes(of: text) }

  private func signedBytes(of text: [UInt8]) -> [UInt8] {
    version >= 2 && options & Self.signedByHash != 0 ? Hash.keccak256(text) : text
  }

  /// Signs.
  ///
  /// - Returns: the JSON text that the network takes, and the transaction's id in lower-case hex.
  func signed(with key: Ed25519PrivateKey) -> (text: String, id: String) {
    var text = text
    let signature = key.sign(signedBytes(of: text))
    text.removeLast()
    text.append(contentsOf: ",\"signature\":\"\(Hex.encode(signature))\"}".utf8)
    return (
      String(decoding: text, as: UTF8.self),
      Hex.encode(Hash.blake2b(protobuf(signature: signature), count: 32))
    )
  }

  /// The protobuf form (proto3: members that are zero are left out).
  private func protobuf(signature: [UInt8]) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.append(1, nonce)
    // A sign byte, 0 for plus, and the magnitude in big-endian order, which for zero is one byte.
    writer.append(2, [0] + (value == .zero ? [0] : value.minimalBytes))
    writer.append(3, receiver.bytes)
    writer.append(5, sender.bytes)
    writer.append(7, gasPrice)
    writer.append(8, gasLimit)
    if !data.isEmpty { writer.append(9, data) }
    if !chainID.isEmpty { writer.append(10, Array(chainID.utf8)) }
    writer.append(11, UInt64(version))
    writer.append(12, signature)
    writer.append(13, UInt64(options))
    return writer.bytes
  }
}
