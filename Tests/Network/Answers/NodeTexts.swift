import KMSChains
import Testing

/// What node software says to submitted transactions, with what it must be taken for. Texts as they stand in the sources or in
/// reports of users; `source` names the software.
struct NodeText: CustomTestStringConvertible, Sendable {
  let chain: String
  let text: String
  let code: Int64?
  let verdict: Verdict
  let source: String

  var testDescription: String { "\(chain): \(text) is \(verdict.rawValue)" }

  /// Every text of every chain.
  static let all: [NodeText] = evm + bitcoin + ledgers + others + more

  static func rows(
    _ chain: String, _ verdict: Verdict, _ source: String, _ texts: String..., code: Int64? = nil
  ) -> [NodeText] {
    texts.map { NodeText(chain: chain, text: $0, code: code, verdict: verdict, source: source) }
  }
}
