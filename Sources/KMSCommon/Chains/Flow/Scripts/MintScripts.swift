extension FlowScripts {
  /// Mints a token into the recipient's collection.
  var mint: String {
    """
    import TatumMultiNFT from \(contracts.tatumMultiNFT)

    transaction(recipient: Address, url: String, type: String) {
        let minter: &TatumMultiNFT.NFTMinter

        prepare(account: auth(BorrowValue) &Account) {
            self.minter = account.storage.borrow<&TatumMultiNFT.NFTMinter>(from: TatumMultiNFT.MinterStoragePath)
                ?? panic("the account is no minter")
        }

        execute {
            let collection = getAccount(recipient).capabilities
                .borrow<&{TatumMultiNFT.TatumMultiNftCollectionPublic}>(TatumMultiNFT.CollectionPublicPath)
                ?? panic("the recipient has no collection")
            self.minter.mintNFT(recipient: collection, type: type, url: url, address: recipient)
        }
    }
    """
  }

  /// Mints as many tokens as there are recipients.
  var mintMultiple: String {
    """
    import TatumMultiNFT from \(contracts.tatumMultiNFT)

    transaction(recipient: [Address], url: [String], type: String) {
        let minter: &TatumMultiNFT.NFTMinter

        prepare(account: auth(BorrowValue) &Account) {
            self.minter = account.storage.borrow<&TatumMultiNFT.NFTMinter>(from: TatumMultiNFT.MinterStoragePath)
                ?? panic("the account is no minter")
        }

        execute {
            for index, address in recipient {
                let collection = getAccount(address).capabilities
                    .borrow<&{TatumMultiNFT.TatumMultiNftCollectionPublic}>(TatumMultiNFT.CollectionPublicPath)
                    ?? panic("a recipient has no collection")
                self.minter.mintNFT(recipient: collection, type: type, url: url[index], address: address)
            }
        }
    }
    """
  }
}
