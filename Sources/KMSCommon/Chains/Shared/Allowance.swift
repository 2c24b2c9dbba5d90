internal import KMSPrimitives

/// A permission to dispose of the tokens of whoever signs, as contracts of the EVM family have it.
struct Allowance: Hashable, Sendable {
  /// What is allowed, in words.
  let words: String
  /// Whether it has no bound that means anything.
  let isUnlimited: Bool

  /// Amounts from here on are no amounts: more than any token has units of that somebody could want to spend. Some tokens
  /// count to 2^96 only, and take 2^96 - 1 for no limit.
  static let bound = UInt256(hex: "ffffffffffffffffffffffff".utf8) ?? .zero

  /// Reads the input of a call; nil when it allows nothing.
  ///
  /// - Parameter contract: the called contract, in text.
  init?(call data: [UInt8], to contract: String) {
    guard data.count >= 4 else { return nil }
    let arguments = data.dropFirst(4)
    func word(_ i: Int) -> UInt256? {
      let bytes = arguments.dropFirst(32 * i).prefix(32)
      // Solidity reads missing bytes as zero only in old versions; newer ones revert.
      return bytes.count == 32 ? UInt256(hex: Hex.encode(bytes).utf8) : nil
    }
    func account(_ i: Int) -> String {
      "0x" + Hex.encode(arguments.dropFirst(32 * i).prefix(32).suffix(20))
    }
    switch Hex.encode(data.prefix(4)) {
    // ERC-20 approve; increaseAllowance and increaseApproval of OpenZeppelin and others.
    case "095ea7b3", "39509351", "d73dd623":
      guard let amount = word(1) else { return nil }
      self.init(amount, of: contract, to: account(0))
    // ERC-721 and ERC-1155 setApprovalForAll.
    case "a22cb465":
      guard let flag = word(1), flag != .zero else { return nil }
      self.init(operator: account(0), of: contract)
    // ERC-2612 permit(owner, spender, value, …).
    case "d505accf":
      guard let amount = word(2) else { return nil }
      self.init(amount, of: contract, to: account(1))
    // DAI's permit(holder, spender, nonce, expiry, allowed, …): all or nothing.
    case "8fcbaf0c":
      guard let flag = word(4), flag != .zero else { return nil }
      self.init(operator: account(1), of: contract)
    // Permit2 approve(token, spender, amount, expiration).
    case "87517c45":
      guard let amount = word(2) else { return nil }
      self.init(amount, of: account(0), to: account(1))
    // ERC-777 authorizeOperator.
    case "959b8c3f":
      self.init(operator: account(0), of: contract)
    default: return nil
    }
  }

  private init(operator account: String, of contract: String) {
    words = "lets \(account) dispose of all tokens of \(contract)"
    isUnlimited = true
  }

  private init(_ amount: UInt256, of token: String, to spender: String) {
    isUnlimited = !(amount < Self.bound)
    words =
      isUnlimited
      ? "lets \(spender) dispose of all tokens of \(token), without a limit"
      : "lets \(spender) dispose of \(amount) units of token \(token)"
  }
}
