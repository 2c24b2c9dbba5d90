/// What rippled says to a submitted transaction: its engine results (XRPLF/rippled, TER.h and TER.cpp) and their texts.
///
/// A `tec` is provisional: rippled has put the transaction into the open ledger and passed it on; a validated ledger may
/// have it with this or another result, and it takes the fee and uses the sequence number. So it is held, and the next answer
/// (`tefPAST_SEQ`, `tefALREADY`) leads to the look-up.
enum XRPAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "rippled, TER.cpp: tefALREADY", .code("tefALREADY"),
        "The exact transaction was already in this ledger"),
      AnswerTable.Rule(
        .perhapsThere, "rippled, TER.cpp: used sequence numbers and tickets; past LastLedgerSequence",
        .code("tefPAST_SEQ"), "This sequence number has already passed", .code("tefNO_TICKET"),
        "Ticket is not in ledger", .code("tefMAX_LEDGER"), "Ledger sequence too high",
        .code("tefWRONG_PRIOR"),
        "This previous transaction does not match"),
      AnswerTable.Rule(
        .held, "rippled, TER.h: ter means that it is kept to be tried again", .family("ter"),
        "Held until escalated fee drops", "Missing/inapplicable prior transaction",
        "Ticket is not yet in ledger",
        "The source account does not exist", "Account balance can't pay fee", .whole("Retry transaction.")),
      AnswerTable.Rule(
        .held, "rippled, TER.h: tec is provisional until a ledger is validated", .family("tec"),
        "Malformed, invalid, or mismatched conditional"),
      AnswerTable.Rule(
        .held, "rippled, TER.cpp: load of this server", .code("telINSUF_FEE_P"), "Fee insufficient",
        .code("telCAN_NOT_QUEUE"), .code("telCAN_NOT_QUEUE_BALANCE"),
        .code("telCAN_NOT_QUEUE_BLOCKS"), .code("telCAN_NOT_QUEUE_BLOCKED"), .code("telCAN_NOT_QUEUE_FEE"),
        .code("telCAN_NOT_QUEUE_FULL"), "Can not queue at this time"),
      AnswerTable.Rule(
        .trouble, "rippled, TER.cpp: the server's own failures", .code("telLOCAL_ERROR"),
        .code("telFAILED_PROCESSING"), .code("tefFAILURE"), .code("tefINTERNAL"), .code("tefEXCEPTION"),
        .code("tefBAD_LEDGER"), .code("tefINVARIANT_FAILED"), .code("temUNCERTAIN"), .code("temUNKNOWN")),
      AnswerTable.Rule(
        .trouble, "rippled, ErrorCodes.cpp: the server can't take transactions now", .code("noNetwork"),
        .code("noCurrent"), .code("noClosed"), .code("tooBusy"), .code("slowDown"), .code("notReady"),
        .code("notSynced"), .code("amendmentBlocked"), .code("failedToForward"), .code("highFee"),
        "InsufficientNetworkMode", "The server is too busy", "Not synced to the network",
        "You are placing too much load on the server"),
      AnswerTable.Rule(
        .refused, "rippled, TER.h: tem means malformed, in whatever ledger", .family("tem"),
        "Malformed transaction", "Malformed: ", "Invalid fee, negative or not XRP",
        "Limits must be non-negative",
        "Destination may not be source", "Destination not specified", "The transaction is redundant",
        "The transaction is ill-formed", "The transaction has an invalid flag", "PathSet with no paths",
        "The transaction requires logic that is currently disabled"),
      AnswerTable.Rule(
        .refused, "rippled, TER.cpp: tef", .code("tefBAD_AUTH"), .code("tefBAD_AUTH_MASTER"),
        .code("tefBAD_SIGNATURE"), .code("tefBAD_QUORUM"), .code("tefMASTER_DISABLED"),
        .code("tefNOT_MULTI_SIGNING"), .code("tefNO_AUTH_REQUIRED"), .code("tefBAD_ADD_AUTH"),
        .code("tefTOO_BIG"),
        .code("tefNFTOKEN_IS_NOT_TRANSFERABLE"), .code("tefCREATED"),
        "Transaction's public key is not authorized",
        "Master key is disabled", "A signature is provided for a non-signer",
        "Signatures provided do not meet the quorum", "Not authorized to add account",
        "Account has no appropriate list of multi-signers",
        "Auth for unclaimed account needs correct master key",
        "Transaction affects too many items", "The specified NFToken is not transferable"),
      AnswerTable.Rule(
        .refused, "rippled, TER.cpp: tel that says the same to every try", .code("telWRONG_NETWORK"),
        .code("telREQUIRES_NETWORK_ID"), .code("telNETWORK_ID_MAKES_TX_NON_CANONICAL"),
        .code("telBAD_PUBLIC_KEY"),
        .code("telBAD_DOMAIN"), .code("telBAD_PATH_COUNT"), .code("telNO_DST_PARTIAL"),
        "Public key is not valid", "Partial payment to create account not allowed", "Domain too long",
        "Transaction specifies a Network ID that differs", "must include a correct NetworkID field",
        "must NOT include a NetworkID field"),
      AnswerTable.Rule(
        .refused, "rippled, Submit.cpp: what does not parse or pass the local checks",
        .code("invalidTransaction"),
        "fails local checks"),
      AnswerTable.Rule(.accepted, "rippled, TER.cpp: tesSUCCESS", .code("tesSUCCESS")),
    ])
    + AnswerTable.nodeTrouble
}
