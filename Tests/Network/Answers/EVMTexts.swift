import KMSChains

extension NodeText {
  static let evm: [NodeText] = geth + otherClients + networks + flare

  private static let geth: [NodeText] =
    rows(
      "ETH", .alreadyThere, "go-ethereum: ErrAlreadyKnown", "already known", "ALREADY KNOWN",
      "known transaction: 5d0f1d9b5a4b1f1d6a1bd1c4a37c2ec1c1d5ac8ee4f2a2dc1c4f6a6e3b2f7d10", code: -32000)
    + rows(
      "ETH", .perhapsThere, "go-ethereum: ErrNonceTooLow", "nonce too low",
      "nonce too low: next nonce 5, tx nonce 4",
      "nonce too low: address 0x8cB76aEd9C5e336ef961265c6079C14e9cD3D2eA, tx: 4 state: 5", code: -32000)
    + rows(
      "ETH", .held, "go-ethereum: the pool's present state", "nonce too high: tx nonce 9, gapped nonce 7",
      "replacement transaction underpriced", "transaction underpriced",
      "future transaction tries to replace pending", "account limit exceeded: pooled 16 txs",
      "address already reserved", "authority already reserved",
      "in-flight transaction limit reached for delegated accounts", "gapped-nonce tx from delegated accounts",
      "max fee per gas less than block base fee: address 0x8cB7, maxFeePerGas: 1, baseFee: 7",
      "insufficient funds for gas * price + value: balance 100, queued cost 90, tx cost 20, overshot 10",
      code: -32000)
    + rows("ETH", .trouble, "go-ethereum: ErrTxPoolOverflow", "txpool is full", code: -32000)
    + rows(
      "ETH", .refused, "go-ethereum, core/error.go", "insufficient funds for gas * price + value",
      "insufficient funds for gas * price + value: balance 0, tx cost 21000000000000, overshot 21000000000000",
      "insufficient funds for transfer", "intrinsic gas too low: gas 20000, minimum needed 21000",
      "insufficient gas for floor data gas cost: gas 21000, minimum needed 21460", "gas uint64 overflow",
      "nonce has max value", "max priority fee per gas higher than max fee per gas: address 0x8cB7",
      "max fee per gas higher than 2^256-1", "sender not an eoa: address 0x8cB7, codehash: 0x12",
      "max initcode size exceeded: code size 60000, limit 49152",
      "transaction gas limit too high (cap: 16777216, tx: 20000000)", code: -32000)
    + rows(
      "ETH", .refused, "go-ethereum, core/txpool, core/types, internal/ethapi", "exceeds block gas limit",
      "invalid sender", "invalid sender: invalid chain id for signer: have 5 want 1", "negative value",
      "oversized data: transaction size 200000, limit 131072",
      "transaction gas price below minimum: gas tip cap 0, minimum needed 1",
      "transaction underpriced: gas tip cap 1, minimum needed 25000000000",
      "transaction type not supported: type 2 rejected, pool not yet in London",
      "typed transaction too short",
      "invalid transaction v, r, s values", "only replay-protected (EIP-155) transactions allowed over RPC",
      "tx fee (1.50 ether) exceeds the configured cap (1.00 ether)",
      "rlp: value size exceeds available input length",
      "rlp: expected input list for types.LegacyTx", code: -32000)

