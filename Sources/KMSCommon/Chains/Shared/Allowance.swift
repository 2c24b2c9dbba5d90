internal import KMSPrimitives

/// A permission to dispose of the tokens of whoever signs, as contracts of the EVM family have it.
public struct Allowance: Hashable, Sendable {
  /// What is allowed, in words.
  public let words: String
  /// Whether it has no bound that means anything.
  public let isUnlimited: Bool

  /// Amounts from here on are no amounts: more than any token has units of that somebody could want to spend. Some tokens
  /// count to 2^96 only, and take 2^96 - 1 for no limit.
  private static let bound = UInt256(hex: "ffffffffffffffffffffffff".utf8) ?? .zero

  /// Where the arguments of a call are that allows something, counted in words of 32 bytes.
  private enum Shape {
    /// So much, of the called contract or of the token in another argument.
    case amount(spender: Int, amount: Int, token: Int? = nil)
    /// All, if a flag is set.
    case all(spender: Int, flag: Int)
    /// All.
    case always(spender: Int)
    /// Several of Permit2 at once.
    case batch
  }

  /// By the first four bytes of the Keccak-256 of the signature.
  private static let shapes: [String: Shape] = [
    // ERC-20 approve(address,uint256); of ERC-721 it is one token.
    "095ea7b3": .amount(spender: 0, amount: 1),
    "39509351": .amount(spender: 0, amount: 1),  // increaseAllowance(address,uint256), OpenZeppelin
    "d73dd623": .amount(spender: 0, amount: 1),  // increaseApproval(address,uint256), its older versions
    "a22cb465": .all(spender: 0, flag: 1),  // ERC-721, ERC-1155 setApprovalForAll(address,bool)
    // ERC-2612 permit(address owner,address spender,uint256 value,…), with a signature in two forms
    "d505accf": .amount(spender: 1, amount: 2), "9fd5a6cf": .amount(spender: 1, amount: 2),
    "8fcbaf0c": .all(spender: 1, flag: 4),  // DAI permit(address,address,uint256,uint256,bool,…)
    "87517c45": .amount(spender: 1, amount: 2, token: 0),  // Permit2 approve(address,address,uint160,uint48)
    "2b67b570": .amount(spender: 5, amount: 2, token: 1),  // Permit2 permit(address,PermitSingle,bytes)
    "2a2d80d1": .batch,  // Permit2 permit(address,PermitBatch,bytes)
    "e1f21c67": .amount(spender: 1, amount: 2, token: 0),  // approve(address,address,uint256) of vaults
    "cae9ca51": .amount(spender: 0, amount: 1),  // ERC-1363 and others: approveAndCall(address,uint256,bytes)
    "3177029f": .amount(spender: 0, amount: 1),  // ERC-1363 approveAndCall(address,uint256)
    "426a8493": .amount(spender: 0, amount: 2),  // ERC-6909 approve(address,uint256,uint256)
    "558a7297": .all(spender: 0, flag: 1),  // ERC-6909 setOperator(address,bool)
    "959b8c3f": .always(spender: 0),  // ERC-777 authorizeOperator(address)
    "b49506fd": .amount(spender: 0, amount: 1),  // LSP7 authorizeOperator(address,uint256,bytes)
    "2bc1da82": .amount(spender: 0, amount: 1),  // LSP7 increaseAllowance(address,uint256,bytes)
    // Aave approveDelegation(address,uint256): borrows in one's name.
    "c04a8a10": .amount(spender: 0, amount: 1),
    "110496e5": .all(spender: 0, flag: 1),  // Compound III allow(address,bool)
  ]

  /// Calls that make several of the same contract: where the array of bytes is.
  private static let multicalls = ["ac9650d8": 0, "5ae401dc": 1, "1f0464d1": 1]

  /// What a call allows, itself and by the calls that it makes of the same contract (`multicall`).
  package static func all(call data: [UInt8], to contract: String) -> [Allowance] {
    all(call: data[...], to: contract, depth: 4)
  }

  private static func all(call data: ArraySlice<UInt8>, to contract: String, depth: Int) -> [Allowance] {
    guard depth > 0, data.count >= 4 else { return [] }
    guard let place = multicalls[Hex.encode(data.prefix(4))] else {
      return [Allowance(call: data, to: contract)].compactMap { $0 }
    }
    return ABIArguments(data).byteStrings(at: place).flatMap { all(call: $0, to: contract, depth: depth - 1) }
  }

  /// Reads the input of a call; nil when it allows nothing.
  ///
  /// - Parameter contract: the called contract, in text.
  package init?(call data: some Collection<UInt8>, to contract: String) {
    guard data.count >= 4, let shape = Self.shapes[Hex.encode(data.prefix(4))] else { return nil }
    let arguments = ABIArguments(Array(data)[...])
    // Solidity reads missing bytes as zero only in old versions; newer ones revert.
    switch shape {
    case .amount(let spender, let amount, let token):
      guard let amount = arguments.word(amount) else { return nil }
      self.init(amount, of: token.map(arguments.account) ?? contract, to: arguments.account(spender))
    case .all(let spender, let flag):
      guard let flag = arguments.word(flag), flag != .zero else { return nil }
      self.init(operator: arguments.account(spender), of: contract)
    case .always(let spender): self.init(operator: arguments.account(spender), of: contract)
    case .batch:
      self.init(
        words: "lets somebody dispose of several tokens by \(contract) (Permit2)", isUnlimited: true)
    }
  }

  private init(words: String, isUnlimited: Bool) { (self.words, self.isUnlimited) = (words, isUnlimited) }

  private init(operator account: String, of contract: String) {
    self.init(words: "lets \(account) dispose of all tokens of \(contract)", isUnlimited: true)
  }

  private init(_ amount: UInt256, of token: String, to spender: String) {
    let isUnlimited = !(amount < Self.bound)
    self.init(
      words: isUnlimited
        ? "lets \(spender) dispose of all tokens of \(token), without a limit"
        : "lets \(spender) dispose of \(amount) units of token \(token)", isUnlimited: isUnlimited)
  }
}
