import KMSChains

extension NodeText {
  static let ledgers: [NodeText] = xrp + stellar + algorand + flow

  private static let xrp: [NodeText] =
    rows(
      "XRP", .alreadyThere, "rippled: tefALREADY", "tefALREADY",
      "tefALREADY: The exact transaction was already in this ledger.",
      "The exact transaction was already in this ledger.")
    + rows(
      "XRP", .perhapsThere, "rippled, TER.cpp", "tefPAST_SEQ", "This sequence number has already passed.",
      "tefNO_TICKET",
      "tefMAX_LEDGER", "Ledger sequence too high.", "tefWRONG_PRIOR")
    + rows(
      "XRP", .held, "rippled, TER.h: ter", "terQUEUED", "Held until escalated fee drops.", "terPRE_SEQ",
      "Missing/inapplicable prior transaction.", "terRETRY", "terINSUF_FEE_B", "terNO_ACCOUNT",
      "The source account does not exist.", "terNO_AUTH", "terNO_LINE", "terOWNERS", "terPRE_TICKET",
      "terLAST",
      "terNO_RIPPLE", "terNO_AMM")
    + rows(
      "XRP", .held, "rippled, TER.h: tec is provisional",
      "tecUNFUNDED_PAYMENT: Insufficient XRP balance to send.",
      "tecNO_DST_INSUF_XRP", "tecPATH_DRY", "tecDUPLICATE", "tecNO_DST", "tecDST_TAG_NEEDED", "tecCLAIM")
    + rows(
      "XRP", .held, "rippled, TER.cpp: load", "telINSUF_FEE_P", "telCAN_NOT_QUEUE", "telCAN_NOT_QUEUE_FULL",
      "telCAN_NOT_QUEUE_FEE", "Can not queue at this time: queue is full.")
    + rows(
      "XRP", .trouble, "rippled, TER.cpp, ErrorCodes.cpp", "telLOCAL_ERROR", "tefFAILURE", "tefINTERNAL",
      "tefEXCEPTION", "noNetwork", "tooBusy", "noCurrent", "slowDown", "amendmentBlocked",
      "You are placing too much load on the server.")
    + rows(
      "XRP", .refused, "rippled, TER.h: tem", "temMALFORMED", "temBAD_FEE", "temBAD_SIGNATURE",
      "temBAD_AMOUNT",
      "temREDUNDANT", "temDISABLED", "temINVALID_FLAG: The transaction has an invalid flag.",
      "Malformed: Bad signature.", "temBAD_SEQUENCE", "temDST_IS_SRC")
    + rows(
      "XRP", .refused, "rippled, TER.cpp: tef, tel", "tefBAD_AUTH", "tefBAD_AUTH_MASTER",
      "tefMASTER_DISABLED",
      "tefBAD_SIGNATURE", "tefBAD_QUORUM", "telWRONG_NETWORK", "telREQUIRES_NETWORK_ID", "telNO_DST_PARTIAL",
      "Transaction's public key is not authorized.")
    + rows(
      "XRP", .refused, "rippled, Submit.cpp", "invalidTransaction", "fails local checks: Invalid signature.")
    + rows(
      "XRP", .trouble, "no result code", "technical difficulties", "Disconnected", "bitterness",
      "Duplicate field detected")

  private static let stellar: [NodeText] =
    rows(
      "XLM", .alreadyThere, "stellar-core: TransactionQueue", #"{"tx_status":"DUPLICATE"}"#,
      "tx_status: DUPLICATE")
    + rows("XLM", .outOfTurn, "Horizon: codes", "tx_bad_seq", "txBAD_SEQ")
    + rows("XLM", .perhapsThere, "Horizon: codes", "tx_too_late", "txTOO_LATE")
    + rows(
      "XLM", .held, "Horizon: codes", "tx_too_early", "tx_insufficient_fee", "tx_bad_min_seq_age_or_gap",
      "tx_status: TRY_AGAIN_LATER")
    + rows(
      "XLM", .trouble, "Horizon", "tx_internal_error", "timeout of 30000ms exceeded",
      "Request failed with status code 400",
      "Request failed with status code 504", "Stale History")
    + rows(
      "XLM", .refused, "Horizon: codes", "tx_failed", "tx_failed op_underfunded", "tx_bad_auth",
      "tx_bad_auth_extra",
      "tx_insufficient_balance", "tx_no_source_account", "tx_missing_operation", "tx_malformed",
      "tx_not_supported",
      "tx_bad_sponsorship", "tx_fee_bump_inner_failed", "tx_soroban_invalid", "txBAD_AUTH",
      "Transaction Malformed: Horizon could not decode the transaction envelope in this request.")

