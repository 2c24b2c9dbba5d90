internal import KMSPrimitives

/// What the data of a transaction of MultiversX calls, and which of it is signed without a flag; docs/chains/egld.md gives
/// the reason of each.
///
/// The text before the first `@` names a function: one that the protocol has built in, whoever receives it, or one of the
/// contract that receives it. To everybody else the data is a message (docs.multiversx.com, "Built-in functions").
package struct MultiversXOperations {
  package let data: [UInt8]
  package let sender: MultiversXAddress
  package let receiver: MultiversXAddress

  /// Creates a description.
  package init(data: [UInt8], sender: MultiversXAddress, receiver: MultiversXAddress) {
    (self.data, self.sender, self.receiver) = (data, sender, receiver)
  }

  /// Built-in functions that make, add to, describe or burn tokens of the sender's own.
  private static let ofOwnTokens: Set<String> = [
    "ESDTNFTCreate", "ESDTNFTAddQuantity", "ESDTNFTBurn", "ESDTLocalMint", "ESDTLocalBurn", "ESDTBurn",
    "ESDTNFTAddURI", "ESDTNFTUpdateAttributes",
  ]

  /// Functions of the protocol's token contract that make a token of the sender's own, or end the making of its NFTs.
  private static let ofTokenContract: Set<String> = [
    "issue", "issueSemiFungible", "issueNonFungible", "registerMetaESDT", "registerAndSetAllRoles",
    "stopNFTCreate",
  ]

  /// What an account does without arguments: one word, which would be a message otherwise.
  private static let withoutArguments = [
    "guardaccount", "unguardaccount", "migratedatatrie", "deleteusername",
  ]

  /// What is not known, in words; nil when all is.
  package var unknown: String? {
    guard !data.isEmpty else { return nil }
    guard let text = String(validating: data, as: UTF8.self) else {
      return receiver.isContract || data.contains(UInt8(ascii: "@")) ? "its data is no text" : nil
    }
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    let name = String(Substring(parts[0]))
    let arguments = parts.dropFirst().map { String(Substring($0)) }
    if let payment = Payment(name, arguments) {
      return payment.isPlain
        ? nil : "its data calls \(payment.function ?? "a function") of whoever gets the tokens"
    }
    if Self.ofOwnTokens.contains(name) { return nil }
    if receiver == .tokenContract, Self.ofTokenContract.contains(name) { return nil }
    if receiver.isContract { return "its data calls \(name) of a contract" }
    if !arguments.isEmpty { return "its data calls \(name)" }
    if receiver == sender {
      return "it sends data to its own account, which is how accounts are changed"
    }
    return mayBeCall(name) ? "its data, \(name), may be a call" : nil
  }

  /// Functions of the protocol are one word of letters, the first of which is a capital one.
  private func mayBeCall(_ word: String) -> Bool {
    let isWord = word.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) }
    guard isWord, let first = word.utf8.first else { return false }
    return (65...90).contains(first) || Self.withoutArguments.contains(word.lowercased())
  }

  /// A transfer of tokens, with what is called where they arrive.
  private struct Payment {
    /// Whether it moves tokens and does nothing else.
    let isPlain: Bool
    /// What is called.
    let function: String?

    init?(_ name: String, _ arguments: [String]) {
      let needed: Int
      switch name {
      case "ESDTTransfer": needed = 2  // token, amount
      case "ESDTNFTTransfer": needed = 4  // token, number, amount, to whom
      case "MultiESDTNFTTransfer":
        // To whom, how many, and for each token, number, amount.
        guard arguments.count >= 2, let digits = Hex.decode(arguments[1]), (1...2).contains(digits.count)
        else {
          (isPlain, function) = (false, nil)
          return
        }
        needed = 2 + 3 * digits.reduce(0) { $0 << 8 | Int($1) }
      default: return nil
      }
      isPlain = arguments.count == needed
      function =
        arguments.count > needed
        ? Hex.decode(arguments[needed]).map { String(decoding: $0, as: UTF8.self) } : nil
    }
  }
}

extension MultiversXAddress {
  /// Whether a contract has it: such addresses begin with eight zero bytes.
  var isContract: Bool { bytes.prefix(8).allSatisfy { $0 == 0 } }

  /// The contract of the protocol that issues tokens, erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u on
  /// every network (docs.multiversx.com, "Fungible tokens").
  static let tokenContract = MultiversXAddress(
    publicKey: [UInt8](repeating: 0, count: 9) + [1] + [UInt8](repeating: 0, count: 19) + [2, 255, 255])
}
