import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// What is demanded of approvals beyond what the vault's policy says.
struct ApprovalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Seconds after which an approval is too old.", valueName: "seconds"))
  var approvalMaxAge: Int = 600

  @Flag(help: "Demand the approvers' signatures for records of testnets, too.")
  var testnetApprovals = false

  @Flag(
    help: ArgumentHelp(
      "Refuse to work with a vault that has no approvers.",
      discussion: "So that nobody gains by putting back an old copy of the vault, from before they were set.")
  )
  var requireApprovers = false

  func validate() throws {
    guard (1...86_400).contains(approvalMaxAge) else {
      throw ValidationError("--approval-max-age is from 1 to 86400 seconds")
    }
  }

  /// The demands of an open vault.
  ///
  /// - Throws: `ProgramFailure` (78) when approvers are required and the vault has none.
  func demands(of vault: Vault) throws -> ApprovalDemands {
    let policy = try vault.policy()
    guard !requireApprovers || policy.required > 0 else {
      throw ProgramFailure(
        .configuration, "the vault \(vault.path) has no approvers, and --require-approvers is given",
        hint: "kms-wallet approver set KEY; or somebody put back an old copy of the vault")
    }
    return ApprovalDemands(
      maximumAge: Int64(approvalMaxAge), approvers: policy.approvers, required: policy.required,
      includesTestnets: testnetApprovals)
  }
}
