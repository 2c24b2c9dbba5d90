/// A fact that the network must supply; how to get it is the fetcher's knowledge, see KMSNetwork.
///
/// Each need fills the members of `context` that its comment names (architecture section 3). Needs are compared,
/// so that kms-fetch asks for each at most once per tick and chain.
public enum Need: Hashable, Sendable {
  /// A member that needs no asking, such as `from`, or a random nonce's place holder.
  case constant(member: String, value: JSONValue)
  /// `chainId`: what the node says; kms-sign compares it with its pinned table.
  case chainID
  /// `nonce` (BNB: `accountNumber` and `sequence`): the pending count of the account.
  case nonce(of: String)
  /// `gasPrice` in the smallest unit; CELO: in the fee currency.
  case gasPrice(feeCurrency: String?)
  /// `gas` (EGLD: `gasLimit`): the estimate for this call.
  case gasLimit(ContractCall)
  /// `recentBlockhash`, `lastValidBlockHeight` (SOL).
  case recentBlockhash
  /// VET: `chainTag`, `blockRef`.
  case blockReference
  /// VET: `nonce`, 8 random bytes that kms-fetch chooses, so that signing stays a pure function.
  case randomNonce
  /// EGLD: `gasPrice`, `chainId`, `version`.
  case networkConfiguration
  /// FLOW: `referenceBlockId`, `gasLimit`, `proposer`, `payer`.
  case flowProposal
  /// FLOW: `account` {address, keyId, publicKey}: the account's key that belongs to the wallet.
  case flowAccount(address: String, publicKey: String?)
  /// ADA: `ttl`, `unsignedTransaction`, `payloads`, from these Rosetta operations.
  case cardanoPayloads(operations: JSONValue)
  /// BCH: one item of `utxos`; left out where the API does not know it.
  case utxo(hash: String, index: UInt32)
}

/// A call whose gas is to be estimated. Amounts are decimal text in the smallest unit, bytes `0x` hex.
public struct ContractCall: Hashable, Sendable {
  /// The sender; nil when the vault does not know its address.
  public var from: String?
  /// The receiver; nil creates a contract.
  public var to: String?
  /// The amount.
  public var value: String?
  /// The input; EGLD: the plain text.
  public var data: String?
  /// The price, when the pending transaction has one.
  public var gasPrice: String?
  /// The nonce, when the pending transaction has one.
  public var nonce: String?

  /// Creates a call.
  public init(
    from: String? = nil, to: String? = nil, value: String? = nil, data: String? = nil,
    gasPrice: String? = nil,
    nonce: String? = nil
  ) {
    self.from = from
    self.to = to
    self.value = value
    self.data = data
    self.gasPrice = gasPrice
    self.nonce = nonce
  }
}
