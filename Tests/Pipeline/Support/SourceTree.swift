import Foundation
import KMSRecords

/// Where tests find the programs that were built and the data in the source tree.
enum SourceTree {
  /// The root of the package.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The path of a program that was built together with these tests.
  static func program(_ name: String) -> String {
    let beside = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path
    }
    if let beside, FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return root.appendingPathComponent(".build/debug/\(name)").path
  }

  /// The vectors of one chain, from Tests/Chains/Vectors/transactions.
  static func transactionVectors(_ chain: String) throws -> [JSONValue] {
    let file = root.appendingPathComponent("Tests/Chains/Vectors/transactions/\(chain.lowercased()).json")
    return try JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array ?? []
  }
}
