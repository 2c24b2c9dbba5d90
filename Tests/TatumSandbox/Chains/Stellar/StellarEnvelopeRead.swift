import KMSCrypto
import KMSPrimitives
import KMSRecords

/// An envelope as it was read: what it says, what is signed, and the signatures.
struct StellarEnvelopeRead {
  struct Signature {
    let hint: [UInt8]
    let bytes: [UInt8]
  }

  /// A transaction with what its signatures cover and with them.
  struct Signed {
    let transaction: JSONValue
    /// Type of the envelope and transaction; V0 transactions are signed in the form of V1.
    let payload: [UInt8]
    var signatures: [Signature] = []

    func hash(passphrase: String) -> [UInt8] { Hash.sha256(Hash.sha256(Array(passphrase.utf8)) + payload) }
  }

  /// The transaction; within a fee bump the inner one.
  private(set) var inner: Signed
  /// The fee bump around it: who pays how much.
  private(set) var feeBump: (feeSource: String, fee: Int64, signed: Signed)?
  /// All bytes before the outermost signatures.
  let content: [UInt8]

  /// What the network knows it by.
  var outer: Signed { feeBump?.signed ?? inner }

  init(_ text: String) throws(Refusal) {
    guard let bytes = Base64.decode(text) else { throw XDRDecoder.malformed }
    var decoder = XDRDecoder(bytes)
    let type = try decoder.uint32()
    switch type {
    case 0:
      let transaction = try decoder.read("TransactionV0")
      inner = Signed(transaction: transaction, payload: [0, 0, 0, 2, 0, 0, 0, 0] + decoder.slice(from: 4))
    case 2:
      let transaction = try decoder.read("Transaction")
      inner = Signed(transaction: transaction, payload: Array(decoder.slice(from: 0)))
    case 5:
      let feeSource = try decoder.muxed()
      let fee = try decoder.int64()
      let start = decoder.at
      guard try decoder.uint32() == 2 else { throw XDRDecoder.malformed }
      let transaction = try decoder.read("Transaction")
      inner = Signed(transaction: transaction, payload: Array(decoder.slice(from: start)))
      inner.signatures = try Self.signatures(&decoder)
      guard try decoder.uint32() == 0 else { throw XDRDecoder.malformed }
      let content = Array(decoder.slice(from: 0))
      feeBump = (feeSource, fee, Signed(transaction: transaction, payload: content))
    default: throw XDRDecoder.malformed
    }
    content = Array(decoder.slice(from: 0))
    let signatures = try Self.signatures(&decoder)
    guard decoder.isAtEnd else { throw XDRDecoder.malformed }
    if feeBump == nil { inner.signatures = signatures } else { feeBump?.signed.signatures = signatures }
  }

  private static func signatures(_ decoder: inout XDRDecoder) throws(Refusal) -> [Signature] {
    let count = try decoder.uint32()
    guard count <= 20 else { throw XDRDecoder.malformed }
    var signatures: [Signature] = []
    for _ in 0..<count {
      let signature = try decoder.read("Signature")
      signatures.append(
        Signature(
          hint: Hex.decode(signature["hint"]?.string ?? "") ?? [],
          bytes: Hex.decode(signature["signature"]?.string ?? "") ?? []))
    }
    return signatures
  }

  /// What differs from the envelope that was asked for: members by their path; anything but one more signature.
  func mismatches(_ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? StellarEnvelopeRead(text)
    else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    if (feeBump == nil) != (wanted.feeBump == nil) { wrong.append("type") }
    if feeBump?.feeSource != wanted.feeBump?.feeSource { wrong.append("feeSource") }
    if feeBump?.fee != wanted.feeBump?.fee { wrong.append("feeBump.fee") }
    Self.differences(inner.transaction, wanted.inner.transaction, "", &wrong)
    if content != wanted.content, wrong.isEmpty { wrong.append("bytes") }
    let before = outer.signatures.dropLast()
    let isAppended = before.elementsEqual(wanted.outer.signatures) {
      $0.hint == $1.hint && $0.bytes == $1.bytes
    }
    if !isAppended { wrong.append("signatures") }
    return wrong
  }

  private static func differences(_ a: JSONValue, _ b: JSONValue, _ path: String, _ wrong: inout [String]) {
    if a == b { return }
    if let a = a.object?.members, let b = b.object?.members, a.map(\.name) == b.map(\.name) {
      for (i, member) in a.enumerated() {
        differences(member.value, b[i].value, path.isEmpty ? member.name : "\(path).\(member.name)", &wrong)
      }
    } else if let a = a.array, let b = b.array, a.count == b.count {
      for (i, item) in a.enumerated() { differences(item, b[i], "\(path)[\(i)]", &wrong) }
    } else {
      wrong.append(path)
    }
  }
}