  private static let algorand: [NodeText] =
    rows(
      "ALGO", .alreadyThere, "go-algorand, ledgercore/error.go",
      "TransactionPool.Remember: transaction already in ledger: 5P7FMB6PQYWRMQ6C2VU3C4CCJXWOV24BCAHH4HXF7DIJZNAHVYXA"
    )
    + rows(
      "ALGO", .perhapsThere, "go-algorand, data/bookkeeping/block.go: past the last round",
      "TransactionPool.Remember: txn dead: round 1200 outside of 100--1100")
    + rows(
      "ALGO", .held, "go-algorand, data/bookkeeping/block.go: before the first round",
      "TransactionPool.Remember: txn dead: round 99 outside of 100--1100")
    + rows(
      "ALGO", .perhapsThere, "go-algorand, ledgercore/error.go",
      "TransactionPool.Remember: transaction 5P7F using an overlapping lease (sender, lease):(ABC, 00)")
    + rows(
      "ALGO", .held, "go-algorand, data/pools/errors.go",
      "fee 1000 below threshold 2500 (10 per byte * 250 bytes)")
    + rows(
      "ALGO", .trouble, "go-algorand, data/pools, daemon/algod",
      "TransactionPool.checkPendingQueueSize: transaction pool has reached capacity",
      "operation not available during catchup", "txn dead")
    + rows(
      "ALGO", .refused, "go-algorand",
      "TransactionPool.Remember: transaction 5P7F: overspend (account ABC, data {}, tried to spend {1000})",
      "TransactionPool.Remember: transaction 5P7F: account ABC balance 99000 below min 100000 (0 assets)",
      "TransactionPool.Remember: transaction 5P7F: receiver error: must optin, asset 31566704 missing from ABC",
      "TransactionPool.Remember: transaction 5P7F: underflow on subtracting 10 from sender amount 5",
      "TransactionPool.Remember: txgroup had 0 in fees, which is less than the minimum 1 * 1000",
      "transaction 5P7F: should have been authorized by ABC but was actually authorized by DEF",
      "transaction {} invalid : At least one signature didn't pass verification", "signedtxn has no sig",
      "transaction note too big: 1025 > 1024", "transaction 5P7F: rejected by logic",
      "tx.GenesisID <testnet-v1.0> does not match expected <mainnet-v1.0>",
      "msgpack decode error [pos 1]: no matching")

  private static let flow: [NodeText] =
    rows(
      "FLOW", .perhapsThere, "flow-go, fvm/errors/codes.go",
      "[Error Code: 1007] invalid proposal key: public key 3 on account 955c does not have a valid signature",
      "invalid transaction: transaction is expired: ref_height=100 final_height=800",
      "[Error Code: 1003] transaction expired")
    + rows("FLOW", .held, "flow-go, access/validator", "invalid transaction: unknown reference block")
    + rows(
      "FLOW", .trouble, "flow-go", "transaction rate limited for payer (955cd3f17b2fd8ad)",
      "[Error Code: 2000] unknown failure", "[Error Code: 2002] ledger returns unsuccessful")
    + rows(
      "FLOW", .refused, "flow-go, access/validator/errors.go",
      "invalid transaction: transaction is missing required fields: [script]",
      "invalid transaction: failed to parse transaction Cadence script: unexpected token",
      "invalid transaction: transaction gas limit (0) is not in the acceptable range (min: 1, max: 9999)",
      "invalid transaction: duplicated signature for key (address: 955c, index: 0)",
      "invalid transaction: payer signature: missing signature is from account 955c",
      "transaction payer (955c) has insufficient balance to pay transaction fee. Required balance: (1)")
    + rows(
      "FLOW", .refused, "flow-go, fvm/errors/codes.go",
      "[Error Code: 1006] invalid proposal key signature", "[Error Code: 1009] invalid envelope key",
      "[Error Code: 1101] cadence runtime error: Execution failed",
      "[Error Code: 1118] payer has insufficient balance",
      "[Error Code: 1201] account not found")
}
