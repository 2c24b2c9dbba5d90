import KMSPrimitives
import KMSRecords
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The cases of JSONTestSuite (github.com/nst/JSONTestSuite): 318 texts with what RFC 8259 says of each.
@Suite struct JSONVerdictTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let verdict: String
    let bytes: [UInt8]

    var testDescription: String { name }
  }

  /// Valid, and refused here: a name that stands twice is read in two ways by two readers.
  static let refused: Set<String> = ["object_duplicated_key", "object_duplicated_key_and_value"]

  static func cases() throws -> [Case] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Data/json-verdicts.json")
    let file = try JSONValue(parsing: Array(Data(contentsOf: url)))
    return try #require(file["cases"]?.array).map { item in
      let unit = try #require(Hex.decode(item["unit"]?.string ?? ""))
      let end = try #require(Hex.decode(item["hex"]?.string ?? "?"))
      let count = item["count"]?.uint64 ?? 0
      return Case(
        name: try #require(item["name"]?.string), verdict: try #require(item["verdict"]?.string),
        bytes: (0..<count).flatMap { _ in unit } + end)
    }
  }

  @Test func readsAndRefusesAsTheStandardSays() throws {
    let cases = try Self.cases()
    #expect(cases.count == 318)
    for item in cases {
      let isAccepted = (try? JSONValue(parsing: item.bytes)) != nil
      switch item.verdict {
      case "accept": #expect(isAccepted != Self.refused.contains(item.name), "\(item.name)")
      case "reject": #expect(!isAccepted, "\(item.name)")
      default: #expect(item.verdict == "either")
      }
    }
  }

  /// As a member that nobody knows, as the pending transaction, and as the whole line.
  @Test func whatIsAcceptedInARecordComesOutAsItCameIn() throws {
    var accepted = 0
    for item in try Self.cases() where !item.bytes.contains(UInt8(ascii: "\n")) {
      let isJSON = (try? JSONValue(parsing: item.bytes)) != nil
      let head = Array(#"{"v":1,"id":"a","chain":"ETH","testnet":true,"pending":{"x":"#.utf8)
      for line in [
        head + Array("1},\"later\":".utf8) + item.bytes + [0x7D], head + item.bytes + [0x7D, 0x7D],
      ] {
        guard let record = try? Record(parsing: line[...], chains: testChains) else {
          #expect(!isJSON, "\(item.name)")
          continue
        }
        #expect(isJSON, "\(item.name)")
        var out: [UInt8] = []
        record.write(to: &out)
        #expect(out == line + [0x0A], "\(item.name)")
        accepted += 1
      }
      _ = try? Record(parsing: item.bytes[...], chains: testChains)
    }
    #expect(accepted > 150)
  }
}
