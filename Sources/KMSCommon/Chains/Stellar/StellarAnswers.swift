/// What Horizon and stellar-core say to a submitted transaction: transaction result codes (Horizon, internal/codes; XDR
/// TransactionResultCode) and submission states.
///
/// `tx_failed` means that a ledger has the transaction and its operations failed there: the fee is paid, the sequence number
/// used, nothing was moved, and it can't be applied again.
enum StellarAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "stellar-core, TransactionQueue: ADD_STATUS_DUPLICATE", #"tx_status":"DUPLICATE""#,
        "tx_status: DUPLICATE", .whole("DUPLICATE"), .code("ADD_STATUS_DUPLICATE")),
      AnswerTable.Rule(
        .outOfTurn, "Horizon, codes: not the next sequence number; stellar-core does not tell which way",
        .code("tx_bad_seq"), .code("txBAD_SEQ"), .code("txBadSeq"),
        .code("TransactionResultCodeTxBadSeq")),
      AnswerTable.Rule(
        .perhapsThere, "Horizon, codes: past its time bounds", .code("tx_too_late"), .code("txTOO_LATE"),
        .code("txTooLate"), .code("TransactionResultCodeTxTooLate")),
      AnswerTable.Rule(
        .held, "Horizon, codes: before its time, or a fee below what others pay now", .code("tx_too_early"),
        .code("txTOO_EARLY"), .code("txTooEarly"), .code("txBadMinSeqAgeOrGap"), .code("txInsufficientFee"),
        .code("tx_bad_minseq_age_or_gap"), .code("tx_bad_min_seq_age_or_gap"),
        .code("txBAD_MIN_SEQ_AGE_OR_GAP"),
        .code("tx_insufficient_fee"), .code("txINSUFFICIENT_FEE")),
      AnswerTable.Rule(
        .held, "stellar-core, TransactionQueue: TRY_AGAIN_LATER", #"tx_status":"TRY_AGAIN_LATER""#,
        "tx_status: TRY_AGAIN_LATER", .code("TRY_AGAIN_LATER"), .code("ADD_STATUS_TRY_AGAIN_LATER")),
      AnswerTable.Rule(
        .trouble, "Horizon, problem types; stellar-core: txINTERNAL_ERROR", .code("tx_internal_error"),
        .code("txINTERNAL_ERROR"), .code("txInternalError"), "Stale History", "stale_history",
        "transaction_submission_timeout",
        "History DB Is Too Stale", "Still Ingesting", "Over Capacity"),
      AnswerTable.Rule(
        .refused, "Horizon, codes; XDR: TransactionResultCode", .code("tx_failed"), .code("txFAILED"),
        .code("tx_missing_operation"), .code("txMISSING_OPERATION"), .code("tx_bad_auth"),
        .code("txBAD_AUTH"),
        .code("tx_bad_auth_extra"), .code("txBAD_AUTH_EXTRA"), .code("tx_insufficient_balance"),
        .code("txINSUFFICIENT_BALANCE"), .code("tx_no_source_account"), .code("tx_no_account"),
        .code("txNO_ACCOUNT"), .code("tx_not_supported"), .code("txNOT_SUPPORTED"),
        .code("tx_fee_bump_inner_failed"), .code("txFEE_BUMP_INNER_FAILED"), .code("tx_bad_sponsorship"),
        .code("txBAD_SPONSORSHIP"), .code("tx_malformed"), .code("txMALFORMED"), .code("tx_soroban_invalid"),
        .code("txSOROBAN_INVALID")),
      AnswerTable.Rule(
        .refused, "js-stellar-base, generated XDR: TransactionResultCode", .code("txFailed"),
        .code("txMissingOperation"), .code("txBadAuth"), .code("txBadAuthExtra"),
        .code("txInsufficientBalance"),
        .code("txNoAccount"), .code("txNotSupported"), .code("txFeeBumpInnerFailed"),
        .code("txBadSponsorship"),
        .code("txMalformed"), .code("txSorobanInvalid")),
      AnswerTable.Rule(
        .refused, "Horizon, actions: submit_transaction", "transaction_malformed", "Transaction Malformed",
        "Horizon could not decode the transaction envelope"),
      AnswerTable.Rule(.accepted, "Horizon, codes", .code("tx_success"), .code("txSUCCESS")),
    ])
    + AnswerTable.nodeTrouble
}
