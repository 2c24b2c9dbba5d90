internal import KMSPrimitives

extension FlowScripts {
  /// Creates an account with one key that may do everything, and a FUSD vault.
  ///
  /// The argument is the key as `FlowKey` encodes it. Unlike the original's script it makes no collection for
  /// TatumMultiNFT: a script that imports a contract which was not brought to Cadence 1.0 fails as a whole.
  var createAccount: String {
    """
    import FUSD from \(contracts.fusd)

    transaction(publicKey: String) {
        prepare(creator: auth(BorrowValue) &Account) {
            let key = RLP.decodeList(publicKey.decodeHex())
            let account = Account(payer: creator)
            account.keys.add(
                publicKey: PublicKey(
                    publicKey: RLP.decodeString(key[0]),
                    signatureAlgorithm: SignatureAlgorithm.ECDSA_secp256k1
                ),
                hashAlgorithm: HashAlgorithm.SHA3_256,
                weight: 1000.0
            )

            account.storage.save(<-FUSD.createEmptyVault(vaultType: Type<@FUSD.Vault>()), to: /storage/fusdVault)
            let receiver = account.capabilities.storage.issue<&FUSD.Vault>(/storage/fusdVault)
            account.capabilities.publish(receiver, at: /public/fusdReceiver)
            let balance = account.capabilities.storage.issue<&FUSD.Vault>(/storage/fusdVault)
            account.capabilities.publish(balance, at: /public/fusdBalance)
        }
    }
    """
  }

  /// Adds a key of weight 0: it may propose transactions of the account, and authorize nothing.
  ///
  /// The argument is the key as `FlowKey` encodes it.
  var addKey: String {
    """
    transaction(publicKey: String) {
        prepare(account: auth(AddKey) &Account) {
            let key = RLP.decodeList(publicKey.decodeHex())
            account.keys.add(
                publicKey: PublicKey(
                    publicKey: RLP.decodeString(key[0]),
                    signatureAlgorithm: SignatureAlgorithm.ECDSA_secp256k1
                ),
                hashAlgorithm: HashAlgorithm.SHA3_256,
                weight: 0.0
            )
        }
    }
    """
  }
}
