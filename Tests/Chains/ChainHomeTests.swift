import Foundation
import KMSRecords
import Testing

@testable import KMSChains

/// A chain is a folder: its name stands there, in docs and in tests, and nowhere else in the source.
@Suite struct ChainHomeTests {
  /// A file that may name chains all the same.
  struct Exception: Sendable, CustomTestStringConvertible {
    let file: String
    let words: Set<String>
    let reason: String
    var testDescription: String { file }

    init(_ file: String, _ words: String, _ reason: String) {
      self.file = file
      self.words = Set(words.split(separator: " ").map(String.init))
      self.reason = reason
    }
  }

  /// Below Sources.
  static let exceptions = [
    Exception(
      "KMSCommon/Chains/ChainRegistry.swift",
      "bitcoin litecoin dogecoin Bitcoin Tron VeChain BNB XRP Stellar Solana Algorand MultiversX Flow Cardano",
      "the registry: one line a chain"),
    Exception(
      "KMSCommon/Chains/Signing/SigningRegistry.swift",
      "bitcoin litecoin dogecoin vechain stellar solana algorand cardano",
      "the registry of what signs: one word a chain"),
    Exception(
      "kms-sign/PolicyOptions.swift", "XRP XLM ALGO Flow BCH bch VET LTC SOL TRON BTC DOGE",
      "options that people give for what only some chains have"),
    Exception(
      "KMSCommon/Chains/Signing/SigningChain.swift", "BTC LTC DOGE BCH bch",
      "the options --bch-ecdsa and --trust-amounts, as signing sees them"),
    Exception(
      "KMSCommon/Chains/Signing/KeyAdvice.swift", "Algorand ALGO",
      "tells a person what a text is that is no key of the chosen chain"),
    Exception(
      "KMSCommon/Chains/Signing/PublicText.swift",
      "BTC ETH XRP TRON bitcoin ethereum ripple stellar Stellar",
      "tells a person whose address or public key a text is"),
    Exception(
      "KMSCommon/Chains/Signing/SecretText.swift", "Bitcoin SOL Solana XRP ripple",
      "tells a person which other chain's key a text is"),
    Exception(
      "KMSCommon/Chains/Signing/AddressShape.swift", "XRP Algorand ripple Cardano Stellar",
      "knows addresses of all chains, so that none becomes a key"),
    Exception("KMSCommon/Chains/Signing/RegularNumber.swift", "Ethereum", "hashes that everybody knows"),
    Exception(
      "KMSCommon/Chains/Shared/NetworkWords+Unwrapping.swift", "Bcash Eth Xrp Bnb Tron Vet Xlm Btc dogecoin",
      "sources: names of error schemas in the API's description"),
    Exception(
      "KMSCommon/Chains/Shared/FactAnswers.swift", "ethereum Eth Ethereum", "sources: names of node software"),
    Exception(
      "KMSCommon/Chains/Shared/ExtendedKeyVersions.swift", "Bitcoin bitcoin",
      "the versions of BIP-32, which it names so"),
    Exception(
      "KMSCommon/Crypto/Derivation/HDPublicKey.swift", "Bitcoin Litecoin",
      "versions of extended keys, by who defined them"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Derivation/HDPrivateKey.swift", "Bitcoin",
      "BIP-32: the key of the master key's HMAC"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Derivation/IcarusKey.swift", "Cardano",
      "CIP-0003, a standard of that name"),
    Exception(
      "KMSCommon/Crypto/Derivation/IcarusPublicKey.swift", "Cardano", "CIP-0003, a standard of that name"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Derivation/AlgorandMnemonic.swift", "Algorand algorand",
      "a standard of that name"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Derivation/Words/EnglishWords.swift", "ripple", "a word of BIP-39"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Curve/BCHSchnorr+Signing.swift", "BCH bch", "a standard of that name"),
    Exception(
      "KMSCommon/Crypto/Curve/BCHSchnorr.swift", "BCH bch Bitcoin bitcoincash", "a standard of that name"),
    Exception("KMSCommon/Primitives/Text/CashAddr.swift", "Bitcoin bitcoincash", "a standard of that name"),
    Exception(
      "KMSCommon/Primitives/Binary/CanonicalMessagePack.swift", "Algorand algorand", "a form that it defined"),
    Exception("KMSCommon/Primitives/Text/Base58.swift", "bitcoin ripple", "alphabets, by their usual names"),
    Exception("KMSCommon/Crypto/Encoding/Base58Check.swift", "bitcoin", "an alphabet, by its usual name"),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Encoding/Base58+Secret.swift", "bitcoin", "an alphabet, by its usual name"
    ),
    Exception(
      "KMSCommon/Crypto/PrivateKeys/Encoding/Base58Check+Secret.swift", "bitcoin",
      "an alphabet, by its usual name"),
  ]

  /// BTC and ETH are what texts for people and comments take for an example, in these words.
  static let examples = [
    "such as BTC,LTC,ETH", "such as `BTC`", "such as BTC", "such as ETH", "BTC=500000", "--chain=BTC,ETH",
    "generatemanagedwallet ETH", "`ETH=holesky`",
  ]

  /// Symbols, and what else the chains and their folders are called.
  static let words: (symbols: Set<String>, names: Set<String>) = {
    let synonyms = ChainRegistry.all.flatMap(\.synonyms.names)
    let capitalized = synonyms.filter { $0.count > 3 }.map {
      String($0.prefix(1)) + $0.dropFirst().lowercased()
    }
    // "flow" is a word.
    let small = synonyms.filter { $0.count > 4 }.map { $0.lowercased() }
    return (
      Set(ChainRegistry.names.all + synonyms), Set(capitalized + small + folders.filter { $0 != "EVM" })
    )
  }()

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardized

  /// The folders of the families: the directories of Chains that describe a chain.
  static let folders: [String] = {
    let chains = sources.appendingPathComponent("KMSCommon/Chains")
    let all = (try? FileManager.default.contentsOfDirectory(atPath: chains.path)) ?? []
    return all.filter {
      let files = try? FileManager.default.contentsOfDirectory(atPath: chains.appendingPathComponent($0).path)
      return files?.contains { $0.hasSuffix("Answers.swift") && $0 != "FactAnswers.swift" } ?? false
    }.sorted()
  }()

  /// The words of `text` that name a chain.
  static func named(in text: String) -> Set<String> {
    var found: Set<String> = []
    // Each word once: there are a hundred times as many.
    let tokens = Set(
      Array(text.utf8).split {
        !((65...90).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "_"))
      })
    for token in tokens.map({ String(decoding: $0, as: UTF8.self) }) {
      if words.names.contains(token) || words.symbols.contains(token) { found.insert(token) }
      guard !token.contains("_") else { continue }
      // `MultiversXChain`: capitals within a name.
      for name in folders
      where name != "EVM" && token.hasPrefix(name) && token.dropFirst(name.count).first?.isUppercase == true {
        found.insert(name)
      }
      let parts = parts(of: token)
      for part in parts where words.names.contains(part) || (words.symbols.contains(part)) {
        found.insert(part)
      }
      // `bchECDSA`; words of English are not looked for.
      if parts.count > 1, words.symbols.contains(parts[0].uppercased()),
        !["one", "sol", "flow"].contains(parts[0])
      {
        found.insert(parts[0])
      }
    }
    return found
  }

  /// `BCHSchnorr`: BCH, Schnorr; `aWordInCamelCase`: a, Word, In, Camel, Case.
  static func parts(of token: String) -> [String] {
    let letters = Array(token)
    var parts: [String] = []
    for (i, letter) in letters.enumerated() {
      let isStart =
        i == 0
        || letter.isUppercase
          && (letters[i - 1].isLowercase || (i + 1 < letters.count && letters[i + 1].isLowercase))
      if isStart { parts.append("") }
      parts[parts.count - 1].append(letter)
    }
    return parts
  }

  @Test func noOtherFileNamesAChain() throws {
    #expect(Self.folders.count == 12, "\(Self.folders)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
      .filter { $0.hasSuffix(".swift") }.sorted()
    #expect(files.count > 300)
    for file in files {
      if Self.folders.contains(where: { "/\(file)".contains("/\($0)/") }) { continue }
      var text = String(
        decoding: try Data(contentsOf: Self.sources.appendingPathComponent(file)), as: UTF8.self)
      for example in Self.examples { text = text.replacingOccurrences(of: example, with: "") }
      let found = Self.named(in: text)
      let allowed = Self.exceptions.first { $0.file == file }?.words ?? []
      #expect(found == allowed, "\(file)")
    }
    let gone = Self.exceptions.map(\.file).filter { !files.contains($0) }
    #expect(gone == [])
  }

  @Test(arguments: [
    ("a Solana transaction", "Solana"), ("FlowBroadcast()", "Flow"), ("let bchECDSA = 1", "bch"),
    ("XRPSeed", "XRP"),
    ("\"/v3/ethereum/broadcast\"", "ethereum"), ("case .vechain:", "vechain"), ("[\"KLAY\"]", "KLAY"),
  ]) func aNameIsFound(text: String, name: String) {
    #expect(Self.named(in: text) == [name])
  }

  @Test(arguments: [
    "SOL_SOCKET", "the flow of records", "one by one, oneByOne", "solver", "a wave", "tone", "Overflow",
  ])
  func otherWordsAreNot(text: String) {
    #expect(Self.named(in: text) == [])
  }
}
