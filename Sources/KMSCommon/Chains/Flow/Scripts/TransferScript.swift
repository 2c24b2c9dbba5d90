/// A fungible token that transfers may be in.
enum FlowToken: Hashable, Sendable {
  /// The network's own.
  case flow
  /// Flow USD.
  case fusd

  /// The contract's name.
  var contract: String {
    switch self {
    case .flow: "FlowToken"
    case .fusd: "FUSD"
    }
  }

  /// What the paths of vault and receiver begin with.
  var path: String {
    switch self {
    case .flow: "flowToken"
    case .fusd: "fusd"
    }
  }
}

extension FlowScripts {
  /// Moves an amount from the account's vault to the recipient's.
  package func transfer(_ token: FlowToken) -> String {
    """
    import FungibleToken from \(contracts.fungibleToken)
    import \(token.contract) from \(token == .flow ? contracts.flowToken : contracts.fusd)

    transaction(amount: UFix64, recipient: Address) {
        let payment: @{FungibleToken.Vault}

        prepare(sender: auth(BorrowValue) &Account) {
            let vault = sender.storage
                .borrow<auth(FungibleToken.Withdraw) &\(token.contract).Vault>(from: /storage/\(token.path)Vault)
                ?? panic("the sender has no \(token.contract) vault")
            self.payment <- vault.withdraw(amount: amount)
        }

        execute {
            let receiver = getAccount(recipient).capabilities
                .borrow<&{FungibleToken.Receiver}>(/public/\(token.path)Receiver)
                ?? panic("the recipient has no receiver for \(token.contract)")
            receiver.deposit(from: <-self.payment)
        }
    }
    """
  }
}
