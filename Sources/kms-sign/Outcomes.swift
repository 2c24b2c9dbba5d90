import KMSChains
import KMSPrimitives
import KMSRecords
import KMSSigning
import KMSVault

extension RecordError {
  /// The error member for a refusal of kms-sign.
  ///
  /// Where a rule of the operator said no, the record is denied: it stays pending and may be signed later, after
  /// an approval or with another flag. Everything else is failed and reported to Tatum.
  init(signing code: ErrorCode, _ message: String) {
    let rules: Set<ErrorCode> = [
      .approvalMissing, .approvalInvalid, .approvalExpired, .feeTooHigh, .accountControlRefused,
      .customScriptRefused, .operationRefused, .allowanceRefused, .amountUnproven, .validityRefused,
      .nonceImplausible, .coinSignedBefore,
    ]
    self.init(.sign, rules.contains(code) ? .denied : .failed, code, message)
  }

  /// The error member for a chain's refusal.
  init(_ error: ChainError) { self.init(signing: error.code, error.message) }
}

extension RecordError {
  static func waiting(behind nonce: UInt64) -> RecordError {
    RecordError(
      .sign, .denied, .nonceWaiting,
      "a transaction with nonce \(nonce) vanished from Tatum and may still wait in the network; this one is "
        + "signed once the network's count has passed the gap before it")
  }

  static func unseen(_ nonce: UInt64) -> RecordError {
    RecordError(
      .sign, .denied, .nonceWaiting,
      "the transaction with nonce \(nonce) was signed and did not come in for a while, which may be because nobody has polled; "
        + "this one is signed once it comes in again, or polls have missed it for as long as --nonce-grace says"
    )
  }

  static func unknownSigner(_ count: UInt64) -> RecordError {
    RecordError(
      signing: .nonceImplausible,
      "the network counts \(count) transactions of this sender that are not in the journal, and --only-signer is given: find "
        + "out who signed them; once that is known, run without it once")
  }
}

extension Work {
  /// Refuses to give out what was signed before for other content, or what the network does not take any more.
  func check(against entry: JournalEntry, now: Int64) throws(RecordError) {
    let signed = "signed on \(Timestamp.text(unixTime: entry.signedAt))"
    let resign = "kms-sign --resign \(record.id) signs it anew"
    guard entry.contentDigest == contentDigest else {
      throw RecordError(
        signing: .changedAfterSigning,
        "this id was \(signed) with other content; the recorded transaction is \(entry.txID ?? "without an id")"
      )
    }
    if let successor = entry.nonceGivenTo {
      throw RecordError(
        signing: .signedButExpired,
        "this id was signed, vanished from Tatum, and its nonce went to \(successor); \(resign)")
    }
    let height = chain.currentHeight(in: record["context"] ?? [:])
    if let reason = RecordedExpiry.reason(entry, networkHeight: height, now: now) {
      throw RecordError(
        signing: .signedButExpired,
        "\(signed), \(reason); if you know that it was not included, \(resign)")
    }
  }
}

extension PreparedSigning {
  /// The account whose nonces are assigned; nil where the transaction carries its own, or has none.
  func countedAccount(of record: Record) -> CountedAccount? {
    guard let wanted = nonceRequest, wanted.explicit == nil else { return nil }
    return CountedAccount(record, wanted.sender)
  }
}

extension CountedAccount {
  /// The sender of a record.
  init(_ record: Record, _ sender: String) {
    self.init(chain: record.chain, testnet: record.testnet, address: sender)
  }
}
