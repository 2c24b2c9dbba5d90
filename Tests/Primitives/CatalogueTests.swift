import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The DocC catalogues of the library products name declarations that are there, and public.
@Suite struct CatalogueTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/KMSCommon").standardized

  @Test(arguments: [
    ("KMSPrimitives", "Primitives"), ("KMSCrypto", "Crypto"), ("KMSPrivateKeys", "Crypto"),
    ("KMSRecords", "Records"),
    ("KMSChains", "Chains"),
    ("KMSSigning", "Chains"),
  ])
  func namesWhatIsThere(module: String, folder: String) throws {
    let root = Self.sources.appendingPathComponent(folder)
    let article = try text(root.appendingPathComponent("\(module).docc/\(module).md"))
    let names = article.split(separator: "``", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    #expect(names.first == module)
    #expect(names.count > 3)
    var declared = ""
    for file in try FileManager.default.subpathsOfDirectory(atPath: root.path) where file.hasSuffix(".swift")
    {
      declared += try text(root.appendingPathComponent(file))
    }
    for name in names.dropFirst() {
      let isThere = ["struct", "enum", "protocol", "class"].contains {
        declared.contains("public \($0) \(name)") || declared.contains("public final \($0) \(name)")
      }
      #expect(isThere, "\(module) has no public type \(name)")
    }
  }

  private func text(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
