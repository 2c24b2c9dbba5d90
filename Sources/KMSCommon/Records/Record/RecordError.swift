internal import KMSPrimitives

/// How a record ended that did not come through.
public enum Outcome: String, Sendable, Hashable {
  /// A person or a rule said no. Stays pending at Tatum and is asked about again at the next tick.
  case denied
  /// We could not. Reported to Tatum's batch endpoint.
  case failed
  /// Sent, and the answer was lost. Never reported as failed; the same bytes are sent again.
  case unknown
}

/// The program that ended a record.
public enum Stage: String, Sendable, Hashable {
  case fetch
  case verify
  case sign
  case broadcast
}

/// A stable word for what happened to a record; docs/pipeline.md says what an operator does about each.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
  /// The kebab-case word.
  public let rawValue: String
  /// Takes any word: records may come from a later version.
  public init(rawValue: String) { self.rawValue = rawValue }
}

extension ErrorCode {
  /// This build can not sign for that chain.
  public static let unsupportedChain = ErrorCode(rawValue: "unsupported-chain")
  /// The pending transaction is not what the chain expects; the message names the member.
  public static let malformedTransaction = ErrorCode(rawValue: "malformed-transaction")
  /// A network fact that signing needs is not in the record.
  public static let contextMissing = ErrorCode(rawValue: "context-missing")
  /// The chain id is not the pinned one of this chain and network.
  public static let chainIDMismatch = ErrorCode(rawValue: "chain-id-mismatch")
  /// No wallet has that signature ID.
  public static let walletNotFound = ErrorCode(rawValue: "wallet-not-found")
  /// The wallet is for another chain.
  public static let walletChainMismatch = ErrorCode(rawValue: "wallet-chain-mismatch")
  /// The wallet is for the other network.
  public static let walletNetworkMismatch = ErrorCode(rawValue: "wallet-network-mismatch")
  /// A mnemonic wallet was named without a derivation index.
  public static let indexMissing = ErrorCode(rawValue: "index-missing")
  /// The key does not belong to the sender or to the input.
  public static let keyNotSender = ErrorCode(rawValue: "key-not-sender")
  /// A mainnet record was not approved.
  public static let approvalMissing = ErrorCode(rawValue: "approval-missing")
  /// What was approved is not what is to be signed.
  public static let approvalInvalid = ErrorCode(rawValue: "approval-invalid")
  /// The approval is too old.
  public static let approvalExpired = ErrorCode(rawValue: "approval-expired")
  /// Tatum says that it was signed already, here or elsewhere.
  public static let alreadySigned = ErrorCode(rawValue: "already-signed")
  /// The same id was signed before with other content.
  public static let changedAfterSigning = ErrorCode(rawValue: "changed-after-signing")
  /// It was signed before and the network does not take those bytes any more.
  public static let signedButExpired = ErrorCode(rawValue: "signed-but-expired")
  /// It can not be signed any more: its time is over.
  public static let expired = ErrorCode(rawValue: "expired")
  /// What is shown is not what would be signed.
  public static let contentMismatch = ErrorCode(rawValue: "content-mismatch")
  /// The fee is above the limit.
  public static let feeTooHigh = ErrorCode(rawValue: "fee-too-high")
  /// An output is too small for the network.
  public static let dustOutput = ErrorCode(rawValue: "dust-output")
  /// It hands over or empties an account, which needs a flag.
  public static let accountControlRefused = ErrorCode(rawValue: "account-control-refused")
  /// It runs a script of the server, which needs a flag.
  public static let customScriptRefused = ErrorCode(rawValue: "custom-script-refused")
  /// The journal can not be written, so nothing may be signed.
  public static let journalUnavailable = ErrorCode(rawValue: "journal-unavailable")
  /// Nothing proves what an input is worth.
  public static let amountUnproven = ErrorCode(rawValue: "amount-unproven")
  /// It would be valid for longer, or from later on, than is signed; or by a mechanism without an end.
  public static let validityRefused = ErrorCode(rawValue: "validity-refused")
  /// The network's count of the sender's transactions does not go with what was signed.
  public static let nonceImplausible = ErrorCode(rawValue: "nonce-implausible")
  /// It does what is not on the chain's list of known operations, which needs a flag.
  public static let operationRefused = ErrorCode(rawValue: "operation-refused")
  /// It lets somebody else dispose of the sender's tokens beyond a bound.
  public static let allowanceRefused = ErrorCode(rawValue: "allowance-refused")
  /// The operator's server said no.
  public static let denied = ErrorCode(rawValue: "denied")
  /// The operator's server could not be asked.
  public static let verifierUnreachable = ErrorCode(rawValue: "verifier-unreachable")
  /// The Tatum API refused a request.
  public static let apiError = ErrorCode(rawValue: "api-error")
  /// The Tatum API could not be reached.
  public static let apiUnreachable = ErrorCode(rawValue: "api-unreachable")
  /// The network refused the transaction.
  public static let broadcastRejected = ErrorCode(rawValue: "broadcast-rejected")
  /// The API names another transaction id than the one that was signed.
  public static let txIDMismatch = ErrorCode(rawValue: "txid-mismatch")
  /// It was sent and the answer was lost.
  public static let answerLost = ErrorCode(rawValue: "answer-lost")
  /// The network has not applied the transaction, but keeps it and may do so later.
  public static let heldByNetwork = ErrorCode(rawValue: "held-by-network")
  /// Not sent, because an earlier transaction of the same sender did not get in.
  public static let heldForEarlier = ErrorCode(rawValue: "held-for-earlier")
  /// The credits of the API key are used up.
  public static let outOfCredits = ErrorCode(rawValue: "out-of-credits")
  /// A stored wallet can't be opened or read: the vault is damaged there.
  public static let walletUnreadable = ErrorCode(rawValue: "wallet-unreadable")
  /// The sender's next nonce is not certain until the network has caught up; asked again at the next tick.
  public static let nonceWaiting = ErrorCode(rawValue: "nonce-waiting")
  /// An output was signed before with another amount, or the transaction for another id.
  public static let coinSignedBefore = ErrorCode(rawValue: "coin-signed-before")
  /// A member that an earlier stage adds is not there.
  public static let notSigned = ErrorCode(rawValue: "not-signed")
}

/// The `error` member of a record.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where it happened.
  public var stage: Stage
  /// Whether it was denied, failed, or its fate is unknown.
  public var outcome: Outcome
  /// What happened, for programs.
  public var code: ErrorCode
  /// What happened and what to do, for people; never contains a secret, and nothing that a terminal would act upon.
  public var message: String {
    didSet { message = PrintableText.of(message) }
  }

  /// Creates an error member.
  public init(_ stage: Stage, _ outcome: Outcome, _ code: ErrorCode, _ message: String) {
    self.stage = stage
    self.outcome = outcome
    self.code = code
    self.message = PrintableText.of(message)
  }

  init?(_ json: JSONValue) {
    guard let stage = json["stage"]?.string.flatMap(Stage.init(rawValue:)),
      let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
      let code = json["code"]?.string, let message = json["message"]?.string
    else { return nil }
    self.init(stage, outcome, ErrorCode(rawValue: code), message)
  }

  var json: JSONValue {
    [
      "stage": .string(stage.rawValue), "outcome": .string(outcome.rawValue), "code": .string(code.rawValue),
      "message": .string(message),
    ]
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}