  private static let otherClients: [NodeText] =
    rows(
      "ETH", .alreadyThere, "erigon: AlreadyKnown, DuplicateHash", "already known",
      "existing txn with same hash")
    + rows("ETH", .perhapsThere, "erigon: NonceTooLow, Mined", "nonce too low", "mined")
    + rows(
      "ETH", .held, "erigon: NotReplaced, FeeTooLow, UnderPriced", "could not replace existing tx",
      "fee too low",
      "underpriced")
    + rows(
      "ETH", .trouble, "erigon: limits of pools", "pending sub-pool is full", "baseFee sub-pool is full",
      "queued sub-pool is full", "spammer")
    + rows(
      "ETH", .refused, "erigon", "insufficient funds", "GasUintOverflow", "IntrinsicGas", "RLPTooLong",
      "initcode too large", "gas limit is too high")
    + rows("ETH", .alreadyThere, "Nethermind: AlreadyKnown", "AlreadyKnown", code: -32010)
    + rows(
      "ETH", .perhapsThere, "Nethermind: OldNonce", "OldNonce, Current nonce: 5, nonce of rejected tx: 3",
      code: -32010)
    + rows(
      "ETH", .held, "Nethermind: others in the pool", "NonceGap, Future nonce. Expected nonce: 7",
      "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7", "FeeTooLowToCompete",
      "ReplacementNotAllowed",
      "NonceTooFarInFuture", code: -32010)
    + rows("ETH", .trouble, "Nethermind: Syncing", "Syncing", "Node is syncing", code: -32010)
    + rows(
      "ETH", .refused, "Nethermind",
      "InsufficientFunds, Account balance: 0, cumulative cost: 21000",
      "GasLimitExceeded, Gas limit: 30000000",
      "SenderIsContract", "NotSupportedTxType", "FailedToResolveSender", "Int256Overflow",
      "MaxTxSizeExceeded", code: -32010)
    + rows(
      "ETH", .alreadyThere, "OpenEthereum, errors.rs", "Transaction with the same hash was already imported.",
      code: -32010)
    + rows(
      "ETH", .perhapsThere, "OpenEthereum, errors.rs",
      "Transaction nonce is too low. Try incrementing the nonce.",
      code: -32010)
    + rows(
      "ETH", .held, "OpenEthereum, errors.rs",
      "Transaction gas price is too low. There is another transaction with same nonce in the queue. Try increasing the gas price or incrementing the nonce.",
      "There are too many transactions in the queue. Your transaction was dropped due to limit. Try increasing the fee.",
      code: -32010)
    + rows(
      "ETH", .refused, "OpenEthereum, errors.rs",
      "Insufficient funds. The account you tried to send transaction from does not have enough funds. Required 10 and got: 0.",
      "Transaction cost exceeds current gas limit. Limit: 1, got: 2. Try decreasing supplied gas.",
      code: -32010)
    + rows("ETH", .alreadyThere, "Besu: ETH_SEND_TX_ALREADY_KNOWN", "Known transaction", code: -32000)
    + rows("ETH", .perhapsThere, "Besu: NONCE_TOO_LOW", "Nonce too low", code: -32001)
    + rows("ETH", .held, "Besu: NONCE_TOO_HIGH", "Nonce too high", code: -32006)
    + rows("ETH", .held, "Besu", "Replacement transaction underpriced", code: -32000)
    + rows("ETH", .held, "Besu", "Gas price below current base fee", code: -32009)
    + rows("ETH", .trouble, "Besu", "Initial sync is still in progress", code: -32008)
    + rows("ETH", .refused, "Besu: INVALID_TRANSACTION_SIGNATURE", "Invalid signature", code: -32002)
    + rows("ETH", .refused, "Besu", "Intrinsic gas exceeds gas limit", code: -32003)
    + rows("ETH", .refused, "Besu", "Upfront cost exceeds account balance", code: -32004)
    + rows("ETH", .refused, "Besu", "Transaction gas limit exceeds block gas limit", code: -32005)
    + rows("ETH", .refused, "Besu", "Gas price below configured minimum gas price", code: -32009)
    + rows("ETH", .refused, "Besu", "Wrong chainId", code: -32000)
    + rows(
      "ETH", .trouble, "web3.js, axios and proxies", "CONNECTION TIMEOUT: timeout of 30000 ms achived",
      "Invalid JSON RPC response: \"\"", "CONNECTION ERROR: Couldn't connect to node http://node:8545",
      "Request failed with status code 502", "socket hang up", "connect ECONNREFUSED 10.0.0.1:8545",
      "header not found", "context deadline exceeded", "a text that nobody wrote down", "")

