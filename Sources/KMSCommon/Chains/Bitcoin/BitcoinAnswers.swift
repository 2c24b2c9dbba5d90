/// What Bitcoin Core, Litecoin Core, Dogecoin Core and BCHN say to a submitted transaction.
///
/// Inputs that are "missing or spent" are spent by this very transaction, by another one, or come from one that this node has
/// not seen. What depends on other transactions in the pool, or on time, may get in later.
enum BitcoinAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "bitcoin, validation.cpp: PreChecks; util/error.cpp: TransactionErrorString",
        "txn-already-in-mempool", "txn-already-known", "txn-same-nonwitness-data-in-mempool",
        "transaction already in block chain", "Transaction outputs already in utxo set",
        "transaction already in mempool"),
      AnswerTable.Rule(
        .perhapsThere, "bitcoin, consensus/tx_verify.cpp; util/error.cpp", "bad-txns-inputs-missingorspent",
        "bad-txns-inputs-spent", "missing inputs", .code("missing-inputs"), "missingorspent"),
      AnswerTable.Rule(
        .perhapsThere, "bitcoin, validation.cpp: another transaction in the pool spends the same coins",
        "txn-mempool-conflict"),
      AnswerTable.Rule(
        .held, "bitcoin, validation.cpp, policy/rbf.cpp: what others in the pool pay",
        "mempool min fee not met",
        "mempool full", "insufficient fee, rejecting replacement", "insufficient fee",
        "too-long-mempool-chain",
        "too many potential replacements", "replacement-adds-unconfirmed", "bad-txns-spends-conflicting-tx",
        "rate limited free transaction", "insufficient priority",
        "too-large-cluster", "TRUC-violation", "missing-ephemeral-spends", "replacement-failed"),
      AnswerTable.Rule(
        .held, "bitcoin, validation.cpp, consensus/tx_verify.cpp: time", .code("non-final"),
        "bad-txns-nonfinal", "non-BIP68-final", "bad-txns-premature-spend-of-coinbase"),
      AnswerTable.Rule(
        .trouble, "bitcoin, rpc/protocol.h: warming up, no peers", .number(-28), .number(-9), .number(-10),
        "Loading block index", "Verifying blocks", "Rescanning", "Bitcoin is not connected",
        "Work queue depth exceeded"),
    ])
    + AnswerTable(final) + AnswerTable.nodeTrouble

  /// The same bytes break the same rule whenever they are sent.
  private static let final: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .refused, "bitcoin, consensus/tx_check.cpp", "bad-txns-vin-empty", "bad-txns-vout-empty",
      "bad-txns-oversize",
      "bad-txns-undersize", "bad-txns-vout-negative", "bad-txns-vout-toolarge",
      "bad-txns-txouttotal-toolarge",
      "bad-txns-inputs-duplicate", "bad-cb-length", "bad-txns-prevout-null"),
    AnswerTable.Rule(
      .refused, "bitcoin, consensus/tx_verify.cpp", "bad-txns-in-belowout", "bad-txns-inputvalues-outofrange",
      "bad-txns-fee-outofrange", "bad-txns-fee-negative", "bad-txns-too-many-sigops"),
    AnswerTable.Rule(
      .refused, "BCHN, consensus/tx_verify.cpp, consensus/tokens.cpp", "bad-txn-sigchecks",
      "bad-txns-input-sigchecks", "bad-txns-token", "txn-token"),
    AnswerTable.Rule(
      .refused, "bitcoin, validation.cpp: CheckInputScripts", "mandatory-script-verify-flag-failed",
      "mempool-script-verify-flag-failed",
      "block-script-verify-flag-failed",
      "non-mandatory-script-verify-flag", "bad-witness-nonstandard", "bad-txns-nonstandard-inputs",
      "no-witness-yet", "upgrade-conditional-script-failure"),
    AnswerTable.Rule(
      .refused, "bitcoin, policy/policy.cpp: IsStandardTx; validation.cpp: minimum of the node's settings",
      .whole("dust"), "dust, tx with dust output must be 0-fee",
      .whole("version"), .whole("tx-size"), "tx-size-small", "scriptsig-size", "scriptsig-not-pushonly",
      .whole("scriptpubkey"), "bare-multisig", "multi-op-return", "oversize-op-return",
      "min relay fee not met", .whole("coinbase"),
      "datacarrier"),
    AnswerTable.Rule(
      .refused, "bitcoin, util/error.cpp, rpc/mempool.cpp: limits of the node's settings",
      "Fee exceeds maximum configured by user", "max-fee-exceeded", "absurdly-high-fee",
      "Unspendable output exceeds maximum configured by user", "TX decode failed"),
  ]
}
