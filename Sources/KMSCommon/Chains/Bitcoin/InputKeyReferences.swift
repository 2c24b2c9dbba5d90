extension PendingTransaction {
  /// Every wallet that may hold the key of an input.
  ///
  /// On-chain: all of `hashes` at `index`, then all of `signatures` at their own index; a wallet that both name is
  /// taken from `signatures`, which knows more. Repeated ones are kept: Bitcoin Cash goes by their order.
  ///
  /// Off-chain (`withdrawalId` with `withdrawalResponses`): each entry that is an input at its `derivationKey`, in
  /// each of the named wallets. The original looked into the first wallet only, so a withdrawal from accounts of
  /// two wallets went out half signed.
  ///
  /// - Throws: `ChainError` `malformed-transaction` when these are too many.
  func inputKeyReferences() throws(ChainError) -> [KeyReference] {
    guard withdrawalID != nil, let responses = withdrawalResponses else {
      let named = Set(signatures.map(\.signatureID))
      return hashes.filter { !named.contains($0) }.map { KeyReference(signatureID: $0, index: index) }
        + signatures.map { KeyReference(signatureID: $0.signatureID, index: $0.index ?? index) }
    }
    var references: [KeyReference] = []
    // The wallets are distinct, so a key is named before exactly when its index was. Time and memory stay linear, also
    // where thousands of entries meet thousands of wallets.
    var seen: Set<UInt32> = []
    let wallets = withdrawalWallets
    for response in responses {
      guard let id = response.transactionID, seen.insert(response.derivationKey).inserted else { continue }
      let output = response.outputIndex.map { ":\($0)" } ?? ""
      let purpose = "the input that spends \(id)\(output)"
      for wallet in wallets {
        guard references.count < Self.maximumReferences else {
          throw .malformed("withdrawalResponses and hashes name more than \(Self.maximumReferences) keys")
        }
        references.append(
          KeyReference(signatureID: wallet, index: response.derivationKey, purpose: purpose))
      }
    }
    return references
  }

  /// More than any transaction that nodes relay has inputs.
  private static let maximumReferences = 25_000

  /// The distinct wallets of an off-chain withdrawal, in their order.
  private var withdrawalWallets: [String] {
    var seen: Set<String> = []
    return (hashes + signatures.map(\.signatureID)).filter { seen.insert($0).inserted }
  }

  /// The inputs that `withdrawalResponses` describes; none on-chain.
  var withdrawalInputs: WithdrawalInputs {
    WithdrawalInputs(withdrawalID == nil ? [] : withdrawalResponses ?? [])
  }
}

/// The entries of `withdrawalResponses` that are inputs, by what they spend.
struct WithdrawalInputs {
  private var byTransaction: [String: [PendingTransaction.WithdrawalResponse]] = [:]

  init(_ responses: [PendingTransaction.WithdrawalResponse]) {
    for response in responses {
      guard let id = response.transactionID?.lowercased() else { continue }
      byTransaction[id, default: []].append(response)
    }
  }

  /// The entry for the input that spends `outPoint`; an entry without `vInIndex` stands for any output.
  func response(for outPoint: BitcoinTransaction.OutPoint) -> PendingTransaction.WithdrawalResponse? {
    byTransaction[outPoint.transactionID]?.first {
      $0.outputIndex == nil || $0.outputIndex == outPoint.index
    }
  }
}
