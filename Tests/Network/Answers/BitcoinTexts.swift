import KMSChains

extension NodeText {
  static let bitcoin: [NodeText] = core + relatives

  private static let core: [NodeText] =
    rows("BTC", .alreadyThere, "bitcoin, util/error.cpp", "Transaction already in block chain", code: -27)
    + rows(
      "BTC", .alreadyThere, "bitcoin, util/error.cpp", "Transaction outputs already in utxo set", code: -27)
    + rows(
      "BTC", .alreadyThere, "bitcoin, validation.cpp", "txn-already-in-mempool", "txn-already-known",
      "txn-same-nonwitness-data-in-mempool", code: -26)
    + rows(
      "BTC", .perhapsThere, "bitcoin, consensus/tx_verify.cpp", "bad-txns-inputs-missingorspent",
      "bad-txns-inputs-missingorspent, CheckTxInputs: inputs missing/spent", code: -25)
    + rows("BTC", .perhapsThere, "bitcoin, rpc/rawtransaction.cpp before 0.19", "Missing inputs", code: -25)
    + rows(
      "BTC", .perhapsThere, "bitcoin, validation.cpp", "txn-mempool-conflict", "258: txn-mempool-conflict",
      code: -26)
    + rows(
      "BTC", .held, "bitcoin, validation.cpp: the pool and the time", "mempool min fee not met, 110 < 1000",
      "mempool full", "too-long-mempool-chain, too many descendants for tx 5d0f [limit: 25]",
      "insufficient fee, rejecting replacement 5d0f; new feerate 0.00001 BTC/kvB <= old feerate 0.00002 BTC/kvB",
      "non-final", "non-BIP68-final",
      "bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 3", code: -26)
    + rows("BTC", .trouble, "bitcoin, rpc/protocol.h: RPC_IN_WARMUP", "Loading block index…", code: -28)
    + rows("BTC", .trouble, "bitcoin, httpserver.cpp", "Work queue depth exceeded")
    + rows(
      "BTC", .refused, "bitcoin, consensus/tx_check.cpp", "bad-txns-vin-empty", "bad-txns-vout-empty",
      "bad-txns-oversize", "bad-txns-vout-negative", "bad-txns-vout-toolarge", "bad-txns-inputs-duplicate",
      "bad-txns-in-belowout, value in (0.1) < value out (0.2)", code: -26)
    + rows(
      "BTC", .refused, "bitcoin, validation.cpp: CheckInputScripts",
      "mandatory-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)",
      "non-mandatory-script-verify-flag (Witness program hash mismatch)",
      "mandatory-script-verify-flag-failed (Signature must be zero for failed CHECK(MULTI)SIG operation)",
      "16: mandatory-script-verify-flag-failed (Operation not valid with the current stack size)",
      "bad-witness-nonstandard", "bad-txns-nonstandard-inputs", code: -26)
    + rows(
      "BTC", .refused, "bitcoin, policy.cpp and the node's settings", "dust", "64: dust", "scriptpubkey",
      "tx-size",
      "version", "tx-size-small", "scriptsig-not-pushonly", "bare-multisig", "min relay fee not met, 0 < 141",
      "66: min relay fee not met", "dust, tx with dust output must be 0-fee", code: -26)
    + rows(
      "BTC", .refused, "bitcoin, util/error.cpp",
      "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)", code: -25)
    + rows("BTC", .refused, "bitcoin, rpc/mempool.cpp", "max-fee-exceeded", "absurdly-high-fee", code: -26)
    + rows(
      "BTC", .refused, "bitcoin, rpc/mempool.cpp",
      "TX decode failed. Make sure the tx has at least one input.", code: -22)
    + rows(
      "BTC", .trouble, "the API and what is between", "connect ETIMEDOUT 10.0.0.1:8332",
      "Request failed with status code 500", "an unconfirmed parent is dusty")

  private static let relatives: [NodeText] =
    rows(
      "LTC", .perhapsThere, "litecoin, consensus/tx_verify.cpp", "bad-txns-inputs-missingorspent", code: -25)
    + rows("LTC", .alreadyThere, "litecoin, validation.cpp", "txn-already-known", code: -26)
    + rows("LTC", .refused, "litecoin, validation.cpp", "min relay fee not met, 100 < 1000", code: -26)
    + rows("DOGE", .perhapsThere, "dogecoin, rpc/rawtransaction.cpp", "Missing inputs", code: -25)
    + rows(
      "DOGE", .alreadyThere, "dogecoin, rpc/rawtransaction.cpp", "transaction already in block chain",
      code: -27)
    + rows("DOGE", .refused, "dogecoin, validation.cpp", "64: dust", "66: min relay fee not met", code: -26)
    + rows("DOGE", .perhapsThere, "dogecoin, validation.cpp", "18: txn-mempool-conflict", code: -26)
    + rows(
      "BCH", .alreadyThere, "BCHN, validation.cpp", "txn-already-in-mempool", "txn-already-known", code: -26)
    + rows(
      "BCH", .perhapsThere, "BCHN, rpc/rawtransaction.cpp", "Missing inputs",
      "bad-txns-inputs-missingorspent", code: -25)
    + rows("BCH", .perhapsThere, "BCHN, validation.cpp", "txn-mempool-conflict (code 18)", code: -26)
    + rows(
      "BCH", .refused, "BCHN, validation.cpp",
      "mandatory-script-verify-flag-failed (Signature must be zero for failed CHECK(MULTI)SIG operation)",
      "bad-txns-undersize", "min relay fee not met", "dust", code: -26)
    + rows(
      "BCH", .held, "BCHN, validation.cpp", "too-long-mempool-chain", "mempool min fee not met", code: -26)
}
