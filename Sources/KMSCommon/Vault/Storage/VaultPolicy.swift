internal import KMSCrypto
public import KMSRecords

/// What the owner of a vault demands before kms-sign signs with its keys.
///
/// It is sealed under the key that only the vault key gives: who can write files, or holds the view key, can neither change
/// nor drop it. A vault of version 1 has none, and demands nothing.
public struct VaultPolicy: Sendable, Hashable {
  /// The keys of the approvers, of whom `required` must have signed an approval.
  public var approvers: [ApproverKey]
  /// From 1 to the number of `approvers`; 0 when there are none.
  public var required: Int

  /// Creates a policy; without approvers it demands nothing.
  ///
  /// - Throws: `invalid-argument` when `required` is not possible, or a key stands twice.
  public init(approvers: [ApproverKey], required: Int) throws(VaultError) {
    guard approvers.isEmpty ? required == 0 : (1...approvers.count).contains(required) else {
      throw VaultError(
        .invalidArgument,
        approvers.isEmpty
          ? "without approvers none can be required"
          : "of \(approvers.count) approvers, 1 to \(approvers.count) can be required, not \(required)")
    }
    guard Set(approvers).count == approvers.count else {
      throw VaultError(.invalidArgument, "an approver's key stands twice")
    }
    self.approvers = approvers
    self.required = required
  }

  /// A policy that demands nothing.
  public init() {
    approvers = []
    required = 0
  }

  private var json: JSONValue {
    [
      "approvers": .array(approvers.map { .string($0.text) }), "required": .number(JSONNumber(required)),
    ]
  }

  private init?(_ json: JSONValue) {
    guard let texts = json["approvers"]?.array, let required = json["required"]?.uint64 else { return nil }
    var keys: [ApproverKey] = []
    for text in texts {
      guard let key = text.string.flatMap({ ApproverKey($0) }) else { return nil }
      keys.append(key)
    }
    guard let policy = try? VaultPolicy(approvers: keys, required: Int(clamping: required)) else {
      return nil
    }
    self = policy
  }

  /// Opens the stored policy.
  ///
  /// - Throws: `damaged` when it is missing or was not written with the key.
  static func read(
    _ database: SQLiteDatabase, keys: VaultKeys, _ full: VaultKeys.Full
  ) throws -> VaultPolicy {
    guard keys.version != .one else { return VaultPolicy() }
    guard let policy = VaultPolicy(try stored(database, keys: keys, full)) else {
      throw damaged("can't be read")
    }
    return policy
  }

  /// What is stored: the policy, and which journal belongs to the vault (`JournalBinding`). No members in version 1.
  static func stored(
    _ database: SQLiteDatabase, keys: VaultKeys, _ full: VaultKeys.Full
  ) throws -> JSONValue {
    guard keys.version != .one else { return .object(JSONObject()) }
    guard let sealed = try database.first("SELECT sealed FROM policy WHERE id = 1", [], { $0.blob(0) }) else {
      throw damaged("is missing")
    }
    do {
      return try AESGCM.open(sealed, key: full.secrets, associatedData: keys.policyAssociatedData)
        .withBytes { (text) throws(JSONSyntaxError) in try JSONValue(parsing: text) }
    } catch { throw damaged("can't be opened") }
  }

  private static func damaged(_ reason: String) -> VaultError {
    VaultError(
      .damaged, "the vault is damaged: its policy \(reason)",
      hint: "restore it from a backup, or save the wallets with `kms-wallet recover`")
  }

  /// Seals and stores the policy, and which journal belongs to the vault.
  func write(
    _ database: SQLiteDatabase, keys: VaultKeys, _ full: VaultKeys.Full, journal: JSONValue?
  ) throws {
    var object = json.object ?? JSONObject()
    object["journal"] = journal
    let sealed = try AESGCM.seal(
      try SecretBytes(copying: JSONValue.object(object).encoded()), key: full.secrets,
      associatedData: keys.policyAssociatedData)
    try database.run("INSERT OR REPLACE INTO policy (id, sealed) VALUES (1, ?)", [.blob(sealed)])
  }
}

extension Vault {
  /// What the owner demands before anything is signed.
  ///
  /// - Throws: `key-required` with the view key; `damaged`.
  public func policy() throws -> VaultPolicy {
    let full = try fullKeys("reading the policy")
    return try reading { try VaultPolicy.read(database, keys: keys, full) }
  }

  /// Whether the format has a place for a policy; `rekey` makes one.
  public var canHavePolicy: Bool { keys.version != .one }

  /// Changes the policy.
  ///
  /// - Throws: `key-required`; `invalid-argument` in a vault that has no place for one (`canHavePolicy`);
  ///   `cannot-write`, `busy`.
  public func set(_ policy: VaultPolicy) throws {
    let full = try fullKeys("changing the policy")
    guard canHavePolicy else {
      throw VaultError(
        .invalidArgument, "the vault \(path) has an old format, without a place for approvers",
        hint: "`kms-wallet rekey` brings it up to date")
    }
    try writing {
      let journal = try VaultPolicy.stored(database, keys: keys, full)["journal"]
      try policy.write(database, keys: keys, full, journal: journal)
      guard try VaultPolicy.read(database, keys: keys, full) == policy else {
        throw VaultError(.cannotWrite, "the vault does not keep what is stored in it; nothing was changed")
      }
    }
  }
}
