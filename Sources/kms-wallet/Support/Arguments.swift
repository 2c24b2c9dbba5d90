import ArgumentParser
import KMSChains
import KMSRecords
import KMSSigning

/// What is typed after a command is checked before anything is opened.
enum Arguments {
  /// A signature ID: a UUID, returned in lower case.
  static func signatureID(_ text: String) throws -> String {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let isUUID =
      groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.allSatisfy { Character(UnicodeScalar($0)).isHexDigit } }
    guard isUUID else {
      throw ValidationError("a signature ID is a UUID such as e3015fc0-2112-4c8a-b8bf-353b86f63ba5")
    }
    return text.lowercased()
  }

  /// Several signature IDs, separated by commas.
  static func signatureIDs(_ text: String) throws -> [String] {
    var found: [String] = []
    for part in text.split(separator: ",") {
      let id = try signatureID(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
      if !found.contains(id) { found.append(id) }
    }
    return found
  }

  /// A derivation index: an integer from 0 to 2^31 - 1.
  static func index(_ text: String) throws -> UInt32 {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let index = UInt32(text), index < 1 << 31 else {
      throw ValidationError("an index is an integer from 0 to 2147483647")
    }
    return index
  }

  /// How many keys to make.
  static func count(_ text: String) throws -> Int {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(text), 1...1_000_000 ~= count
    else {
      throw ValidationError("the number of keys is an integer from 1 to 1000000")
    }
    return count
  }

  /// A blockchain, in capitals or not; a token's symbol stands for a chain (see `TokenSymbols`).
  static func chain(_ text: String) throws -> ChainChoice { try ChainChoice(text) }
}

/// The blockchain that was asked for.
struct ChainChoice: Sendable {
  /// The chain's name.
  let name: String
  let wallets: any SigningWallets

  init(_ text: String) throws {
    let typed = text.uppercased()
    let home = TokenSymbols.chain(of: typed)
    let name = home ?? TokenSymbols.chainWithSameKeys(as: typed) ?? typed
    // Swift takes U+212A for K, and makes S of U+017F.
    guard text.utf8.allSatisfy({ $0 < 0x80 }), let chain = SigningRegistry.chains[name] else {
      let hint = ChainRegistry.hint(for: typed)
      let supported = ChainRegistry.names.all.joined(separator: ", ")
      throw ValidationError(
        "there is no blockchain of that name\(hint)\(hint.isEmpty ? "; supported" : " Supported") are \(supported)"
      )
    }
    if home != nil {
      Message.info("\(typed) lives on \(name): this is a wallet of \(name)")
    } else if name != typed {
      Message.info(
        "\(typed) does not live on \(name), but the original makes its wallets with the keys of \(name): this is a "
          + "wallet of \(name), and signs transactions of \(name) only")
    }
    self.name = name
    wallets = chain.wallets
  }
}
