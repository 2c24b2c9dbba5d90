internal import FoundationEssentials
internal import Testing

/// Everything that fuzzing has found so far, again and again.
@Suite struct ReplayTests {
  /// An input that was kept, and where it lies.
  struct Input {
    let path: String
    let bytes: [UInt8]
  }

  /// The inputs of `target` in `folder` (`Corpus` or `Regressions`), in the order of their names.
  static func inputs(_ folder: String, _ target: String) throws -> [Input] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "\(folder)/\(target)").path
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { name in
      Input(
        path: "\(folder)/\(target)/\(name)",
        bytes: try [UInt8](Data(contentsOf: URL(filePath: "\(path)/\(name)"))))
    }
  }

  static let targets = FuzzTarget.all.keys.sorted()

  @Test(arguments: targets)
  func everyKeptInputIsHandled(_ name: String) throws {
    let target = try #require(FuzzTarget.all[name])
    let corpus = try Self.inputs("Corpus", name)
    #expect(!corpus.isEmpty, "there is no corpus; scripts/fuzz \(name) makes one")
    for input in try corpus + Self.inputs("Regressions", name) {
      do throws(FuzzFailure) { try target.run(input.bytes) } catch {
        Issue.record("\(input.path): \(error)")
      }
    }
  }

  /// A renamed target would leave its corpus behind, unread.
  @Test func aFolderWithoutATargetIsAMistake() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for folder in ["Corpus", "Regressions"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
      #expect(names.allSatisfy { FuzzTarget.all[$0] != nil || $0.hasPrefix(".") }, "\(folder): \(names)")
    }
  }

  @Test func aBrokenPromiseIsReported() {
    #expect(throws: FuzzFailure.self) { try require(false, "x") }
  }
}
