import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// What becomes of one input line within a group.
enum Draft: Sendable {
  /// Not a record: reported, and nothing comes out.
  case skipped(RecordReader.Line, reason: String)
  /// Comes out as it is: signed, with what the log says of it, or with an error, its own or one of ours.
  case finished(Record, summary: String?)
  /// Waits for its signature.
  case work(Work)

  var isWork: Bool { if case .work = self { true } else { false } }

  /// Reads a line and decides whether it can be signed at all, as far as that needs no secret.
  init(_ line: RecordReader.Line, testnetOnly: Bool) {
    let record: Record
    do throws(RecordSyntaxError) {
      record = try Record(parsing: line.bytes[...], chains: ChainRegistry.names)
    } catch {
      self = .skipped(line, reason: error.description)
      return
    }
    guard record.error == nil else {
      self = .finished(record, summary: nil)
      return
    }
    do throws(RecordError) {
      self = .work(try Work(record, testnetOnly: testnetOnly))
    } catch {
      self = .failed(record, error)
    }
  }

  /// The record with an error member and without a signature.
  static func failed(_ record: Record, _ error: RecordError) -> Draft {
    var record = record
    record["signed"] = nil
    record.error = error
    return .finished(record, summary: nil)
  }

  /// Refuses what was not approved as `demands` have it.
  func checkingApproval(_ demands: ApprovalDemands, _ key: StageKey, now: Int64) -> Draft {
    guard case .work(let work) = self else { return self }
    do throws(RecordError) {
      try demands.check(work.record, key: key, now: now)
      return self
    } catch {
      return .failed(work.record, error)
    }
  }
}

/// A record that may be signed, read once for all steps.
///
/// A class because it goes through many hands: passing on one reference costs less than copying a dozen.
final class Work: Sendable {
  let record: Record
  let chain: SigningChain
  let references: [KeyReference]
  /// The transaction, or why it can't be signed: a refusal counts when the journal does not know the id.
  let reading: Result<any SigningIntent, ChainError>
  /// What the journal compares (decision 13).
  let contentDigest: [UInt8]

  init(_ record: Record, testnetOnly: Bool) throws(RecordError) {
    guard let chain = SigningRegistry.chains[record.chain] else {
      throw RecordError(
        signing: .unsupportedChain, "this version of kms-sign does not sign for \(record.chain)")
    }
    guard record.testnet || !testnetOnly else {
      throw RecordError(
        .sign, .denied, .walletNetworkMismatch, "a mainnet record is not signed under --testnet")
    }
    if let refusal = RecordError(ifSignedElsewhere: record.pending, stage: .sign) { throw refusal }
    self.record = record
    self.chain = chain
    let pending: PendingTransaction
    do throws(ChainError) {
      pending = try PendingTransaction(record.pending, chain: record.chain)
      guard pending.id == record.id else { throw .malformed("pending.id is not the record's id") }
      references = try chain.keyReferences(of: pending)
    } catch {
      throw RecordError(error)
    }
    let testnet = record.testnet
    reading = Result { () throws(ChainError) in try chain.read(pending, testnet: testnet) }
    contentDigest = JournalContent.digest(
      id: record.id, chain: record.chain, testnet: record.testnet,
      serializedTransaction: pending.serializedTransaction, withdrawalID: pending.withdrawalID,
      keys: references.map { JournalContent.Key(signatureID: $0.signatureID, index: $0.index) })
  }

  /// What the log says of the transaction beside its id; nil on chains whose pending transactions people can read.
  var summary: String? { try? reading.get().summary }

  /// The transaction, or why it can't be signed.
  func intent() throws(RecordError) -> any SigningIntent {
    do throws(ChainError) { return try reading.get() } catch { throw RecordError(error) }
  }

  /// Checks the transaction, with the keys that will sign it.
  func prepare(_ keys: [SigningKey], policy: SigningPolicy, now: Int64) throws(RecordError) -> PreparedSigning
  {
    let intent = try intent()
    do throws(ChainError) {
      return try intent.prepare(
        SigningRequest(context: record["context"] ?? [:], keys: keys, policy: policy, now: now))
    } catch { throw RecordError(error) }
  }

  /// What goes out, and what the journal keeps of it.
  struct Signed: Sendable {
    let record: Record
    let entry: JournalEntry
  }

  /// Signs.
  func sign(_ prepared: PreparedSigning, nonce: UInt64?, now: Int64) throws(RecordError) -> Signed {
    let signed: SignedTransaction
    do throws(ChainError) { signed = try prepared.sign(nonce: nonce) } catch { throw RecordError(error) }
    let json = signed.json
    var member = json.object ?? JSONObject()
    member["reused"] = false
    var record = record
    record["signed"] = .object(member)
    let entry = JournalEntry(
      id: record.id, contentDigest: contentDigest, chain: record.chain, testnet: record.testnet,
      sender: prepared.nonceRequest?.sender, nonce: nonce, txID: signed.txID, txData: signed.txData,
      signed: json.text, signedAt: now, expiresAt: signed.expiresAt, lastValidHeight: signed.lastValidHeight)
    return Signed(record: record, entry: entry)
  }
}
