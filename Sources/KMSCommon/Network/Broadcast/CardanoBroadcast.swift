internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// ADA: the signatures are put into Rosetta's envelope by the node proxy, and the envelope is broadcast (decision 14).
///
/// Putting together is no risk: the signatures fit one transaction body only, the one that kms-sign checked.
struct CardanoBroadcast: BroadcastMethod {
  private let envelope = TatumBroadcast(name: "ada", hasWithdrawals: true)

  func firstCall(for transaction: SignedRecord) -> BroadcastCall { envelope.firstCall(for: transaction) }

  func send(
    _ transaction: SignedRecord, api: TatumAPI, completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    // Of the tick in which it was signed: the context of a record that came back has another transaction, whose time to
    // live is later, and these signatures are not for it.
    guard
      let unsigned = transaction.signed["unsignedTransaction"] ?? transaction.context["unsignedTransaction"],
      let signatures = Self.signatures(transaction)
    else {
      return completion(
        .failure(
          .refused(
            status: 400, code: nil,
            text: "signed.unsignedTransaction, context.payloads or a signature for one of them is missing")))
    }
    let members = [("unsigned_transaction", unsigned), ("signatures", JSONValue.array(signatures))]
    CardanoConstruction(api: api, testnet: transaction.testnet).step("combine", members) { result in
      switch result {
      case .failure(let failure): completion(.failure(Self.nothingSent(failure)))
      case .success(let answer):
        guard let signed = answer["signed_transaction"]?.string, !signed.isEmpty else {
          return completion(
            .failure(.notSent("the envelope could not be made: the answer is not understood")))
        }
        envelope.send(transaction.with(txData: signed), api: api, completion: completion)
      }
    }
  }

  /// A failure before anything was broadcast.
  private static func nothingSent(_ failure: APIFailure) -> APIFailure {
    switch failure {
    case .lost, .serverError, .unexpected: .notSent("the envelope could not be made: \(failure.message)")
    default: failure
    }
  }

  /// One signature for each payload, by its address.
  private static func signatures(_ transaction: SignedRecord) -> [JSONValue]? {
    guard let payloads = transaction.context["payloads"]?.array, !payloads.isEmpty,
      let made = transaction.signed["signatures"]?.array
    else { return nil }
    var signatures: [JSONValue] = []
    for payload in payloads {
      // The hash that was signed, which is the transaction's id (docs/chains/ada.md).
      guard let address = payload["address"],
        let hex = transaction.txID.map(JSONValue.string) ?? payload["hex"],
        let signature = made.first(where: { $0["address"] == address })
          ?? made.first(where: { isOfKey($0, address) }),
        let publicKey = signature["publicKey"],
        let bytes = signature["signature"]
      else { return nil }
      signatures.append([
        "signing_payload": [
          "account_identifier": ["address": address], "hex_bytes": hex, "signature_type": "ed25519",
        ],
        "public_key": ["hex_bytes": publicKey, "curve_type": "edwards25519"],
        "signature_type": "ed25519", "hex_bytes": bytes,
      ])
    }
    return signatures
  }

  /// Whether the payment part of `address` (CIP-19) is the key of `signature`: there is one signature for each key, also
  /// where it spends from two addresses.
  private static func isOfKey(_ signature: JSONValue, _ address: JSONValue) -> Bool {
    guard let text = address.string, let key = signature["publicKey"]?.string.flatMap({ Hex.decode($0) }),
      let bytes = Bech32.decodeBytes(
        text, hrp: text.hasPrefix("addr_test") ? "addr_test" : "addr", maximumLength: 160),
      bytes.count >= 29
    else { return false }
    return Array(bytes[1..<29]) == Hash.blake2b(key, count: 28)
  }
}
