import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

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
    let member = record.object(.pending) ?? JSONText()
    if let refusal = RecordError(ifSignedElsewhere: member, stage: .sign) { throw refusal }
    self.record = record
    self.chain = chain
    let pending: PendingTransaction
    do throws(ChainError) {
      pending = try PendingTransaction(member, chain: record.chain, recordID: record.id)
      guard pending.id == record.id else { throw .malformed("pending.id is not the record's id") }
    } catch {
      throw RecordError(error)
    }
    do throws(ChainError) {
      let intent = try chain.read(pending, testnet: record.testnet)
      references = intent.keyReferences
      reading = .success(intent)
    } catch {
      // What can't be read may be known to the journal, which compares the keys, too.
      do throws(ChainError) { references = try chain.keyReferences(of: pending) } catch {
        throw RecordError(error)
      }
      reading = .failure(error)
    }
    contentDigest = JournalContent.digest(
      id: record.id, chain: record.chain, testnet: record.testnet,
      serializedTransaction: pending.serialized, withdrawalID: pending.withdrawalID,
      keys: references.map { JournalContent.Key(signatureID: $0.signatureID, index: $0.index) })
  }

  /// What the log says of the transaction beside its id; nil on chains whose pending transactions people can read.
  var summary: String? { try? reading.get().summary }

  /// What it lets others dispose of.
  var allowances: [Allowance] { (try? reading.get().allowances) ?? [] }

  /// The transaction, or why it can't be signed.
  func intent() throws(RecordError) -> any SigningIntent {
    do throws(ChainError) { return try reading.get() } catch { throw RecordError(error) }
  }

  /// Finds the keys that will sign, and checks the transaction with them.
  func prepare(_ ring: KeyRing, _ policy: SigningPolicy, now: Int64) throws(RecordError) -> PreparedSigning {
    let intent = try intent()
    let keys = try ring.keys(of: self)
    do throws(ChainError) {
      let request =
        intent.looksIntoFacts
        ? SigningRequest(
          facts: record.object(.context) ?? JSONText(), keys: keys, policy: policy, now: now)
        : SigningRequest(context: record["context"] ?? [:], keys: keys, policy: policy, now: now)
      return try intent.prepare(request)
    } catch { throw RecordError(error).naming(unknownIn: self, keys) }
  }

  /// Signs; what the journal keeps of it.
  func sign(_ prepared: PreparedSigning, nonce: UInt64?, now: Int64) throws(RecordError) -> SignedEntry {
    var signed: SignedTransaction
    do throws(ChainError) { signed = try prepared.sign(nonce: nonce) } catch { throw RecordError(error) }
    if !allowances.isEmpty {
      signed.extra.append(("allowances", .array(allowances.map { .string($0.words) })))
    }
    return SignedEntry(
      JournalEntry(
        id: record.id, contentDigest: contentDigest, chain: record.chain, testnet: record.testnet,
        sender: prepared.nonceRequest?.sender, nonce: nonce,
        networkCount: prepared.nonceRequest?.explicit == nil ? prepared.nonceRequest?.networkCount : nil,
        txID: signed.txID, signed: signed.encoded,
        signedAt: now, expiresAt: signed.expiresAt, lastValidHeight: signed.lastValidHeight,
        coins: prepared.coins))
  }

  /// Writes the record with what was signed for it, now or before.
  func write(_ signed: SignedEntry, isReused: Bool, to writer: RecordWriter) throws {
    let signed = signed.entry.signed
    try writer.write(record, setting: "signed", roomFor: signed.count) { out in
      out.append(contentsOf: signed[..<(signed.count - 1)])
      out.append(contentsOf: isReused ? ",\"reused\":true}".utf8 : ",\"reused\":false}".utf8)
    }
  }
}

extension RecordError {
  /// The same, with the wallets that were skipped, when a key is missing.
  fileprivate func naming(unknownIn work: Work, _ keys: [SigningKey]) -> RecordError {
    guard code == .walletNotFound || code == .keyNotSender, keys.count < work.references.count,
      let unknown = work.references.first(where: { reference in !keys.contains { $0.reference == reference } }
      )
    else { return self }
    return RecordError(
      signing: .walletNotFound,
      "\(message); the vault has no wallet with the signature ID \(unknown.signatureID)")
  }
}
