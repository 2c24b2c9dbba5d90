internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Which journal belongs to a vault: sealed with the vault's policy, so that nobody without the vault's key puts another one
/// in its place.
struct JournalBinding {
  /// 16 bytes; nil when no journal was bound yet, and any that was written with `key` is the one.
  var id: [UInt8]?
  /// The key of the journal, 32 bytes.
  var key: SecretBytes
  /// Whether `key` is not the one that the vault's key of today gives, but that of an earlier one.
  fileprivate var isKept: Bool

  /// Reads the member `journal` of the policy.
  init(_ policy: JSONValue, keys: VaultKeys, _ full: VaultKeys.Full) throws {
    let json = policy["journal"]
    id = json?["id"]?.string.flatMap { Hex.decode($0) }
    if let sealed = json?["key"]?.string {
      key = try AESGCM.open(
        Hex.decode(sealed) ?? [], key: full.secrets, associatedData: keys.journalAssociatedData)
      isKept = true
    } else {
      key = try full.journal(keys)
      isKept = false
    }
  }

  /// The member `journal`, sealed for a vault with these keys.
  func json(_ keys: VaultKeys, _ full: VaultKeys.Full, keyIsOld: Bool) throws -> JSONValue? {
    guard id != nil || isKept || keyIsOld else { return nil }
    var object = JSONObject()
    object["id"] = id.map { .string(Hex.encode($0)) }
    if isKept || keyIsOld {
      object["key"] = .string(
        Hex.encode(try AESGCM.seal(key, key: full.secrets, associatedData: keys.journalAssociatedData)))
    }
    return .object(object)
  }
}

extension VaultKeys {
  /// What the sealed key of an earlier journal is bound to.
  fileprivate var journalAssociatedData: [UInt8] {
    VaultFormat.fields([Array(version.name.utf8), vaultID, Array("journal-key".utf8)])
  }
}

extension VaultKeys.Full {
  /// The key of a journal that is made now.
  fileprivate func journal(_ keys: VaultKeys) throws -> SecretBytes {
    try KeyDerivation.hkdfSHA256(
      key: vault, salt: keys.vaultID, info: VaultFormat.fields(keys.version.name, "journal"), count: 32)
  }
}

extension Vault {
  /// Which journal belongs to the vault.
  ///
  /// - Throws: `key-required` with the view key; `damaged`.
  func journalBinding() throws -> JournalBinding {
    let full = try fullKeys("opening the journal")
    return try reading {
      try JournalBinding(VaultPolicy.stored(database, keys: keys, full), keys: keys, full)
    }
  }

  /// The key for a journal that is made now.
  func newJournalKey() throws -> SecretBytes { try fullKeys("making a journal").journal(keys) }

  /// Makes a journal the one of this vault; does nothing in a vault of version 1, which has no place for it.
  ///
  /// - Parameter isNew: whether it was made with `newJournalKey`.
  func bind(journal id: [UInt8], isNew: Bool) throws {
    let full = try fullKeys("binding a journal")
    guard canHavePolicy else { return }
    try writing {
      let stored = try VaultPolicy.stored(database, keys: keys, full)
      var binding = try JournalBinding(stored, keys: keys, full)
      binding.id = id
      if isNew { binding.isKept = false }
      let policy = try VaultPolicy.read(database, keys: keys, full)
      try policy.write(
        database, keys: keys, full, journal: binding.json(keys, full, keyIsOld: false))
    }
  }

  /// Makes the journal of another vault the one of this vault, which takes the other's place.
  func takeJournal(of other: Vault) throws {
    let (full, otherFull) = (try fullKeys("binding a journal"), try other.fullKeys("reading a vault"))
    let binding = try other.connection.reading {
      try JournalBinding(
        VaultPolicy.stored(other.database, keys: other.keys, otherFull), keys: other.keys, otherFull)
    }
    try writing {
      let policy = try VaultPolicy.read(database, keys: keys, full)
      try policy.write(database, keys: keys, full, journal: binding.json(keys, full, keyIsOld: true))
    }
  }
}