  private static let networks: [NodeText] =
    rows("BSC", .refused, "bsc: ErrInBlackList", "sender or to in black list", code: -32000)
    + rows("BSC", .alreadyThere, "bsc: ErrAlreadyKnown", "already known", code: -32000)
    + rows("BSC", .trouble, "web3.js", "Invalid JSON RPC response: \"\"")
    + rows(
      "MATIC", .refused, "bor, core/txpool/validation.go",
      "transaction underpriced: gas tip cap 1000000000, minimum needed 25000000000", code: -32000)
    + rows("MATIC", .alreadyThere, "bor: ErrAlreadyKnown", "already known", code: -32000)
    + rows(
      "MATIC", .perhapsThere, "bor: ErrNonceTooLow", "nonce too low: next nonce 5, tx nonce 4", code: -32000)
    + rows(
      "XDC", .refused, "XDPoSChain, core/txpool", "under min gas price", "zero gas price",
      "reject transaction with sender in black-list: 0x5248bFb72fD4f234e062D3E9bb76F08643004Fcd", code: -32000
    )
    + rows("XDC", .perhapsThere, "XDPoSChain: ErrNonceTooLow", "nonce too low", code: -32000)
    + rows(
      "CELO", .refused, "celo-blockchain, op-geth of Celo", "non-whitelisted fee currency address",
      "unregistered fee-currency address: 0x765DE816845861e75A25fCA122bb6898B8B1282a",
      "gasprice is less than gas price minimum floor",
      "insufficient funds for gas * price + value + gatewayFee",
      "replay protection is required", code: -32000)
    + rows("CELO", .held, "celo-blockchain", "gasprice is less than gas price minimum", code: -32000)
    + rows("CELO", .alreadyThere, "celo-blockchain", "already known", code: -32000)
    + rows(
      "KLAY", .refused, "kaia, blockchain/error.go", "invalid unit price", "invalid chain id",
      "insufficient funds of the sender for value ", "tx gas limit exceeds the upper limit: gas 2, limit 1",
      code: -32000)
    + rows(
      "KLAY", .held, "kaia, blockchain/error.go",
      "there is another tx which has the same nonce in the tx pool",
      "invalid gas price. It must be set to value greater than or equal to baseFee", code: -32000)
    + rows(
      "KLAY", .alreadyThere, "kaia, blockchain/tx_pool.go",
      "known transaction: 5d0f1d9b5a4b1f1d6a1bd1c4a37c2ec1c1d5ac8ee4f2a2dc1c4f6a6e3b2f7d10", code: -32000)
    + rows("KLAY", .trouble, "kaia, blockchain/tx_pool.go", "txpool is full: 4096", code: -32000)
    + rows(
      "ONE", .refused, "harmony, core/tx_pool.go", "invalid shard",
      "`from` address of transaction in blacklist and not in allowlist", "exceeds block gas limit",
      code: -32000)
    + rows("ONE", .alreadyThere, "harmony: ErrKnownTransaction", "known transaction: 5d0f1d9b", code: -32000)
    + rows("ONE", .perhapsThere, "harmony: ErrNonceTooLow", "nonce too low", code: -32000)
    + rows("KCS", .perhapsThere, "kcc: ErrNonceTooLow", "nonce too low", code: -32000)
    + rows(
      "KCS", .refused, "kcc: ErrInsufficientFunds", "insufficient funds for gas * price + value", code: -32000
    )
    + rows("KCS", .held, "kcc: ErrReplaceUnderpriced", "replacement transaction underpriced", code: -32000)

  private static let flare: [NodeText] =
    rows(
      "FLR", .alreadyThere, "go-flare, coreth/core/tx_pool.go: ErrAlreadyKnown", "already known", code: -32000
    )
    + rows("FLR", .perhapsThere, "go-flare, coreth/core: ErrNonceTooLow", "nonce too low", code: -32000)
    + rows(
      "FLR", .held, "go-flare, coreth/core/tx_pool.go: ErrReplaceUnderpriced",
      "replacement transaction underpriced", code: -32000)
    + rows(
      "FLR", .trouble, "go-flare, coreth/core/tx_pool.go: ErrTxPoolOverflow", "txpool is full", code: -32000)
}
