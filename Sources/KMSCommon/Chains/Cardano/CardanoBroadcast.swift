internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// ADA: the signatures are put into Rosetta's envelope by the node proxy, and the envelope is broadcast (decision 14).
///
/// Putting together is no risk: the signatures fit one transaction body only, the one that kms-sign checked.
struct CardanoBroadcast: Broadcast {
  let name = "ada"
  let hasWithdrawals = true
  let order = SendingOrder.chained
  let answers = CardanoAnswers.table

  func send(_ transaction: SignedRecord) -> Dialogue<Submission> {
    // Of the poll in which it was signed: the context of a record that came back has another transaction, whose time to
    // live is later, and these signatures are not for it.
    guard
      let unsigned = transaction.signed["unsignedTransaction"] ?? transaction.context["unsignedTransaction"],
      let signatures = Self.signatures(transaction)
    else {
      return .done(
        .failed(
          "signed.unsignedTransaction, context.payloads or a signature for one of them is missing"))
    }
    let members: [(name: String, value: JSONValue)] = [
      ("unsigned_transaction", unsigned), ("signatures", .array(signatures)),
    ]
    let combine = CardanoConstruction.step("combine", members, testnet: transaction.testnet)
    return .ask(combine) { answer in
      switch answer {
      case .failure(let failure): return .done(Submission(before: "the envelope could not be made", failure))
      case .json(let json):
        guard let envelope = json["signed_transaction"]?.string, !envelope.isEmpty else {
          return .done(.notSent("the envelope could not be made: the answer is not understood"))
        }
        return .ask(broadcastCall(transaction, txData: envelope)) { answer in .done(Submission(answer)) }
      }
    }
  }

  /// One signature for each payload: kms-sign makes one for each key, also where it spends from two addresses.
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
          ?? made.first(where: { spends(from: address, testnet: transaction.testnet, $0) }),
        let publicKey = signature["publicKey"], let bytes = signature["signature"]
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

  /// Whether the key of `signature` spends what lies at `address`.
  private static func spends(from address: JSONValue, testnet: Bool, _ signature: JSONValue) -> Bool {
    guard let text = address.string,
      let hash = (try? CardanoAddress(text, testnet: testnet, member: "address"))?.paymentKeyHash,
      let key = signature["publicKey"]?.string.flatMap({ Hex.decode($0) })
    else { return false }
    return CardanoAddress.keyHash(key) == hash
  }
}
