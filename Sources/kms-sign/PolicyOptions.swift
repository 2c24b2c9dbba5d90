import ArgumentParser
import KMSChains
import KMSRecords

/// What an operator allows beyond the safe defaults.
struct PolicyOptions: ParsableArguments {
  @Flag(
    help: "Let XRP regular keys, further signers of XLM accounts and the keys of rekeyed ALGO accounts sign.")
  var allowDelegatedKeys = false

  @Flag(help: "Sign transactions that hand over or empty an account.")
  var allowAccountControl = false

  @Flag(help: "Sign Flow scripts that the server supplied.")
  var allowCustomScripts = false

  @Flag(help: "Sign operations that are not on the lists of docs/chains.md.")
  var allowUnknownOperations = false

  @Flag(help: "Refuse allowances and operators without a limit, on EVM chains, TRON and VET.")
  var noUnlimitedAllowances = false

  @Flag(
    help:
      "Sign transactions that are valid for longer, or from later on, than docs/chains.md says; durable nonces of SOL."
  )
  var allowLongValidity = false

  @Flag(
    help: "Use nonces far above what was signed here before, as when other programs sign for the account.")
  var allowNonceJumps = false

  @Flag(
    help: ArgumentHelp(
      "Sign inputs of BTC, LTC, DOGE and BCH whose amounts nothing proves.",
      discussion:
        "Whoever states a wrong amount of an input that is no SegWit one makes the difference a fee."))
  var trustAmounts = false

  @Option(
    help: ArgumentHelp(
      "The highest fee that is signed on a chain, in its smallest unit, such as BTC=500000; see docs/chains.md "
        + "for the defaults.", valueName: "chain=amount"))
  var maxFee: [String] = []

  @Flag(help: "Sign BCH inputs with ECDSA instead of Schnorr.")
  var bchEcdsa = false

  func policy() throws -> SigningPolicy {
    var policy = SigningPolicy()
    policy.allowDelegatedKeys = allowDelegatedKeys
    policy.allowAccountControl = allowAccountControl
    policy.allowCustomScripts = allowCustomScripts
    policy.allowUnknownOperations = allowUnknownOperations
    policy.noUnlimitedAllowances = noUnlimitedAllowances
    policy.allowLongValidity = allowLongValidity
    policy.allowNonceJumps = allowNonceJumps
    policy.trustAmounts = trustAmounts
    policy.bchECDSA = bchEcdsa
    for item in maxFee {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ChainName.all.contains(String(parts[0])),
        policy.setMaximumFee(String(parts[1]), of: String(parts[0]))
      else {
        let hint = ChainName.hint(for: String(parts.first ?? ""))
        throw ValidationError(
          "--max-fee '\(item)' is not of the form CHAIN=AMOUNT, such as BTC=500000, with an amount below 2^256\(hint)"
        )
      }
    }
    return policy
  }
}
