import KMSChains
import KMSRecords
import KMSSigning

extension RecordError {
  /// The error member for a refusal of kms-sign.
  ///
  /// Where a rule of the operator said no, the record is denied: it stays pending and may be signed later, after
  /// an approval or with another flag. Everything else is failed and reported to Tatum.
  init(signing code: ErrorCode, _ message: String) {
    let rules: Set<ErrorCode> = [
      .approvalMissing, .approvalInvalid, .approvalExpired, .feeTooHigh, .accountControlRefused,
      .customScriptRefused, .operationRefused, .allowanceRefused, .amountUnproven, .validityRefused,
      .nonceImplausible,
    ]
    self.init(.sign, rules.contains(code) ? .denied : .failed, code, message)
  }

  /// The error member for a chain's refusal.
  init(_ error: ChainError) { self.init(signing: error.code, error.message) }
}
