/// What the node software of EVM networks says to a submitted transaction.
///
/// A nonce that is "too low" was used: by this very transaction, or by another one of the sender. What the pool refuses for
/// now (a gap before it, a full pool, a price below what others pay today) may get in with the same bytes later.
enum EVMAnswers {
  static let table =
    AnswerTable(goEthereum + erigon + nethermind + openEthereum + besu + networks) + AnswerTable.nodeTrouble

  private static let goEthereum: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .alreadyThere, "go-ethereum, core/txpool/errors.go: ErrAlreadyKnown; core/tx_pool.go before 1.9.20",
      "already known", "known transaction"),
    AnswerTable.Rule(
      .perhapsThere, "go-ethereum, core/error.go: ErrNonceTooLow", "nonce too low"),
    AnswerTable.Rule(
      .held, "go-ethereum, core/error.go, core/txpool: errors of the pool's present state", "nonce too high",
      "gapped-nonce tx from delegated accounts", "in-flight transaction limit reached for delegated accounts",
      "replacement transaction underpriced", "future transaction tries to replace pending",
      "account limit exceeded",
      "address already reserved", "authority already reserved", "max fee per gas less than block base fee",
      "fee cap less than base fee", .whole("transaction underpriced"),
      .all(["insufficient funds for gas * price + value", "queued cost"])),
    AnswerTable.Rule(
      .trouble, "go-ethereum, core/txpool/legacypool: ErrTxPoolOverflow", "txpool is full",
      "gas limit reached"),
    AnswerTable.Rule(
      .refused,
      "go-ethereum, core/txpool/validation.go: ErrUnderpriced, ErrTxGasPriceTooLow against the node's minimum",
      .all(["transaction underpriced", "minimum needed"]), .all(["transaction underpriced", "tip needed"]),
      "transaction gas price below minimum"),
    AnswerTable.Rule(
      .refused, "go-ethereum, core/error.go", "insufficient funds for gas * price + value",
      "insufficient funds for transfer", "intrinsic gas too low", "insufficient gas for floor data gas cost",
      "gas uint64 overflow", "gas limit overflow", "nonce has max value",
      "max priority fee per gas higher than max fee per gas", "max priority fee per gas higher than 2^256-1",
      "max fee per gas higher than 2^256-1", "sender not an eoa", "max initcode size exceeded",
      "transaction gas limit too high", "transaction gas limit exceeds",
      "insufficient funds to cover witness access costs"),
    AnswerTable.Rule(
      .refused, "go-ethereum, core/txpool/errors.go", "invalid sender", "exceeds block gas limit",
      "negative value",
      "oversized data"),
    AnswerTable.Rule(
      .refused, "go-ethereum, core/types/transaction.go, transaction_signing.go",
      "invalid transaction v, r, s values",
      "transaction type not supported", "typed transaction too short", "invalid chain id for signer",
      "transaction type does not supported EIP-155 protected signatures",
      "bigint overflow, too large for uint256"),
    AnswerTable.Rule(
      .refused, "go-ethereum, internal/ethapi/api.go: SubmitTransaction",
      "only replay-protected (EIP-155) transactions allowed over RPC", "exceeds the configured cap"),
    AnswerTable.Rule(
      .refused, "go-ethereum, rlp/decode.go", "rlp: expected", "rlp: non-canonical",
      "rlp: value size exceeds",
      "rlp: element is larger", "rlp: input contains more than one value", "rlp: input string too",
      "rlp: too few elements", "rlp: input list has too many elements", "rlp: value too large"),
  ]

  private static let erigon: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .alreadyThere, "erigon, txpoolcfg.go: DuplicateHash", "existing txn with same hash",
      "existing tx with same hash"),
    AnswerTable.Rule(.perhapsThere, "erigon, txpoolcfg.go: Mined", .whole("mined")),
    AnswerTable.Rule(
      .held, "erigon, txpoolcfg.go: NotReplaced, FeeTooLow, UnderPriced", "could not replace existing tx",
      .whole("fee too low"), .whole("underpriced"), "EIP-7702 transaction with authority already reserved"),
    AnswerTable.Rule(
      .trouble, "erigon, txpoolcfg.go: pools and limits", "sub-pool is full", .whole("spammer"),
      .whole("not set")),
    AnswerTable.Rule(
      .refused, "erigon, txpoolcfg.go", .whole("insufficient funds"), .code("GasUintOverflow"),
      .code("IntrinsicGas"),
      .code("RLPTooLong"), "initcode too large", "gas limit is too high"),
  ]

  private static let nethermind: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .alreadyThere, "Nethermind, AcceptTxResult.cs: AlreadyKnown", .code("AlreadyKnown"), "already in pool",
      "already in the pool"),
    AnswerTable.Rule(
      .perhapsThere, "Nethermind, AcceptTxResult.cs: OldNonce", .code("OldNonce"), "Current nonce: "),
    AnswerTable.Rule(
      .held, "Nethermind, AcceptTxResult.cs: what others in the pool do", .code("NonceGap"),
      .code("NonceTooFarInFuture"), .code("FeeTooLow"), .code("FeeTooLowToCompete"),
      .code("ReplacementNotAllowed"),
      .code("PendingTxsOfConflictingType"), .code("PendingTxsOfOtherType"), .code("DelegatorHasPendingTx"),
      .code("NotCurrentNonceForDelegation")),
    AnswerTable.Rule(.trouble, "Nethermind, AcceptTxResult.cs: Syncing", .code("Syncing"), "syncing"),
    AnswerTable.Rule(
      .refused, "Nethermind, AcceptTxResult.cs", .code("FailedToResolveSender"), .code("GasLimitExceeded"),
      .code("InsufficientFunds"), .code("Int256Overflow"), .code("SenderIsContract"),
      .code("NotSupportedTxType"),
      .code("MaxTxSizeExceeded"), .code("InvalidTxSignature"), .all([.code("Invalid"), "not well formed"]),
      "failed to recover sender"),
    AnswerTable.Rule(
      .refused, "Nethermind, AcceptTxResult.cs: Invalid; Messages/TxErrorMessages.cs",
      .says { $0.hasPrefix("Invalid, ") }, .code("InvalidTxChainId"), .code("InvalidTxType"),
      .code("InvalidMaxPriorityFeePerGas"), .code("IntrinsicGasTooLow"), .code("ContractSizeTooBig"),
      "gas below floor data cost"),
  ]

  private static let openEthereum: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .alreadyThere, "OpenEthereum, rpc/src/v1/helpers/errors.rs: transaction_message",
      "Transaction with the same hash was already imported", "already imported"),
    AnswerTable.Rule(
      .perhapsThere, "OpenEthereum, errors.rs: transaction_message", "Transaction nonce is too low"),
    AnswerTable.Rule(
      .held, "OpenEthereum, errors.rs: transaction_message",
      "There is another transaction with same nonce in the queue",
      "There are too many transactions in the queue", "It does not satisfy your node's minimal gas price"),
    AnswerTable.Rule(
      .refused, "OpenEthereum, errors.rs: transaction_message",
      "does not have enough funds", "Transaction cost exceeds current gas limit",
      "There is not enough gas to cover minimal cost of the transaction", "Supplied gas is beyond limit",
      "Invalid RLP data",
      "Sender is banned in local queue",
      "Recipient is banned in local queue", "Code is banned in local queue", "Invalid signature:"),
  ]

  private static let besu: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .held, "Besu, RpcErrorType.java", "Gas price below current base fee",
      "distance from current sender nonce",
      "lower nonce was rejected", "An invalid transaction with a lower nonce exists"),
    AnswerTable.Rule(
      .trouble, "Besu, RpcErrorType.java", "Initial sync is still in progress", "World state unavailable",
      "Transaction pool not enabled"),
    AnswerTable.Rule(
      .refused, "Besu, RpcErrorType.java", .all([.number(-32002), .whole("Invalid signature")]),
      .whole("Invalid signature"), "Invalid transaction type", "Intrinsic gas exceeds gas limit",
      "Upfront cost exceeds account balance", "Transaction gas limit exceeds block gas limit",
      "Transaction gas limit cap exceeded", "Sender account not authorized to send transactions",
      "Gas price below configured minimum gas price", .whole("Wrong chainId"),
      .whole("ChainId not supported"),
      .whole("ChainId is required"), "Transaction fee cap exceeded",
      "Max priority fee per gas exceeds max fee per gas"),
  ]

  private static let networks: [AnswerTable.Rule] = [
    AnswerTable.Rule(
      .perhapsThere, "ethereumjs-vm, runTx.js; hardhat, TxPool.ts: a nonce that was used, or is not yet due",
      "the tx doesn't have the correct nonce", "Expected nonce to be"),
    AnswerTable.Rule(
      .perhapsThere, "web3.js, web3-core-method: it has a receipt",
      "Transaction has been reverted by the EVM",
      "Transaction ran out of gas. Please provide more gas"),
    AnswerTable.Rule(
      .trouble, "web3.js, web3-core-method: it was sent, and no receipt came in time",
      "Transaction was not mined within", "Failed to check for transaction receipt"),
    AnswerTable.Rule(
      .refused, "JSON-RPC 2.0: invalid params; go-ethereum, rpc/json.go: what is no transaction",
      .all([.number(-32602), "invalid argument"])),
    AnswerTable.Rule(.refused, "bsc, core/txpool/errors.go: ErrInBlackList", "sender or to in black list"),
    AnswerTable.Rule(
      .refused, "XDPoSChain, core/txpool/txpool.go", "under min gas price", "zero gas price",
      "reject transaction with sender in black-list", "reject transaction with receiver in black-list",
      "smart contract creation cost is under allowance"),
    AnswerTable.Rule(
      .held, "celo-blockchain, core/error.go: ErrGasPriceDoesNotExceedMinimum",
      .whole("gasprice is less than gas price minimum")),
    AnswerTable.Rule(
      .refused, "celo-blockchain, core/error.go; op-geth of Celo, core/celo_state_transition.go",
      "gasprice is less than gas price minimum floor", "less than base fee floor",
      "non-whitelisted fee currency address",
      "unregistered fee-currency address", "insufficient funds for gas * price + value + gatewayFee",
      "replay protection is required", "gateway fee is deprecated",
      "support for eth-compatible transactions is not enabled"),
    AnswerTable.Rule(
      .held, "kaia, blockchain/error.go", "there is another tx which has the same nonce in the tx pool",
      "It must be set to value greater than or equal to baseFee"),
    AnswerTable.Rule(
      .refused, "kaia, blockchain/error.go", "invalid unit price", .whole("invalid chain id"),
      "insufficient funds of the sender for value", "insufficient funds of the fee payer for gas * price",
      "tx gas limit exceeds the upper limit", "invalid fee payer",
      "invalid gas fee cap. It must be set to the same value as gas unit price",
      "invalid gas tip cap. It must be set to the same value as gas unit price"),
    AnswerTable.Rule(
      .refused, "harmony, core/tx_pool.go", "invalid shard", "address of transaction in blacklist",
      "transaction allowed whitelist check failed"),
  ]
}
