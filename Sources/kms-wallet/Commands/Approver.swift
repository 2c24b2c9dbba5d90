import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Who must sign approvals: the policy of the vault.
struct Approver: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approver",
    abstract: "Say whose signature kms-sign demands of an approval.",
    discussion: """
      With approvers set, kms-sign signs nothing on mainnet without an answer that one of them signed with a key that \
      is on no machine of ours (docs/approvals.md). Changing them needs the password.
      """,
    subcommands: [ApproverSet.self, ApproverShow.self, ApproverRemove.self])
}

/// Sets the approvers.
struct ApproverSet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Pin the approvers' public keys, in place of those that were there.",
    discussion: """
      A key is Ed25519: 64 hexadecimal digits, the member x of a JSON Web Key, or the Base64 of a PEM file.

      Example: kms-wallet approver set d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
      """)

  @Argument(help: "The public key of each approver.", transform: Self.key)
  var keys: [ApproverKey]

  @Option(help: ArgumentHelp("How many of them must sign.", valueName: "n"))
  var require: Int = 1

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  static func key(_ text: String) throws -> ApproverKey {
    guard let key = ApproverKey(text) else {
      throw ValidationError("a key is not an Ed25519 public key in hexadecimal digits, base64url or Base64")
    }
    return key
  }

  func validate() throws {
    try PolicyAccess.refuseKey(access)
    guard !keys.isEmpty else { throw ValidationError("give the public key of at least one approver") }
    do { _ = try VaultPolicy(approvers: keys, required: require) } catch {
      throw ValidationError(error.message)
    }
  }

  func perform() throws -> ExitStatus {
    try PolicyAccess.change(access, to: VaultPolicy(approvers: keys, required: require))
  }
}

/// Shows the approvers.
struct ApproverShow: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the approvers' public keys.")

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    try PolicyAccess.show(try access.open().policy())
    return .ok
  }
}

/// Removes the approvers.
struct ApproverRemove: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Demand no approver's signature any more.")

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws { try PolicyAccess.refuseKey(access) }

  func perform() throws -> ExitStatus {
    if !yes { try Confirmation.require("Sign from now on without the approvers' signatures?") }
    return try PolicyAccess.change(access, to: VaultPolicy())
  }
}

/// What the commands share.
private enum PolicyAccess {
  /// The key that a stage has is not enough: whoever took it from there could do away with the approvers.
  static func refuseKey(_ access: VaultAccess) throws {
    try access.refuseKey(because: "changing the approvers needs the password")
  }

  /// Changes the policy, and shows what it is now; a vault of an old format gets a new key first, and with it a place for a
  /// policy.
  static func change(_ access: VaultAccess, to policy: VaultPolicy) throws -> ExitStatus {
    let (vault, password) = try access.openWithPassword()
    if !vault.canHavePolicy {
      try vault.rekey(password: password)
      Message.info(
        "the vault got a new key with a new format; keys that were handed out before do not open it any more")
    }
    try vault.set(policy)
    try show(try vault.policy())
    return .ok
  }

  static func show(_ policy: VaultPolicy) throws {
    try StandardOutput.write(pretty: [
      "approvers": .array(policy.approvers.map { .string($0.text) }),
      "required": .number(JSONNumber(policy.required)),
    ])
  }
}
