import KMSChains

extension NodeText {
  /// Texts in forms that the tables did not know at first: prefixes, suffixes, numbers, other clients and libraries.
  static let more: [NodeText] = moreEVM + moreBitcoin + moreLedgers

  private static let moreEVM: [NodeText] =
    rows(
      "BSC", .refused, "bnb-chain/bsc, issue 2387; go-ethereum 1.11 to 1.13, core/txpool/validation.go",
      "transaction underpriced: tip needed 3000000000, tip permitted 1000000000", code: -32000)
    + rows(
      "MATIC", .refused, "erigon as a node of Polygon",
      "INTERNAL_ERROR: insufficient funds for gas * price + value", "INTERNAL_ERROR: insufficient funds",
      code: -32000)
    + rows(
      "MATIC", .perhapsThere, "erigon as a node of Polygon", "INTERNAL_ERROR: nonce too low", code: -32000)
    + rows(
      "MATIC", .held, "erigon as a node of Polygon", "INTERNAL_ERROR: could not replace existing tx",
      code: -32000)
    + rows(
      "MATIC", .alreadyThere, "erigon as a node of Polygon", "INTERNAL_ERROR: existing tx with same hash",
      code: -32000)
    + rows(
      "ETH", .refused, "Nethermind, Messages/TxErrorMessages.cs",
      "Invalid, InvalidTxChainId: Expected 1, got 137.",
      "Invalid, InvalidTxSignature: Signature is invalid.", "Invalid, intrinsic gas too low",
      "Invalid, InvalidMaxPriorityFeePerGas: Cannot be higher than maxFeePerGas.", code: -32010)
    + rows(
      "ETH", .refused, "OpenEthereum, errors.rs",
      "Transaction gas is too low. There is not enough gas to cover minimal cost of the transaction (minimal: 21000, got: 20000). Try increasing supplied gas.",
      "Supplied gas is beyond limit.", code: -32010)
    + rows(
      "ETH", .perhapsThere, "ethereumjs-vm, runTx.js",
      "the tx doesn't have the correct nonce. account has nonce of: 5 tx has nonce of: 3")
    + rows(
      "ETH", .perhapsThere, "web3.js: it has a receipt",
      "Transaction has been reverted by the EVM: { \"blockNumber\": 7, \"status\": false }")
    + rows(
      "ETH", .trouble, "web3.js: it was sent",
      "Transaction was not mined within 750 seconds, please make sure your transaction was properly sent. Be aware that it might still be mined!",
      "Failed to check for transaction receipt: {}", "project ID request rate exceeded",
      "daily request count exceeded, request rate limited", "Unauthorized", "execution reverted", "null")
    + rows(
      "ETH", .refused, "go-ethereum, rpc/json.go",
      "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go value of type hexutil.Bytes",
      code: -32602)
    + rows("CELO", .refused, "op-geth of Celo", "gasprice is less than base fee floor", code: -32000)

  private static let moreBitcoin: [NodeText] =
    rows(
      "DOGE", .refused, "dogecoin, validation.cpp: FormatStateMessage", "64: scriptpubkey", "64: version",
      "64: tx-size", "64: bare-multisig", "16: bad-txns-in-belowout", "16: bad-txns-vout-negative", code: -26)
    + rows(
      "DOGE", .held, "dogecoin, validation.cpp", "66: insufficient priority", "66: insufficient fee",
      code: -26)
    + rows("DOGE", .alreadyThere, "dogecoin, validation.cpp", "18: txn-already-in-mempool", code: -26)
    + rows(
      "BCH", .refused, "BCHN, validation.cpp", "scriptpubkey (code 64)", "dust (code 64)",
      "bad-txn-sigchecks (code 16)",
      "bad-txns-token-nonexistent-category (code 16)", "oversize-op-return (code 64)", code: -26)
    + rows(
      "BTC", .held, "bitcoin 28, policy/truc_policy.cpp", "TRUC-violation, tx 5d0f would spend too many",
      code: -26)

  private static let moreLedgers: [NodeText] =
    rows(
      "XRP", .refused, "rippled, TER.cpp: texts of tem, tef and tel", "Malformed: Bad issuer.",
      "Malformed: Quorum is unreachable.", "Invalid fee, negative or not XRP.",
      "The transaction is redundant.",
      "Destination not specified.", "The transaction requires logic that is currently disabled.",
      "Signatures provided do not meet the quorum.", "Master key is disabled.",
      "Account has no appropriate list of multi-signers.",
      "Transactions submitted to this node/network must include a correct NetworkID field.")
    + rows(
      "XRP", .held, "rippled, TER.cpp: texts of tec",
      "Malformed, invalid, or mismatched conditional or fulfillment.")
    + rows("XLM", .outOfTurn, "js-stellar-base: names of result codes", "txBadSeq")
    + rows("XLM", .perhapsThere, "js-stellar-base: names of result codes", "txTooLate")
    + rows(
      "XLM", .held, "js-stellar-base, Horizon", "txInsufficientFee", "txTooEarly", "tx_bad_minseq_age_or_gap")
    + rows(
      "XLM", .refused, "js-stellar-base: names of result codes", "txInsufficientBalance", "txBadAuth",
      "txNoAccount",
      "txMalformed")
    + rows(
      "TRON", .refused, "java-tron, HTTP API: Util.printErrorMsg",
      "class org.tron.core.exception.ContractValidateException : Validate TransferContract error, no OwnerAccount.",
      "class org.tron.core.exception.ValidateSignatureException : miss sig or contract",
      "Validate TransferAssetContract error, assetBalance is not sufficient.")
    + rows(
      "TRON", .perhapsThere, "java-tron",
      "class org.tron.core.exception.TransactionExpirationException : Transaction expiration, transaction expiration time is 1, but headBlockTime is 2"
    )
    + rows(
      "ALGO", .refused, "go-algorand, ledger/apply",
      "TransactionPool.Remember: transaction 5P7F: account ABC has already opted in to app 7",
      "TransactionPool.Remember: transaction 5P7F: only ClearState is supported for an application (7) that does not exist",
      "TransactionPool.Remember: transaction 5P7F: asset 31566704 does not exist or has been deleted",
      "transactionGroup: inconsistent group values: ABC != DEF")
    + rows(
      "VET", .refused, "thor, api/transactions: status 400", "bad tx: rlp: expected input list for tx.body")
}
