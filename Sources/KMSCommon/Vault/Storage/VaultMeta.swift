internal import KMSCrypto

/// The row of the table `meta`: how the password leads to the vault key.
struct VaultMeta {
  let vaultID: [UInt8]
  var memoryKiB: Int64
  var passes: Int64
  var salt: [UInt8]
  var sealedKey: [UInt8]
  var keyCheck: [UInt8]

  private static let saltSize = 16

  static func read(_ database: SQLiteDatabase) throws -> VaultMeta {
    let row = try database.first(
      "SELECT vault_id, kdf, kdf_memory_kib, kdf_passes, kdf_salt, sealed_key, key_check FROM meta WHERE id = 1"
    ) {
      (
        VaultMeta(
          vaultID: $0.blob(0), memoryKiB: $0.integer(2), passes: $0.integer(3), salt: $0.blob(4),
          sealedKey: $0.blob(5), keyCheck: $0.blob(6)),
        $0.text(1)
      )
    }
    guard let (meta, kdf) = row else { throw damaged("the row of its parameters is missing") }
    guard kdf == "argon2id" else { throw damaged("the password hash is not argon2id") }
    guard meta.vaultID.count == 16, meta.salt.count == saltSize, meta.sealedKey.count == 60,
      meta.keyCheck.count == 32
    else { throw damaged("a parameter has the wrong length") }
    return meta
  }

  private static func damaged(_ reason: String) -> VaultError {
    VaultError(.damaged, "the vault is damaged: \(reason)", hint: "restore it from a backup")
  }

  /// Parameters that this vault may demand of this machine.
  func cost(unsafeAnyCost: Bool) throws(VaultError) -> Argon2Cost {
    guard let memory = Int(exactly: memoryKiB), let passes = Int(exactly: passes) else {
      throw Self.damaged("impossible Argon2id parameters")
    }
    return unsafeAnyCost
      ? Argon2Cost(unsafeUncheckedMemoryKiB: memory, passes: passes)
      : try Argon2Cost(memoryKiB: memory, passes: passes)
  }

  /// What a password gives: the key around the vault key, which opens it once and is gone then.
  private struct WrappingKey: ~Copyable {
    private let key: SecretBytes

    init(_ password: SecretBytes, salt: [UInt8], cost: Argon2Cost) throws(VaultError) {
      do {
        key = try KeyDerivation.argon2id(
          password: password, salt: salt, passes: cost.passes, memoryKiB: cost.memoryKiB)
      } catch {
        throw VaultError(
          .noMemory, "Argon2id (\(cost)) failed: \(error)",
          hint: "the password hash needs that much free memory; systemd's MemoryMax or ulimit -v may be lower"
        )
      }
    }

    borrowing func seal(_ vaultKey: SecretBytes, associatedData: [UInt8]) throws(CryptoError) -> [UInt8] {
      try AESGCM.seal(vaultKey, key: key, associatedData: associatedData)
    }

    consuming func open(_ sealed: [UInt8], associatedData: [UInt8]) throws(CryptoError) -> SecretBytes {
      try AESGCM.open(sealed, key: key, associatedData: associatedData)
    }
  }

  /// The vault key.
  func open(
    password: SecretBytes, cost: Argon2Cost, version: VaultFormat.Version
  ) throws -> SecretBytes {
    let wrapping = try WrappingKey(password, salt: salt, cost: cost)
    let key: SecretBytes
    do {
      key = try wrapping.open(
        sealedKey,
        associatedData: VaultKeys.associatedData(vaultID: vaultID, version: version, cost: cost, salt: salt))
    } catch {
      throw VaultError(.wrongPassword, "the password does not open the vault")
    }
    guard key.count == 32 else { throw Self.damaged("the vault key has the wrong length") }
    return key
  }

  /// Parameters for `vaultKey` under a password, with a fresh salt.
  static func seal(
    _ keys: VaultKeys, _ full: VaultKeys.Full, password: SecretBytes, cost: Argon2Cost
  ) throws -> VaultMeta {
    guard password.count > 0 else {
      throw VaultError(.emptyPassword, "a vault needs a password; this one is empty")
    }
    let salt = RandomBytes.generate(count: saltSize)
    let wrapping = try WrappingKey(password, salt: salt, cost: cost)
    let associatedData = VaultKeys.associatedData(
      vaultID: keys.vaultID, version: keys.version, cost: cost, salt: salt)
    let sealed = try wrapping.seal(full.vault, associatedData: associatedData)
    guard try wrapping.open(sealed, associatedData: associatedData) == full.vault else {
      throw VaultError(.internalError, "the vault key could not be sealed")
    }
    return VaultMeta(
      vaultID: keys.vaultID, memoryKiB: Int64(cost.memoryKiB), passes: Int64(cost.passes), salt: salt,
      sealedKey: sealed, keyCheck: keys.keyCheck)
  }

  /// Stores the row and reads it back.
  func write(_ database: SQLiteDatabase) throws {
    try database.run(
      "INSERT OR REPLACE INTO meta (id, vault_id, kdf, kdf_memory_kib, kdf_passes, kdf_salt, sealed_key, "
        + "key_check) VALUES (1, ?, 'argon2id', ?, ?, ?, ?, ?)",
      [
        .blob(vaultID), .integer(memoryKiB), .integer(passes), .blob(salt), .blob(sealedKey), .blob(keyCheck),
      ])
    let stored = try Self.read(database)
    guard stored.sealedKey == sealedKey, stored.salt == salt, stored.keyCheck == keyCheck else {
      throw VaultError(.cannotWrite, "the vault does not keep what is stored in it; nothing was changed")
    }
  }
}
