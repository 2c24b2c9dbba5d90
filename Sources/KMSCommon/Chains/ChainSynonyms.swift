/// What stands for a chain beside its name.
public struct ChainSynonyms: Sendable {
  /// What people call the chain and its coin, in capitals: symbols of exchanges, names from before or after a change.
  public var names: [String] = []

  /// Tokens on the chain whose names the original takes as chain names when it makes wallets.
  ///
  /// Source: tatumio/tatum-js (MIT) at commit 0162975, src/wallet/wallet.ts, `generateWallet`, and the lists of
  /// src/model/request/Currency.ts. The original stored such wallets under the token's name and then never polled them;
  /// here a token's name stands for its chain.
  public var tokens: [String] = []

  /// Coins and tokens that live elsewhere, and for which the original derives the keys of this chain (same source).
  ///
  /// Their wallets are wallets of this chain: they have the keys of the original, and sign what this chain has pending.
  public var keysOnly: [String] = []

  /// The chain of each synonym of one kind.
  static func table(of chains: [any Chain], _ kind: (ChainSynonyms) -> [String]) -> [String: String] {
    var table: [String: String] = [:]
    for chain in chains {
      for synonym in kind(chain.synonyms) { table[synonym] = chain.name }
    }
    return table
  }
}

/// The token names that the original takes as chain names when it makes wallets.
public enum TokenSymbols {
  /// The chain on which the token lives, and whose wallets the original makes for it; nil for any other name.
  public static func chain(of symbol: String) -> String? { homes[symbol] }

  /// The chain whose keys the original derives for a name that is no chain of this build's and no token on one.
  public static func chainWithSameKeys(as symbol: String) -> String? { keys[symbol] }

  private static let homes = ChainSynonyms.table(of: ChainRegistry.all, \.tokens)
  private static let keys = ChainSynonyms.table(of: ChainRegistry.all, \.keysOnly)
}
