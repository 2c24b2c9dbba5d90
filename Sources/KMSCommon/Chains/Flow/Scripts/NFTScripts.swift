extension FlowScripts {
  /// Destroys a token, which must be of the type.
  var burn: String {
    """
    import NonFungibleToken from \(contracts.nonFungibleToken)
    import TatumMultiNFT from \(contracts.tatumMultiNFT)

    transaction(withdrawID: UInt64, type: String) {
        let token: @{NonFungibleToken.NFT}

        prepare(owner: auth(BorrowValue) &Account) {
            let collection = owner.storage
                .borrow<auth(NonFungibleToken.Withdraw) &TatumMultiNFT.Collection>(
                    from: TatumMultiNFT.CollectionStoragePath
                )
                ?? panic("the owner has no collection")
            // Panics when the token is of another type.
            collection.borrowTatumNFT(id: withdrawID, type: type)
            self.token <- collection.withdraw(withdrawID: withdrawID)
        }

        execute {
            destroy self.token
        }
    }
    """
  }

  /// Moves a token into the recipient's collection.
  var transferNFT: String {
    """
    import NonFungibleToken from \(contracts.nonFungibleToken)
    import TatumMultiNFT from \(contracts.tatumMultiNFT)

    transaction(recipient: Address, withdrawID: UInt64) {
        let token: @{NonFungibleToken.NFT}

        prepare(owner: auth(BorrowValue) &Account) {
            let collection = owner.storage
                .borrow<auth(NonFungibleToken.Withdraw) &TatumMultiNFT.Collection>(
                    from: TatumMultiNFT.CollectionStoragePath
                )
                ?? panic("the owner has no collection")
            self.token <- collection.withdraw(withdrawID: withdrawID)
        }

        execute {
            let collection = getAccount(recipient).capabilities
                .borrow<&{TatumMultiNFT.TatumMultiNftCollectionPublic}>(TatumMultiNFT.CollectionPublicPath)
                ?? panic("the recipient has no collection")
            collection.deposit(token: <-self.token)
        }
    }
    """
  }
}
