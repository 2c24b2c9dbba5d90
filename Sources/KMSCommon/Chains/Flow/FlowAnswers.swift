/// What Flow's access nodes say to a submitted transaction (onflow/flow-go, access/validator/errors.go), and the errors of the
/// virtual machine in the result of one that was executed (fvm/errors/codes.go).
enum FlowAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .perhapsThere, "flow-go, fvm/errors/codes.go: the proposal key's sequence number was used",
        "Error Code: 1007"),
      AnswerTable.Rule(
        .perhapsThere, "flow-go, access/validator/errors.go: ExpiredTransactionError; fvm code 1003",
        "transaction is expired", "Error Code: 1003"),
      AnswerTable.Rule(
        .held, "flow-go, access/validator: a node that lags", "unknown reference block",
        "could not get reference block", "Error Code: 1002"),
      AnswerTable.Rule(
        .trouble, "flow-go, access/validator/errors.go; fvm/errors/codes.go: failures of the node",
        "transaction rate limited for payer", "exceeds the maximum gap allowed", "failed to get",
        "Error Code: 1113",
        "Error Code: 1114", .says(isFailure)),
      AnswerTable.Rule(
        .refused, "flow-go, access/validator/errors.go", "transaction is missing required fields",
        "failed to parse transaction Cadence script", "is not in the acceptable range", "invalid address:",
        "duplicated signature for key", "missing signature is from account", "unrelated account signature",
        "has an invalid format", "has invalid extension data", "exceeds the maximum byte size",
        "has insufficient balance to pay transaction fee"),
      AnswerTable.Rule(.refused, "flow-go, fvm/errors/codes.go: errors of the transaction", .says(isError)),
    ])
    + AnswerTable.nodeTrouble

  /// 1000 to 1399: errors that the transaction made itself.
  private static func isError(_ text: String) -> Bool {
    code(text).map { (1000..<1400).contains($0) } ?? false
  }

  /// 2000 and above: failures of the machine.
  private static func isFailure(_ text: String) -> Bool { code(text).map { $0 >= 2000 } ?? false }

  /// The number in "[Error Code: 1101] …".
  private static func code(_ text: String) -> UInt64? {
    let words = text.split(separator: " ")
    guard let at = words.firstIndex(where: { $0.hasSuffix("Code:") }), at + 1 < words.count else {
      return nil
    }
    return UInt64(words[at + 1].prefix { ("0"..."9").contains($0) })
  }
}
