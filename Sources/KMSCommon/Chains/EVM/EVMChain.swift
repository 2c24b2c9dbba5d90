internal import KMSCrypto
package import KMSPrimitives
internal import KMSRecords

/// A chain that runs the Ethereum Virtual Machine: data for what differs, one implementation for the rest.
///
/// Signs legacy transactions with EIP-155, and EIP-2930 or EIP-1559 ones when the pending transaction has their
/// members; on Celo also CIP-64. docs/chains/evm.md is the manual.
///
/// A class because every transaction that was read refers to it.
package final class EVMChain: Chain {
  /// What tells this chain from the others.
  package let network: EVMNetwork
  package let addresses: any AddressScheme
  /// The highest fee (gas limit × price) that is signed unless the operator raises it, in wei.
  package let maximumFee: UInt256

  /// The chain of a row of the table.
  package init(_ network: EVMNetwork) {
    self.network = network
    addresses = BIP32Addresses.evm(network.form)
    // 2^16 × 10^18 is far below 2^256: never nil.
    maximumFee =
      UInt256(1_000_000_000_000_000_000).multiplied(by: UInt64(network.maximumFeeInCoins)) ?? .zero
  }

  package var name: String { network.name }
  package var synonyms: ChainSynonyms { EVMSynonyms.of(network) }
  package var broadcast: any Broadcast { EVMBroadcast(network: network) }
  /// The SLIP-44 number in the mainnet path of wallets.
  package var coinType: UInt32 { network.coinType }
  /// How addresses are written.
  package var form: EVMAddressForm { network.form }
  /// Whether fees may be paid in a token (CIP-64), and `serializedTransaction` is that of Celo's ethers.js wrapper.
  var hasFeeCurrencies: Bool { network.hasFeeCurrencies }

  package var testnets: [String] { network.testnets.map(\.name) }

  package func choosing(testnet: String) -> (any Chain)? {
    network.choosing(testnet: testnet).map(EVMChain.init)
  }

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> EVMIntent {
    try EVMIntent(pending, chain: self, testnet: testnet)
  }

  /// The chain ids of the record's network for which this build signs, the one in general use first; the network does not
  /// get to choose others.
  package func pinnedChainIDs(testnet: Bool) -> [UInt64] {
    testnet ? network.testnets.map(\.chainID) : [network.mainnet.chainID]
  }

  /// Refuses a chain id that is not pinned for the record's network.
  ///
  /// - Parameter member: the name of the member that says it.
  /// - Throws: `chain-id-mismatch`.
  package func check(chainID: UInt64, _ member: String, testnet: Bool) throws(ChainError) {
    let pinned = pinnedChainIDs(testnet: testnet)
    guard !pinned.contains(chainID) else { return }
    let expected = pinned.map { String($0) }.joined(separator: ", ")
    throw ChainError(
      .chainIDMismatch,
      "\(member) is \(chainID), not a chain id of \(name) \(testnet ? "testnet" : "mainnet") (\(expected))")
  }
}

extension BIP32Addresses {
  /// The addresses of the EVM: the last 20 bytes of Keccak-256 over the public key (Yellow Paper, section 4.1).
  package static func evm(_ form: EVMAddressForm) -> BIP32Addresses {
    BIP32Addresses { publicKey, _ in
      guard let address = EVMAddress(publicKey: publicKey) else { throw CryptoError.invalidPublicKey }
      return form.text(address)
    }
  }
}
