import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The lower floors of the library import nothing with which they could read a file, a clock or the network.
@Suite struct PurityTests {
  /// What the Swift files of a folder of Sources/KMSCommon may import.
  static let allowed: [(folder: String, modules: Set<String>)] = [
    ("Primitives", []),
    // libsodium, OpenSSL and libsecp256k1; Synchronization has no I/O. Glibc only where memory is locked.
    // KMSCrypto, and in the folder PrivateKeys KMSPrivateKeys, which imports it.
    ("Crypto", ["KMSPrimitives", "KMSCrypto", "CSodium", "COpenSSL", "CSecp256k1", "Synchronization"]),
    ("Records", ["KMSPrimitives", "KMSCrypto"]),
    // KMSChains, and in the folders Signing KMSSigning, which imports it.
    (
      "Chains",
      ["KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "KMSChains", "Synchronization"]
    ),
  ]

  /// A file that may import more than its folder.
  static let exceptions: [String: Set<String>] = [
    // setrlimit and prctl: a process that holds keys writes no core dump.
    "Crypto/Memory/SecretMemory.swift": ["Glibc"]
  ]

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/KMSCommon").standardized

  @Test(arguments: allowed.map(\.folder))
  func importsNoInputOrOutput(folder: String) throws {
    let allowed = try #require(Self.allowed.first { $0.folder == folder }).modules
    let files = try FileManager.default.subpathsOfDirectory(
      atPath: Self.sources.appendingPathComponent(folder).path
    ).filter { $0.hasSuffix(".swift") }
    #expect(!files.isEmpty)
    for file in files {
      let text = try String(
        decoding: Data(contentsOf: Self.sources.appendingPathComponent("\(folder)/\(file)")), as: UTF8.self)
      let more = Self.exceptions["\(folder)/\(file)"] ?? []
      for module in Self.imports(of: text) where !allowed.contains(module) && !more.contains(module) {
        Issue.record("\(folder)/\(file) imports \(module)")
      }
    }
  }

  @Test func findsEveryFormOfImport() {
    let text = """
      public import Glibc
        import struct FoundationEssentials.Data
      @testable internal import KMSChains
      @_exported public import KMSVault  // why
      // import Comment
      let text = "an import Duty"
      let script = \"""
        import FungibleToken from 0x9a0766d93b6608b7
        \"""
      import KMSNetwork
      """
    #expect(
      Self.imports(of: text) == ["Glibc", "FoundationEssentials", "KMSChains", "KMSVault", "KMSNetwork"])
  }

  /// The modules of all import declarations of `text`.
  private static func imports(of text: String) -> [String] {
    var isInText = false  // Flow's scripts are texts of several lines, with imports of their own
    return text.split(separator: "\n").compactMap { line in
      if line.contains("\"\"\"") { isInText.toggle() }
      if isInText { return nil }
      var words = line.split(separator: " ")[...]
      while let first = words.first, first != "import" {
        guard
          first.hasPrefix("@") || ["public", "package", "internal", "private", "fileprivate"].contains(first)
        else { return nil }
        words = words.dropFirst()
      }
      words = words.dropFirst()
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      if let first = words.first, kinds.contains(first) { words = words.dropFirst() }
      return words.first?.split(separator: ".").first.map(String.init)
    }
  }
}
