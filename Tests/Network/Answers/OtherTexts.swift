import KMSChains

extension NodeText {
  static let others: [NodeText] = tron + vechain + solana + multiversX + cardano + bnb

  private static let tron: [NodeText] =
    rows(
      "TRON", .alreadyThere, "java-tron, Wallet.broadcastTransaction", "DUP_TRANSACTION_ERROR",
      "DUP_TRANSACTION_ERROR : Dup transaction.", "Transaction already exists.")
    + rows(
      "TRON", .perhapsThere, "java-tron: TransactionExpirationException", "TRANSACTION_EXPIRATION_ERROR",
      "Transaction expired")
    + rows("TRON", .held, "java-tron: TaposException", "TAPOS_ERROR", "Tapos check error.")
    + rows(
      "TRON", .trouble, "java-tron: the node's state", "SERVER_BUSY", "Server busy.", "NO_CONNECTION",
      "NOT_ENOUGH_EFFECTIVE_CONNECTION", "Effective connection:0 lt minEffectiveConnection:1",
      "BLOCK_UNSOLIDIFIED",
      "OTHER_ERROR Error: null", "connect ECONNREFUSED 127.0.0.1:8090")
    + rows(
      "TRON", .refused, "java-tron: verdicts", "SIGERROR", "Validate signature error: 1c is signed by TXYZ",
      "CONTRACT_VALIDATE_ERROR",
      "Contract validate error : Validate TransferContract error, balance is not sufficient.",
      "CONTRACT_EXE_ERROR", "Contract execute error : REVERT", "BANDWITH_ERROR",
      "Account resource insufficient error.",
      "TOO_BIG_TRANSACTION_ERROR", "Contract validate error : No contract!")

  private static let vechain: [NodeText] =
    rows("VET", .alreadyThere, "thor, txpool/tx_object.go", "tx rejected: known tx")
    + rows("VET", .perhapsThere, "thor, txpool/tx_object.go", "tx rejected: expired")
    + rows(
      "VET", .held, "thor, txpool", "tx rejected: block ref out of schedule",
      "tx rejected: tx is not executable",
      "tx rejected: account quota exceeded", "tx rejected: insufficient energy for overall pending cost",
      "tx rejected: gas price is less than block base fee")
    + rows(
      "VET", .trouble, "thor, txpool", "tx rejected: pool is full",
      "tx rejected: non executable pool is full",
      "timeout of 30000ms exceeded", "tx rejected: something that nobody wrote down", "unknown tx")
    + rows(
      "VET", .refused, "thor, runtime/resolved_tx.go", "bad tx: chain tag mismatch",
      "bad tx: intrinsic gas exceeds provided gas", "bad tx: invalid signature length",
      "bad tx: unsupported features",
      "tx rejected: insufficient energy", "tx rejected: tx gas exceeds block gas limit",
      "tx rejected: dep reverted",
      "tx rejected: size too large", "bad tx: clause with negative value",
      "bad tx: transaction type not supported")

  private static let solana: [NodeText] =
    rows(
      "SOL", .alreadyThere, "solana-transaction-error: AlreadyProcessed",
      "Transaction simulation failed: This transaction has already been processed", code: -32002)
    + rows(
      "SOL", .held, "solana-transaction-error", "Transaction simulation failed: Blockhash not found",
      "Transaction simulation failed: Transaction would exceed max Block Cost Limit",
      "Transaction simulation failed: Account in use", code: -32002)
    + rows("SOL", .trouble, "agave, custom_error.rs", "Node is behind by 200 slots", code: -32005)
    + rows("SOL", .trouble, "agave, custom_error.rs", "Node is unhealthy", code: -32005)
    + rows(
      "SOL", .trouble, "agave, custom_error.rs", "Minimum context slot has not been reached", code: -32016)
    + rows("SOL", .trouble, "JSON-RPC 2.0", "Internal error", code: -32603)
    + rows(
      "SOL", .refused, "agave, custom_error.rs; solana-transaction-error",
      "Transaction simulation failed: Attempt to debit an account but found no record of a prior credit.",
      "Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1",
      "Transaction simulation failed: Insufficient funds for fee",
      "Transaction simulation failed: Transaction results in an account (1) with insufficient funds for rent",
      "Transaction simulation failed: Transaction locked too many accounts", code: -32002)
    + rows(
      "SOL", .refused, "agave, custom_error.rs", "Transaction signature verification failure", code: -32003)
    + rows(
      "SOL", .refused, "agave, custom_error.rs", "Transaction precompile verification failure", code: -32006)
    + rows("SOL", .refused, "agave, custom_error.rs", "Transaction signature length mismatch", code: -32013)
    + rows(
      "SOL", .refused, "agave, custom_error.rs", "Transaction version (0) is not supported", code: -32015)
    + rows(
      "SOL", .refused, "agave, rpc.rs: decode_and_deserialize",
      "base64 encoded solana_transaction too large: 2000 bytes (max: encoded/raw 1644/1232)", code: -32602)

