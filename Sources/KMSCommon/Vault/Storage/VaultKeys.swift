internal import KMSCrypto
internal import KMSRecords

/// The keys of one open vault, derived once: HKDF-SHA256 (RFC 5869) of the vault key, the vault's id as salt.
struct VaultKeys {
  let version: VaultFormat.Version
  let vaultID: [UInt8]
  /// nil when the vault was opened with the view key.
  let full: Full?
  let view: SecretBytes
  private let identity: SecretBytes

  /// What only the vault key gives.
  struct Full {
    let vault: SecretBytes
    let secrets: SecretBytes
    let approve: SecretBytes
  }

  /// All keys.
  init(vaultKey: SecretBytes, vaultID: [UInt8], version: VaultFormat.Version) throws {
    func derive(_ purpose: String) throws -> SecretBytes {
      try Self.derive(vaultKey, vaultID: vaultID, version, purpose)
    }
    self.version = version
    self.vaultID = vaultID
    view = try derive("view")
    full = Full(vault: vaultKey, secrets: try derive("secrets"), approve: try derive("approve"))
    identity = try Self.derive(view, vaultID: vaultID, version, "identity")
  }

  /// The public side.
  init(viewKey: SecretBytes, vaultID: [UInt8], version: VaultFormat.Version) throws {
    self.version = version
    self.vaultID = vaultID
    view = viewKey
    full = nil
    identity = try Self.derive(viewKey, vaultID: vaultID, version, "identity")
  }

  private static func derive(
    _ key: SecretBytes, vaultID: [UInt8], _ version: VaultFormat.Version, _ purpose: String
  ) throws -> SecretBytes {
    try KeyDerivation.hkdfSHA256(
      key: key, salt: vaultID, info: VaultFormat.fields(version.name, purpose), count: 32)
  }

  /// Tells a key of this vault from another one without opening anything.
  var keyCheck: [UInt8] {
    HMAC.sha256(key: view, VaultFormat.fields(version.name, "key-check"))
  }

  /// The blind index of an address: equal addresses of one chain and network have equal ones, and without the
  /// view key nobody can test a guess. 16 bytes.
  func identity(of text: String, chain: String, testnet: Bool) -> [UInt8] {
    Array(
      HMAC.sha256(key: identity, VaultFormat.fields(version.name, chain, testnet ? "1" : "0", text))
        .prefix(16))
  }

  /// What the sealed vault key is bound to.
  static func associatedData(
    vaultID: [UInt8], version: VaultFormat.Version, cost: Argon2Cost, salt: [UInt8]
  ) -> [UInt8] {
    VaultFormat.fields([
      Array(version.name.utf8), vaultID, Array("vault_key".utf8), Array("argon2id".utf8),
      Array(String(cost.memoryKiB).utf8), Array(String(cost.passes).utf8), salt,
    ])
  }

  /// What the sealed census is bound to.
  var censusAssociatedData: [UInt8] {
    VaultFormat.fields([Array(version.name.utf8), vaultID, Array("census".utf8)])
  }

  /// What the sealed policy is bound to.
  var policyAssociatedData: [UInt8] {
    VaultFormat.fields([Array(version.name.utf8), vaultID, Array("policy".utf8)])
  }

  /// What a sealed column of a wallet is bound to.
  func associatedData(column: String, of row: WalletRow) -> [UInt8] {
    VaultFormat.fields([
      Array(version.name.utf8), vaultID, Array(column.utf8), Array(row.signatureID.utf8),
      Array(row.chain.utf8), [row.testnet ? 0x31 : 0x30], Array(row.kind.utf8),
    ])
  }
}
