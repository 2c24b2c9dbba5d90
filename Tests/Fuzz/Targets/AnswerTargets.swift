internal import KMSPrimitives
internal import KMSRecords

@testable internal import KMSChains
@testable internal import KMSNetwork
@testable internal import KMSSigning

extension FuzzTarget {
  /// What servers answer.
  static let answers: [FuzzTarget] = [FuzzTarget("answers", isJSON: true, maximumLength: 4096, run: answer)]

  /// Error answers, headers, redirects and quantities; what goes into logs is one short line.
  private static func answer(_ input: [UInt8]) throws(FuzzFailure) {
    let text = String(decoding: input, as: UTF8.self)
    for status in [200, 302, 400, 401, 402, 403, 429, 500, 599, 999] {
      let answer = APIAnswer(HTTPResponse(status: status, body: input))
      for failure in [answer.failure(url: "https://api.tatum.io/v3"), answer.failureOfNode] {
        try checkLine(failure.message, "the message")
        _ = (failure.exitStatus, failure.isPassing, failure.endsRun)
      }
    }
    try checkLine(ServerText.clean(text), "cleaned text")
    if let notice = VersionNotice(text) { try require(!notice.version.isEmpty, "no version") }
    if let seconds = RetryAfter.seconds(text, now: 1_700_000_000) {
      try require((0...3600).contains(seconds), "\(seconds) seconds")
    }
    judge(text)
    try address(text)
    try quantity(text)
    guard let json = try? JSONValue(parsing: input) else { return }
    for value in [json["result"], json["message"], json["Location"]].compactMap({ $0?.string }) {
      try address(value)
      try quantity(value)
      judge(value)
    }
  }

  /// Every chain's table reads every text.
  private static func judge(_ text: String) {
    for chain in ChainRegistry.names.all {
      _ = ChainRegistry.broadcast(of: chain)?.answers.verdict(of: NetworkWords(unwrapping: text))
    }
  }

  private static func checkLine(_ line: String, _ what: String) throws(FuzzFailure) {
    try require(line.count <= 2 * ServerText.maximumLength, "\(what) has \(line.count) characters")
    let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
    try require(isPlain, "\(what) has a control character: \(line.debugDescription)")
  }

  private static func address(_ text: String) throws(FuzzFailure) {
    guard let base = WebAddress("https://api.tatum.io/v3") else { throw FuzzFailure("no base") }
    if let address = WebAddress(text) {
      guard let again = WebAddress(address.text) else { throw FuzzFailure("\(address.text) is none") }
      try require(again.origin == address.origin && again.path == address.path, "\(address.text) of \(text)")
      _ = (address.isLoopback, address.isPrivate)
    }
    guard let below = base.appending(segment: text) else { return }
    guard let target = WebAddress(below) else { return }
    try require(
      target.origin == base.origin && target.path.hasPrefix("/v3/")
        && !target.path.dropFirst(4).contains("/"),
      "\(below) leaves the path")
  }

  private static func quantity(_ text: String) throws(FuzzFailure) {
    if let value = UInt256(quantity: text) {
      try require(UInt256(quantity: value.hexText) == value, "\(value) of \(text)")
    }
    if let shifted = DecimalText.shifted(text, by: 8) {
      try require(UInt256(decimal: shifted)?.description == shifted, "\(shifted) of \(text)")
    }
  }
}
