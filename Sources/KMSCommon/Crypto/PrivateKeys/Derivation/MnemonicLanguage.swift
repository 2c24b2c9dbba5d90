internal import KMSCrypto

/// The languages that BIP-39 has lists of words for.
public enum MnemonicLanguage: String, CaseIterable, Sendable {
  /// The usual one.
  case english
  /// Simplified Chinese; shares characters with the traditional list.
  case chineseSimplified = "chinese-simplified"
  /// Traditional Chinese.
  case chineseTraditional = "chinese-traditional"
  /// Czech.
  case czech
  /// French; shares words with the English list.
  case french
  /// Italian.
  case italian
  /// Japanese.
  case japanese
  /// Korean.
  case korean
  /// Portuguese.
  case portuguese
  /// Spanish.
  case spanish

  /// The name in sentences.
  var name: String {
    switch self {
    case .chineseSimplified: "simplified Chinese"
    case .chineseTraditional: "traditional Chinese"
    default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    }
  }

  var words: WordList {
    switch self {
    case .english: .english
    case .chineseSimplified: .chineseSimplified
    case .chineseTraditional: .chineseTraditional
    case .czech: .czech
    case .french: .french
    case .italian: .italian
    case .japanese: .japanese
    case .korean: .korean
    case .portuguese: .portuguese
    case .spanish: .spanish
    }
  }
}
