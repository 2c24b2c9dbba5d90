/// What cardano-node and cardano-submit-api say to a submitted transaction: predicate failures of the ledger rules of Shelley to
/// Conway (IntersectMBO/cardano-ledger, eras/*/Rules) and of the mempool.
///
/// A transaction whose inputs are spent breaks other rules as well (`ValueNotConservedUTxO`), and all failures come in one
/// answer: the inputs decide. They may be spent by this very transaction, and nothing else in the answer would say so.
enum CardanoAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .perhapsThere, "cardano-ledger, Conway/Rules/Mempool.hs: ConwayMempoolFailure",
        "All inputs are spent. Transaction has probably already been included", "All inputs are spent",
        .code("AllInputsAreSpent")),
      AnswerTable.Rule(
        .perhapsThere, "cardano-ledger, Shelley/Rules/Utxo.hs: BadInputsUTxO", .code("BadInputsUTxO"),
        .code("badInputsUtxo"), "unknown UTxO references"),
      AnswerTable.Rule(
        .perhapsThere, "cardano-ledger, Allegra/Rules/Utxo.hs: past the time to live", .code("ExpiredUTxO"),
        .says { ($0.contains("OutsideValidityIntervalUTxO") && !$0.contains("invalidBefore = SJust")) }),
      AnswerTable.Rule(
        .held, "cardano-ledger, Allegra/Rules/Utxo.hs: an interval that may begin later",
        .all([.code("OutsideValidityIntervalUTxO"), .words("invalidBefore = SJust")]),
        .code("OutsideForecast")),
      AnswerTable.Rule(
        .trouble, "cardano-submit-api: TxSubmitConnectionError; ouroboros-consensus: era of the node",
        .code("TxSubmitConnectionError"), .code("TxCmdSocketEnvError"), .code("EraMismatch"),
        .code("TxCmdTxSubmitErrorEraMismatch"), "mempool is full", .code("MempoolTxTooSlow")),
      AnswerTable.Rule(
        .refused, "cardano-ledger, Shelley, Alonzo, Babbage, Conway: Rules/Utxo.hs",
        .code("ValueNotConservedUTxO"),
        .code("FeeTooSmallUTxO"), .code("OutputTooSmallUTxO"), .code("BabbageOutputTooSmallUTxO"),
        .code("MaxTxSizeUTxO"), .code("InputSetEmptyUTxO"), .code("WrongNetwork"),
        .code("WrongNetworkInTxBody"),
        .code("WrongNetworkWithdrawal"), .code("OutputTooBigUTxO"), .code("OutputBootAddrAttrsTooBig"),
        .code("ScriptsNotPaidUTxO"), .code("ExUnitsTooBigUTxO"), .code("InsufficientCollateral"),
        .code("NoCollateralInputs"), .code("BabbageNonDisjointRefInputs"), .code("TriesToForgeADA")),
      AnswerTable.Rule(
        .refused, "cardano-ledger, Shelley, Conway: Rules/Utxow.hs", .code("InvalidWitnessesUTXOW"),
        .code("MissingVKeyWitnessesUTXOW"), .code("MissingScriptWitnessesUTXOW"),
        .code("ScriptWitnessNotValidatingUTXOW"), .code("ExtraneousScriptWitnessesUTXOW"),
        .code("MissingTxBodyMetadataHash"), .code("MissingTxMetadata"), .code("ConflictingMetadataHash"),
        .code("InvalidMetadata"), .code("PPViewHashesDontMatch"), .code("MissingRedeemers")),
      AnswerTable.Rule(
        .refused, "cardano-ledger, Conway/Rules/Ledger.hs", .code("ConwayWdrlNotDelegatedToDRep"),
        .code("ConwayTreasuryValueMismatch"), .code("ConwayTxRefScriptsSizeTooBig"),
        .code("WithdrawalsNotInRewardsCERTS"), .code("ConwayWithdrawalsMissingAccounts"),
        .code("ConwayIncompleteWithdrawals")),
      AnswerTable.Rule(
        .refused, "cardano-submit-api: TxSubmitDecodeFail; cardano-binary: DecoderError",
        .code("TxSubmitDecodeFail"),
        .code("TxCmdTxReadError"), .code("DecoderFailure"), .code("DeserialiseFailure"),
        .code("DecoderErrorDeserialiseFailure")),
    ])
    + AnswerTable.nodeTrouble
}