  private static let multiversX: [NodeText] =
    rows(
      "EGLD", .perhapsThere, "mx-chain-go, txValidator.go",
      "transaction generation failed: invalid transaction lowerNonceInTx: true, veryHighNonceInTx: false")
    + rows(
      "EGLD", .held, "mx-chain-go, txValidator.go",
      "transaction generation failed: invalid transaction lowerNonceInTx: false, veryHighNonceInTx: true")
    + rows(
      "EGLD", .trouble, "mx-chain-go and what is between", "system busy",
      "Request failed with status code 500",
      "Error: connect ECONNREFUSED 10.0.0.1:8080")
    + rows(
      "EGLD", .refused, "mx-chain-go, process/errors.go",
      "transaction generation failed: insufficient funds, for address: erd1, wanted 50000000000000, have 0",
      "transaction generation failed: insufficient gas limit in tx",
      "transaction generation failed: insufficient gas price in tx",
      "transaction generation failed: invalid chain ID",
      "transaction generation failed: ed25519: invalid signature",
      "transaction generation failed: account not found for address erd1 and shard 1, err: account was not found",
      "transaction generation failed: invalid transaction version")

  private static let cardano: [NodeText] =
    rows(
      "ADA", .perhapsThere, "cardano-ledger, Conway/Rules/Mempool.hs",
      #"ConwayMempoolFailure "All inputs are spent. Transaction has probably already been included""#,
      "AllInputsAreSpent")
    + rows(
      "ADA", .perhapsThere, "cardano-ledger, Shelley/Rules/Utxo.hs: spent inputs break other rules, too",
      #"ShelleyTxValidationError ShelleyBasedEraConway (ApplyTxError (ConwayUtxowFailure (UtxoFailure (ValueNotConservedUTxO (Mismatch {mismatchSupplied = MaryValue (Coin 0)}))) :| [ConwayUtxowFailure (UtxoFailure (BadInputsUTxO (fromList [TxIn])))]))"#
    )
    + rows(
      "ADA", .perhapsThere, "cardano-ledger, Allegra/Rules/Utxo.hs",
      "UtxoFailure (OutsideValidityIntervalUTxO (ValidityInterval {invalidBefore = SNothing, invalidHereafter = SJust (SlotNo 100)}) (SlotNo 200))",
      "ExpiredUTxO (Mismatch {mismatchSupplied = SlotNo 1, mismatchExpected = SlotNo 2})")
    + rows(
      "ADA", .held, "cardano-ledger, Allegra/Rules/Utxo.hs",
      "OutsideValidityIntervalUTxO (ValidityInterval {invalidBefore = SJust (SlotNo 300), invalidHereafter = SNothing}) (SlotNo 200)"
    )
    + rows(
      "ADA", .trouble, "cardano-submit-api", "TxSubmitConnectionError", "TxCmdTxSubmitErrorEraMismatch",
      "connect ECONNREFUSED")
    + rows(
      "ADA", .refused, "cardano-ledger, Rules/Utxo.hs, Utxow.hs",
      "UtxoFailure (FeeTooSmallUTxO (Mismatch {mismatchSupplied = Coin 1, mismatchExpected = Coin 165413}))",
      "UtxoFailure (ValueNotConservedUTxO (MaryValue (Coin 1)) (MaryValue (Coin 2)))",
      "UtxoFailure (BabbageOutputTooSmallUTxO [(TxOut, Coin 969750)])", "UtxoFailure InputSetEmptyUTxO",
      "UtxoFailure (MaxTxSizeUTxO 20000 16384)", "UtxoFailure (WrongNetwork Mainnet (fromList []))",
      "InvalidWitnessesUTXOW [VKey]", "MissingVKeyWitnessesUTXOW (fromList [KeyHash])",
      "MissingScriptWitnessesUTXOW (fromList [])", "OutputTooBigUTxO [(5001,5000,TxOut)]",
      "TxSubmitDecodeFail (DecoderErrorDeserialiseFailure \"Shelley Tx\" (DeserialiseFailure 1 \"end of input\"))",
      "ConwayWdrlNotDelegatedToDRep (KeyHash)")

  private static let bnb: [NodeText] =
    rows("BNB", .alreadyThere, "tendermint, mempool: ErrTxInCache", "Tx already exists in cache")
    + rows(
      "BNB", .perhapsThere, "bnb-chain/node, common/tx/ante.go", "Invalid sequence. Got 4, expected 5",
      #"{"codespace":1,"code":3,"message":"Invalid sequence. Got 4, expected 5"}"#)
    + rows("BNB", .held, "bnb-chain/node, common/tx/ante.go", "Invalid sequence. Got 6, expected 5")
    + rows(
      "BNB", .trouble, "tendermint, mempool", "mempool is full: number of txs 5000 (max: 5000)",
      "Invalid sequence.")
    + rows(
      "BNB", .refused, "bnb-chain/node, common/tx/ante.go", "signature verification failed",
      "Unable to broadcast BNB transaction, bad signature.", "Invalid account number. Got 1, expected 2",
      "PubKey of account does not match PubKey of signature", "insufficient fund: 10BNB < 20BNB",
      "do not have enough token to freeze")
}
