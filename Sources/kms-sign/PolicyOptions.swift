import ArgumentParser
import KMSChains
import KMSRecords
import KMSSigning

/// What an operator allows beyond the safe defaults.
struct PolicyOptions: ParsableArguments {
  @Flag(
    help: "Let XRP regular keys, further signers of XLM accounts and the keys of rekeyed ALGO accounts sign.")
  var allowDelegatedKeys = false

  @Flag(help: "Sign transactions that hand over or empty an account.")
  var allowAccountControl = false

  @Flag(help: "Sign Flow scripts that the server supplied.")
  var allowCustomScripts = false

  @Option(
    help: ArgumentHelp(
      "The highest fee that is signed on a chain, in its smallest unit, such as BTC=500000; see docs/chains.md "
        + "for the defaults.", valueName: "chain=amount"))
  var maxFee: [String] = []

  @Option(
    help: ArgumentHelp(
      "Of a chain's test networks, sign for this one only, such as ETH=holesky.",
      discussion:
        "May stand several times; the rest is chain-id-mismatch. Without it each of them is signed for.",
      valueName: "chain=name"),
    transform: { try TestnetChoice(parsing: $0) })
  var testnetType: [TestnetChoice] = []

  @Flag(help: "Sign BCH inputs with ECDSA instead of Schnorr.")
  var bchEcdsa = false

  func policy() throws -> SigningPolicy {
    var policy = SigningPolicy()
    policy.allowDelegatedKeys = allowDelegatedKeys
    policy.allowAccountControl = allowAccountControl
    policy.allowCustomScripts = allowCustomScripts
    policy.bchECDSA = bchEcdsa
    for choice in testnetType { policy.testnets[choice.chain] = choice.testnet }
    for item in maxFee {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ChainRegistry.names.contains(String(parts[0])),
        policy.setMaximumFee(String(parts[1]), of: String(parts[0]))
      else {
        let hint = ChainRegistry.hint(for: String(parts.first ?? ""))
        throw ValidationError(
          "--max-fee '\(item)' is not of the form CHAIN=AMOUNT, such as BTC=500000, with an amount below 2^256\(hint)"
        )
      }
    }
    return policy
  }
}
