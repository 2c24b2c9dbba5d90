internal import KMSRecords

/// EVM networks: the broadcast endpoint; a look-up at the API, and, because that can't tell "unknown" from "waiting", at
/// the node.
struct EVMBroadcast: Broadcast {
  let network: EVMNetwork

  var name: String { network.apiName }
  var hasWithdrawals: Bool { network.hasWithdrawals }
  /// geth and what came of it keep 64 transactions of one account that come before their turn (core/txpool/legacypool,
  /// AccountQueue), Erigon as many, Besu 200 (TransactionPoolConfiguration, maxPrioritizedTransactions by sender and
  /// future nonces), Kaia 64 and more: 16 at once arrive in any order without filling that.
  var order: SendingOrder { .queuedByNonce(atOnce: 16) }
  var answers: AnswerTable { EVMAnswers.table }
  var credits: BroadcastCredits { BroadcastCredits(lookUp: network.lookUpCredits) }

  func firstCall(for transaction: SignedRecord) -> Call {
    broadcastCall(transaction, txData: transaction.txData, headers: headers(transaction))
  }

  /// "Possible not exists or is still pending" does not tell what waits from what is not there; a node that has no such
  /// transaction (`null`), neither in a block nor in its pool, does (execution-apis, eth_getTransactionByHash).
  func lookUp(_ transaction: SignedRecord, _ txID: String) -> Dialogue<LookUp> {
    .ask(lookUpCall(txID, headers: headers(transaction))) { answer in
      let first = presence(of: transaction, txID, answer)
      guard first == .absent, let node = side(transaction).node else { return .done(first) }
      return .ask(.rpc(node, "\(network.methods)_getTransactionByHash", [.string(txID)])) { answer in
        guard case .json(let json) = answer, case .result(let found) = NodeReply(json) else {
          return .done(.unknown("it may wait to be mined, and the node does not tell"))
        }
        return .done(
          found.isNull ? .absent : TransactionAnswer(found).presence(of: txID, senders: transaction.senders))
      }
    }
  }

  /// The network that the transaction was signed for: of several test networks its chain id tells.
  private func side(_ transaction: SignedRecord) -> EVMNetwork.Network {
    network.network(testnet: transaction.testnet, chainID: transaction.context["chainId"]?.uint64)
  }

  private func headers(_ transaction: SignedRecord) -> [Call.Field] {
    side(transaction).header.map { [Call.Field("x-testnet-type", $0)] } ?? []
  }
}
