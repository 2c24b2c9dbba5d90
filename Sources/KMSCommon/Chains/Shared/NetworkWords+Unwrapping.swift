internal import KMSPrimitives
internal import KMSRecords

extension NetworkWords {
  /// What the API puts before the words of a node (its description: Error403EthBroadcast, BcashBroadcast, XrpBroadcast,
  /// XrpFailed, XlmFailed, VetFailed, BnbFailed, Tron, Celo, BnbTxFailed), and what web3.js, axios and Go do.
  private static let frames = [
    "unable to broadcast transaction due to ", "unable to broadcast transaction. error from blockchain:",
    "unable to broadcast transaction:", "unable to broadcast transaction.",
    "unable to communicate with blockchain.",
    "unable to communicate to blockchain.", "unable to communicate with blockchain:",
    "unexpected error occurred. reason:", "xrp submit tx failed.", "unable to transfer funds.",
    "unable to calculate gas limit for transaction.",
    "broadcast failed due to ", "returned error:", "error:", "rpc error:", "node error:",
    "internal_error:",
  ]

  /// Takes the API's frames off `text`; decodes what java-tron sends in hexadecimal, and takes message
  /// and code of a JSON-RPC error that stands in the text. `code` counts where the text names none.
  public init(unwrapping text: String, code: Int64? = nil) {
    let text = CleanText.line(text)
    var rest = text[...]
    var isFramed = true
    while isFramed {
      isFramed = false
      rest = rest.drop { $0 == " " }
      for frame in Self.frames where rest.prefix(frame.count).lowercased() == frame {
        rest = rest.dropFirst(frame.count)
        isFramed = true
      }
    }
    // "… due to ${error}." ends with the frame's own full stop.
    if rest.endIndex == text.endIndex, rest.hasSuffix("."), rest.startIndex != text.startIndex {
      rest = rest.dropLast()
    }
    if let inner = Self.rpcError(in: rest) {
      self.init(inner.text, code: inner.code ?? code)
      return
    }
    let (plain, named) = Self.splitCode(rest)
    self.init(Self.decodingHex(String(Self.withoutRejectCode(plain))), code: named ?? code)
  }

  /// "64: dust" and "dust (code 64)": reasons with the reject code of BIP-61, as nodes of before 2019 and their relatives
  /// write them (dogecoin, validation.cpp: FormatStateMessage; BCHN, consensus/validation.cpp).
  private static func withoutRejectCode(_ text: Substring) -> Substring {
    var text = text
    if let colon = text.firstIndex(of: ":"), text[..<colon].utf8.count <= 3, UInt16(text[..<colon]) != nil,
      text[colon...].hasPrefix(": ")
    {
      text = text[colon...].dropFirst(2)
    }
    if text.hasSuffix(")"), let open = text.lastIndex(of: "("), text[open...].hasPrefix("(code "),
      UInt16(text[open...].dropFirst(6).dropLast()) != nil
    {
      text = Substring(CleanText.trimmed(text[..<open]))
    }
    return text
  }

  /// "insufficient funds for gas * price + value [-32000]" and "${message} Code: ${code}" (Error403BtcBlockchain).
  private static func splitCode(_ text: Substring) -> (Substring, Int64?) {
    if text.hasSuffix("]"), let open = text.lastIndex(of: "["),
      let code = Int64(text[text.index(after: open)...].dropLast())
    {
      return (Substring(CleanText.trimmed(text[..<open])), code)
    }
    var words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 2, let code = Int64(words[words.count - 1]), words[words.count - 2] == "Code:" else {
      return (text, nil)
    }
    words.removeLast(2)
    return (Substring(CleanText.trimmed(words.joined(separator: " "))), code)
  }

  /// A JSON-RPC error, or its error object, inside a text such as `Invalid JSON RPC response: {"error":{…}}`.
  private static func rpcError(in text: Substring) -> NetworkWords? {
    guard let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}"), open < close,
      let json = try? JSONValue(parsing: Array(text[open...close].utf8))
    else { return nil }
    let error = json["error"]?.object == nil ? json : json["error"] ?? json
    guard let message = error["message"]?.string else { return nil }
    return NetworkWords(decodingHex(CleanText.line(message)), code: error["code"]?.number?.int64)
  }

  /// java-tron's `message` is a byte string, which its HTTP API writes in hexadecimal
  /// (tronprotocol/java-tron, framework, JsonFormat; BroadcastServlet): "SIGERROR 56616c6964617465…".
  private static func decodingHex(_ text: String) -> String {
    guard text.utf8.count >= 12 else { return text }
    return text.split(separator: " ", omittingEmptySubsequences: false).map { token in
      guard token.utf8.count >= 12, let bytes = Hex.decode(String(token)),
        bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A }),
        bytes.contains(where: { (65...90).contains($0 & 0xDF) })
      else { return String(token) }
      return CleanText.line(String(decoding: bytes, as: UTF8.self))
    }.joined(separator: " ")
  }
}
