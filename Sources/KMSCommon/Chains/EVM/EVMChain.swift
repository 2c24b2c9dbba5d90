internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// A chain that runs the Ethereum Virtual Machine: data for what differs, one implementation for the rest.
///
/// Signs legacy transactions with EIP-155, and EIP-2930 or EIP-1559 ones when the pending transaction has their
/// members; on Celo also CIP-64. docs/chains/evm.md is the manual.
struct EVMChain: Chain {
  let name: String
  let addresses: any AddressScheme
  /// The SLIP-44 number in the mainnet path of wallets.
  let coinType: UInt32

  /// The chain ids for which this build signs; the network does not get to choose others.
  let chainIDs: ChainIDs
  /// How addresses are written.
  let form: EVMAddressForm
  /// The highest fee (gas limit × price) that is signed unless the operator raises it, in wei.
  let maximumFee: UInt256
  /// Whether fees may be paid in a token (CIP-64), and `serializedTransaction` is that of Celo's ethers.js wrapper.
  let hasFeeCurrencies: Bool

  /// The accepted chain ids of each network.
  struct ChainIDs: Sendable {
    /// Of the main network.
    let mainnet: [UInt64]
    /// Of the test networks, the one in general use first.
    let testnets: [UInt64]
  }

  /// Describes a chain.
  ///
  /// - Parameters:
  ///   - name: as Tatum writes it.
  ///   - coinType: the SLIP-44 number in the mainnet path of wallets.
  ///   - chainIDs: with a source each, in docs/chains/evm.md.
  ///   - maximumFeeInCoins: the fee limit in whole coins of 10^18 wei.
  ///   - form: how addresses are written.
  ///   - hasFeeCurrencies: Celo.
  init(
    name: String, coinType: UInt32, chainIDs: ChainIDs, maximumFeeInCoins: UInt16,
    form: EVMAddressForm = .hexadecimal, hasFeeCurrencies: Bool = false
  ) {
    self.name = name
    self.chainIDs = chainIDs
    self.form = form
    self.hasFeeCurrencies = hasFeeCurrencies
    self.coinType = coinType
    addresses = BIP32Addresses.evm(form)
    // 2^16 × 10^18 is far below 2^256: never nil.
    maximumFee = UInt256(1_000_000_000_000_000_000).multiplied(by: UInt64(maximumFeeInCoins)) ?? .zero
  }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> EVMIntent {
    try EVMIntent(pending, chain: self, testnet: testnet)
  }

  /// The chain ids of the record's network.
  func pinnedChainIDs(testnet: Bool) -> [UInt64] { testnet ? chainIDs.testnets : chainIDs.mainnet }

  /// Refuses a chain id that is not pinned for the record's network.
  ///
  /// - Parameter member: the name of the member that says it.
  /// - Throws: `chain-id-mismatch`.
  func check(chainID: UInt64, _ member: String, testnet: Bool) throws(ChainError) {
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
  static func evm(_ form: EVMAddressForm) -> BIP32Addresses {
    BIP32Addresses { publicKey, _ in
      guard let address = EVMAddress(publicKey: publicKey) else { throw CryptoError.invalidPublicKey }
      return form.text(address)
    }
  }
}
