/// What the nodes of BNB Beacon Chain say to a submitted transaction (bnb-chain/node, common/tx/ante.go; its fork of Tendermint,
/// mempool), and the API's own texts about it (Error403BnbBroadcatSigFailed, Error403BnbTxStateFailed).
enum BNBAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "tendermint, mempool/errors.go: ErrTxInCache", "Tx already exists in cache"),
      AnswerTable.Rule(
        .perhapsThere, "bnb-chain/node, common/tx/ante.go: a sequence that was used",
        .says { sequences($0).map { $0.got < $0.expected } ?? false }),
      AnswerTable.Rule(
        .held, "bnb-chain/node, common/tx/ante.go: a sequence before its turn",
        .says { sequences($0).map { $0.got > $0.expected } ?? false }),
      AnswerTable.Rule(
        .perhapsThere, "KMS API: Error403BnbTxStateFailed", "state not OK"),
      AnswerTable.Rule(.trouble, "tendermint, mempool/errors.go: ErrMempoolIsFull", "mempool is full"),
      AnswerTable.Rule(
        .refused, "bnb-chain/node, common/tx/ante.go, plugins/tokens", "signature verification failed",
        "bad signature", "Invalid account number", "PubKey does not match Signer address",
        "PubKey of account does not match", "wrong number of signers", .whole("no signers"),
        "insufficient fund",
        "insufficient funds", "do not have enough", "tx too large",
        "data field is not allowed to use in transaction"),
    ])
    + AnswerTable.nodeTrouble

  /// "Invalid sequence. Got 4, expected 5".
  private static func sequences(_ text: String) -> (got: UInt64, expected: UInt64)? {
    guard text.lowercased().contains("invalid sequence") else { return nil }
    let words = text.lowercased().split(whereSeparator: { " ,.:\"".contains($0) })
    guard let got = words.firstIndex(of: "got"), let expected = words.firstIndex(of: "expected"),
      got + 1 < words.count, expected + 1 < words.count, let first = UInt64(words[got + 1]),
      let second = UInt64(words[expected + 1])
    else { return nil }
    return (first, second)
  }
}
