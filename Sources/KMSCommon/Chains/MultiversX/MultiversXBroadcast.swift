/// EGLD: the broadcast endpoint. Nodes keep what comes before its turn, sorted by sender and nonce
/// (multiversx/mx-chain-storage-go, txcache), and refuse nonces only that are used or very far ahead (mx-chain-go,
/// process/dataValidators/txValidator.go, maxNonceDeltaAllowed).
enum MultiversXBroadcast {
  static let row = PlainBroadcast(
    name: "egld", order: .queuedByNonce(atOnce: 16), answers: MultiversXAnswers.table)
}
