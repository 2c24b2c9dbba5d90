import KMSChains
import KMSCrypto
import KMSRecords
import KMSVault

/// The keys that records ask for, read from the vault and kept for the next record that asks.
final class KeyRing {
  /// How many keys are kept: 10,000 are some 3 MiB.
  private static let capacity = 10_000

  private struct Slot: Hashable {
    let signatureID: String
    let index: UInt32?
  }

  private struct Entry {
    let view: WalletView
    let key: PrivateKeyMaterial
  }

  private let vault: Vault
  private var entries: [Slot: Entry] = [:]

  init(vault: Vault) { self.vault = vault }

  /// The key that `reference` names, for a record of `chain` on that network.
  ///
  /// - Throws: `RecordError` `wallet-not-found`, `wallet-chain-mismatch`, `wallet-network-mismatch`,
  ///   `index-missing`, `wallet-unreadable`.
  func key(for reference: KeyReference, chain: any Chain, testnet: Bool) throws(RecordError) -> SigningKey {
    let slot = Slot(signatureID: reference.signatureID, index: reference.index)
    let entry: Entry
    if let kept = entries[slot] {
      entry = kept
      try Self.check(entry.view, chain: chain, testnet: testnet)
    } else {
      entry = try read(reference, chain: chain, testnet: testnet)
      if entries.count >= Self.capacity { entries.removeAll() }
      entries[slot] = entry
    }
    return SigningKey(reference: reference, privateKey: entry.key)
  }

  private func read(_ reference: KeyReference, chain: any Chain, testnet: Bool) throws(RecordError) -> Entry {
    let stored: (view: WalletView, secret: SecretBytes)?
    do {
      stored = try vault.secret(of: reference.signatureID)
    } catch {
      throw RecordError(
        signing: .walletUnreadable, "wallet \(reference.signatureID) can't be read from the vault: \(error)")
    }
    guard let stored else {
      let purpose = reference.purpose.map { " for \($0)" } ?? ""
      throw RecordError(
        signing: .walletNotFound,
        "no wallet in the vault has the signature ID \(reference.signatureID)\(purpose)")
    }
    try Self.check(stored.view, chain: chain, testnet: testnet)
    do {
      let key = try chain.wallets.key(
        kind: stored.view.kind, secret: stored.secret, index: reference.index, testnet: testnet)
      return Entry(view: stored.view, key: key)
    } catch let error as WalletError where error.code == WalletError.indexMissing.code {
      throw RecordError(
        signing: .indexMissing,
        "wallet \(reference.signatureID) holds a mnemonic; the API request must name a derivation index")
    } catch {
      throw RecordError(
        signing: .walletUnreadable, "wallet \(reference.signatureID) gives no key for \(chain.name): \(error)"
      )
    }
  }

  private static func check(_ wallet: WalletView, chain: any Chain, testnet: Bool) throws(RecordError) {
    guard wallet.chain == chain.name else {
      throw RecordError(
        signing: .walletChainMismatch,
        "wallet \(wallet.signatureID) is for \(wallet.chain), the transaction for \(chain.name)")
    }
    guard wallet.testnet == testnet else {
      throw RecordError(
        signing: .walletNetworkMismatch,
        "wallet \(wallet.signatureID) is for \(wallet.testnet ? "testnet" : "mainnet"), the transaction is not"
      )
    }
  }
}
