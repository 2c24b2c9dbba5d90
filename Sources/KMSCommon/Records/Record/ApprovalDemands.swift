internal import KMSCrypto
internal import KMSPrimitives

/// What kms-sign demands of an approval beyond its MAC.
public struct ApprovalDemands: Sendable {
  /// How old an approval may be, in seconds.
  public var maximumAge: Int64
  /// The keys of those who approve; of them `required` must have signed.
  public var approvers: [ApproverKey]
  /// How many of `approvers` must have signed; 0 when there are none.
  public var required: Int
  /// Whether records of testnets need the approvers, too.
  public var includesTestnets: Bool

  /// How far the clocks of kms-verify and of approvers may be ahead of ours, in seconds.
  public static let clockTolerance: Int64 = 60

  /// Creates demands.
  public init(
    maximumAge: Int64 = 600, approvers: [ApproverKey] = [], required: Int = 0, includesTestnets: Bool = false
  ) {
    self.maximumAge = maximumAge
    self.approvers = approvers
    self.required = required
    self.includesTestnets = includesTestnets
  }

  /// Checks the approval of `record`: who stamped it, that it is for this record and recent, that it was a yes to this id,
  /// and who signed it.
  ///
  /// A record of a testnet needs no approval (unless it needs the approvers); one that is there must be right.
  ///
  /// - Parameters:
  ///   - key: the approve key.
  ///   - now: in seconds since 1970.
  /// - Throws: `RecordError` of kms-sign, outcome denied: `approval-missing`, `approval-invalid`, `approval-expired`.
  public func check(_ record: Record, key: borrowing StageKey, now: Int64) throws(RecordError) {
    let needsApprovers = required > 0 && (!record.testnet || includesTestnets)
    if record.testnet, !needsApprovers, !record.hasApproval { return }
    let approval = try ApprovalStamp(verifying: record, key: key)
    guard (200..<300).contains(approval.status) else {
      throw Approval.invalid("the server's answer was HTTP \(approval.status), which is no yes")
    }
    guard approval.isOf(record.id) else {
      throw Approval.invalid("the URL that was asked does not end in the record's id")
    }
    guard let at = approval.time else {
      throw Approval.invalid("the time of the approval is not RFC 3339 in UTC")
    }
    try checkAge(since: at, of: "the approval", now: now)
    if needsApprovers { try checkApprovers(approval, record, now: now) }
  }

  private func checkAge(since time: Int64, of what: String, now: Int64) throws(RecordError) {
    guard time <= now + Self.clockTolerance else {
      throw Approval.invalid(
        "\(what) is from the future, \(Timestamp.text(unixTime: time)): compare the clocks of both hosts")
    }
    // Not `now - time`, which the earliest times would make too large for 64 bits.
    guard time >= now - maximumAge else {
      throw RecordError(
        .sign, .denied, .approvalExpired,
        "\(what) is from \(Timestamp.text(unixTime: time)), more than \(maximumAge) seconds ago; ask again")
    }
  }

  /// One good signature of each of `required` keys. An answer that is wrong is named when there are too few.
  private func checkApprovers(_ approval: ApprovalStamp, _ record: Record, now: Int64) throws(RecordError) {
    var missing = Set(approvers)
    var firstProblem: RecordError?
    for text in approval.signed {
      do throws(RecordError) { missing.remove(try signer(of: text, record, now: now)) } catch {
        firstProblem = firstProblem ?? error
      }
    }
    let count = approvers.count - missing.count
    guard count < required else { return }
    if let firstProblem { throw firstProblem }
    throw RecordError(
      .sign, .denied, .approvalMissing,
      "signed by \(count) of the approvers whose keys the vault has, and \(required) must; the answer of your server "
        + "must carry their signatures (docs/approvals.md)")
  }

  private func signer(of text: String, _ record: Record, now: Int64) throws(RecordError) -> ApproverKey {
    let answer: SignedApproval
    do throws(SignedApproval.Problem) { answer = try SignedApproval(text) } catch {
      throw Approval.invalid("the signed approval \(error.words)")
    }
    guard let key = approvers.first(where: { answer.isSigned(by: $0) }) else {
      throw Approval.invalid("the signed approval is by none of the keys that the vault has")
    }
    guard answer.digest == Approval.digest(of: record) else {
      throw Approval.invalid("the signed approval is for another transaction or other values")
    }
    guard answer.approved else {
      throw RecordError(.sign, .denied, .denied, "an approver signed a no")
    }
    try checkAge(since: answer.issuedAt, of: "the signed approval", now: now)
    guard now < answer.expiresAt else {
      throw RecordError(
        .sign, .denied, .approvalExpired,
        "the signed approval held until \(Timestamp.text(unixTime: answer.expiresAt)); ask again")
    }
    return key
  }
}
