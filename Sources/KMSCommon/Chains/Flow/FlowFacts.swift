internal import KMSPrimitives
internal import KMSRecords

/// The facts of FLOW: `referenceBlockId`, `gasLimit`, `proposer`, `payer`, `account`.
///
/// Proposal and payer keys come from the API, which lends them; what the chain knows comes from an access node.
struct FlowFacts: Sendable {
  let testnet: Bool

  /// The most computation that the network allows, which is what the original asks for.
  static let gasLimit = "9999"

  // MARK: Proposer, payer, reference block

  /// `referenceBlockId`, `gasLimit`, `proposer`, `payer`: of each transaction its own, because the API lends a key and its
  /// sequence number for one only. When that number can't be had, the key goes back.
  var proposal: Need {
    let loan = Need.Loan { fact in
      fact["proposer"]?["keyId"]?.uint64.map { FlowCalls.release(proposalKey: $0) }
    }
    return Need("proposal key", uses: [payer, block], loan: loan) { [testnet] given in
      lend("proposal key", isPayer: false).flatMap { proposer in
        sequenceNumber(of: proposer, testnet).map { sequence in
          Fact([
            ("referenceBlockId", given.facts["referenceBlockId"] ?? .null),
            ("gasLimit", .string(Self.gasLimit)),
            (
              "proposer",
              [
                "address": .string(proposer.address), "keyId": .string(String(proposer.keyID)),
                "sequenceNumber": .string(String(sequence)),
              ]
            ),
            ("payer", given.facts["payer"] ?? .null),
          ])
        }.recover { failure in
          .ask(FlowCalls.release(proposalKey: proposer.keyID)) { _ in .failed(failure) }
        }
      }
    }
  }

  /// The payer's key, which pays for all transactions of a poll.
  private var payer: Need {
    Need("payer key") { _ in
      lend("payer key", isPayer: true).map { key in
        Fact("payer", ["address": .string(key.address), "keyId": .string(String(key.keyID))])
      }
    }
  }

  /// The latest final block.
  private var block: Need {
    Need("reference block") { [testnet] _ in
      referenceBlock(testnet).map { Fact("referenceBlockId", .string($0)) }
    }
  }

  // MARK: The account's key

  /// `account`: the key of the account that is the wallet's, of those that may authorize alone; when there is none the
  /// first one, and kms-sign says that it is not the wallet's.
  func account(_ address: String, publicKey: String?) -> Need {
    let name = "account key"
    return Need(name, question: "account \(address) \(publicKey ?? "")") { [testnet] _ in
      guard let account = flowAddress(.string(address)) else {
        return .failed(DialogueFailure(.refused, "\(name): the account's address is none"))
      }
      return .ask(FlowCalls.account(account, testnet: testnet)) { (answer) throws(DialogueFailure) in
        // A node that does not have the account may lag, or be none: no verdict (decision 22).
        let keys = try passing(answer).read(asking: name, FlowCalls.keys)
        let wanted = publicKey?.lowercased()
        guard let key = keys.first(where: { $0.isUsable && $0.publicKey == wanted }) ?? keys.first else {
          throw DialogueFailure(.refused, "\(name): the account \(account) has no key")
        }
        return .done(
          Fact(
            "account",
            [
              "address": .string(account), "keyId": .string(String(key.id)),
              "publicKey": .string(key.publicKey),
            ]))
      }
    }
  }
}

/// An account of the API and one of its keys.
private struct LentKey: Sendable {
  let address: String
  let keyID: UInt64
}

/// `GET /v3/flow/proposal/{isPayer}`.
private func lend(_ name: String, isPayer: Bool) -> Dialogue<LentKey> {
  .ask(FlowCalls.apiKey(isPayer: isPayer)) { (answer) throws(DialogueFailure) in
    .done(
      try passing(answer).read(asking: name) { answer in
        guard let address = flowAddress(answer["address"]), let id = answer["keyId"]?.uint64 else {
          return nil
        }
        return LentKey(address: address, keyID: id)
      })
  }
}

private func sequenceNumber(of key: LentKey, _ testnet: Bool) -> Dialogue<UInt64> {
  .ask(FlowCalls.account(key.address, testnet: testnet)) { (answer) throws(DialogueFailure) in
    .done(
      try passing(answer).read(asking: "sequence number") { answer in
        FlowCalls.keys(answer)?.first { $0.id == key.keyID }?.sequenceNumber
      })
  }
}

private func referenceBlock(_ testnet: Bool) -> Dialogue<String> {
  .ask(FlowCalls.block(testnet: testnet)) { (answer) throws(DialogueFailure) in
    .done(
      try passing(answer).read(asking: "reference block") { answer in
        guard let id = answer.array?.first?["header"]?["id"]?.string?.lowercased(), id.utf8.count == 64,
          UInt256(hex: id.utf8) != nil
        else { return nil }
        return id
      })
  }
}

/// The same; a refusal passes: a question about the API's keys or the chain is no fault of the transaction.
private func passing(_ answer: Answer) -> Answer {
  if case .failure(.refused) = answer, case .failure(let failure) = answer {
    return .failure(.unavailable(failure.message))
  }
  return answer
}

/// `0x` and 16 lower-case digits; nil for what is no address.
private func flowAddress(_ json: JSONValue?) -> String? {
  guard let text = json?.string?.lowercased() else { return nil }
  let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
  guard digits.utf8.count == 16, UInt256(hex: digits.utf8) != nil else { return nil }
  return "0x" + digits
}
