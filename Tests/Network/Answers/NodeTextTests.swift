import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// What an answer of the broadcast endpoint becomes: the API's frames are taken off, then the chain's table is asked.
@Suite struct NodeTextTests {
  @Test func knowsManyTextsOfEveryChain() {
    #expect(NodeText.all.count >= 200)
    for chain in ChainRegistry.names.all {
      let verdicts = Set(NodeText.all.filter { $0.chain == chain }.map(\.verdict))
      #expect(verdicts.count >= 2, "\(chain)")
      #expect(verdicts.contains(.alreadyThere) || verdicts.contains(.perhapsThere), "\(chain)")
    }
  }

  @Test(arguments: NodeText.all)
  func means(_ row: NodeText) throws {
    for frame in Frame.allCases where frame != .hexadecimal || row.chain == "TRON" {
      #expect(try frame.verdict(of: row) == row.verdict, "\(frame): \(frame.body(of: row))")
    }
  }

  /// No text is a verdict on a chain where nobody says it, and none says "refused" of what says "perhaps there" elsewhere.
  @Test func neverRefusesWhatMayBeThere() throws {
    let doubtful: Set<Verdict> = [.alreadyThere, .perhapsThere, .outOfTurn]
    for row in NodeText.all where doubtful.contains(row.verdict) {
      for chain in ChainRegistry.names.all {
        let table = try #require(Self.table(chain))
        let verdict = table.verdict(of: NetworkWords(unwrapping: row.text))
        #expect(verdict != .refused, "\(row.text) on \(chain)")
      }
    }
  }

  static func table(_ chain: String) -> AnswerTable? {
    switch chain {
    case "BTC", "LTC", "DOGE", "BCH": BitcoinAnswers.table
    case "XRP": XRPAnswers.table
    case "XLM": StellarAnswers.table
    case "TRON": TronAnswers.table
    case "VET": VeChainAnswers.table
    case "SOL": SolanaAnswers.table
    case "ALGO": AlgorandAnswers.table
    case "EGLD": MultiversXAnswers.table
    case "ADA": CardanoAnswers.table
    case "FLOW": FlowAnswers.table
    case "BNB": BNBAnswers.table
    default: EVMAnswers.table
    }
  }
}

/// How the API passes on what a node said.
enum Frame: CaseIterable {
  /// Error403EthBroadcast and its kin.
  case dueTo
  /// What its servers send today.
  case cause
  /// Error403XlmFailed, VetFailed, BnbFailed, XrpFailed.
  case communicate
  /// Error403Tron.
  case communicateTo
  /// Error403Celo, and what connectors throw.
  case reason
  /// Error403BtcBlockchain.
  case code
  /// Error403BcashBroadcast.
  case fromBlockchain
  /// Error403XrpBroadcast.
  case xrp
  /// A node's error object behind the node proxy.
  case rpc
  /// As java-tron writes messages.
  case hexadecimal

  func body(of row: NodeText) -> JSONValue {
    let code = row.code.map { " [\($0)]" } ?? ""
    func error(_ errorCode: String, _ message: String, cause: String? = nil) -> JSONValue {
      var object = JSONObject()
      object["statusCode"] = 403
      object["errorCode"] = .string(errorCode)
      object["message"] = .string(message)
      object["cause"] = cause.map(JSONValue.string)
      return .object(object)
    }
    switch self {
    case .dueTo:
      return error("ethereum.broadcast.failed", "Unable to broadcast transaction due to \(row.text + code).")
    case .cause:
      return error("eth.broadcast.failed", "Unable to broadcast transaction.", cause: row.text + code)
    case .communicate: return error("vet.failed", "Unable to communicate with blockchain. \(row.text + code)")
    case .communicateTo:
      return error("tron.failed", "Unable to communicate to blockchain. \(row.text + code)")
    case .reason: return error("celo.error", "Unexpected error occurred. Reason: \(row.text + code)")
    case .code:
      return error("blockchain.error.code", row.text + (row.code.map { " Code: \($0)" } ?? ""))
    case .fromBlockchain:
      return error(
        "bch.broadcast.failed", "Unable to broadcast transaction. Error from blockchain: \(row.text + code)")
    case .xrp: return error("xrp.broadcast.failed", "Xrp submit tx failed. \(row.text + code)")
    case .rpc:
      return [
        "jsonrpc": "2.0", "id": 1,
        "error": ["code": .number(JSONNumber(row.code ?? -1)), "message": .string(row.text)],
      ]
    case .hexadecimal:
      return error("tron.failed", "Unable to communicate with blockchain. " + Self.hex(row.text))
    }
  }

  func verdict(of row: NodeText) throws -> Verdict {
    let response = HTTPResponse(status: 403, body: body(of: row).encoded())
    guard case .refused(_, _, let words) = APIAnswer(response).failure(url: "https://api.tatum.io/v3") else {
      return .trouble
    }
    return try #require(NodeTextTests.table(row.chain)).verdict(of: words)
  }

  private static func hex(_ text: String) -> String {
    guard text.utf8.count >= 6 else { return text }
    return text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
