public import KMSCrypto
internal import KMSSigning
public import KMSVault

extension Vault {
  /// Copies every wallet whose secret still opens from a damaged vault into a new one, with a new key and the same password.
  ///
  /// The damaged file is only read. Rows are sealed one by one, so what opens is what was stored. What only the list of
  /// wallets could tell is not known when the list is damaged: that a row was deleted, or that one which was removed is
  /// there again.
  ///
  /// - Parameters:
  ///   - path: the damaged vault.
  ///   - password: that of the damaged vault, and of the new one.
  ///   - copy: the new vault; it gets its name when it is complete.
  /// - Throws: `already-exists`; `wrong-password`, also when the sealed key is damaged: then nothing can be recovered; as
  ///   `Vault.open` and `Vault.create`.
  /// - Complexity: linear in the number of wallets.
  public static func recover(from path: String, password: SecretBytes, to copy: String) throws -> Recovery {
    try recover(from: path, password: password, to: copy, unsafeAnyCost: false)
  }

  /// Recovers a vault whose cost may be below the floor: for tests.
  package static func recover(
    from path: String, password: SecretBytes, to copy: String, unsafeAnyCost: Bool
  ) throws -> Recovery {
    try recover(
      from: path, password: password, to: copy, unsafeAnyCost: unsafeAnyCost,
      deriving: derivation(SigningRegistry.wallets(of:)))
  }
}
