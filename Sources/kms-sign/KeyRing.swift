import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSVault
import Synchronization

/// The keys that records ask for, read from the vault and kept for the next record that asks.
///
/// Of a mnemonic what its keys have in common is kept, too: a withdrawal may ask for hundreds of them.
///
/// For several threads at once: one looks at a time.
final class KeyRing: @unchecked Sendable {
  // Sendable although it changes: everything below is used with `lock` held.
  private let lock = Mutex(())
  /// How many keys and how many wallets are kept: 10,000 of each are some 6 MiB.
  private static let capacity = 10_000

  private struct Slot: Hashable {
    let signatureID: String
    let index: UInt32?
  }

  private struct Wallet {
    let view: WalletView
    let keys: WalletKeys
  }

  private let vault: Vault
  private var wallets: [String: Wallet] = [:]
  /// What was asked for last: mostly one sender has several transactions.
  private var latest: (references: [KeyReference], chain: SigningChain, testnet: Bool, keys: [SigningKey])?
  private var keys: [Slot: PrivateKeyMaterial] = [:]

  init(vault: Vault) { self.vault = vault }

  /// The keys that a record asks for; those of wallets that the vault does not have are left out where the chain skips
  /// them.
  ///
  /// - Throws: as `key(for:chain:testnet:)`; why the transaction can't be read.
  func keys(of work: Work) throws(RecordError) -> [SigningKey] {
    let skipsUnknown = try work.intent().skipsUnknownWallets
    return try lock.withLock { (_) throws(RecordError) in try keys(of: work, skipsUnknown: skipsUnknown) }
  }

  private func keys(of work: Work, skipsUnknown: Bool) throws(RecordError) -> [SigningKey] {
    if let latest, latest.chain === work.chain, latest.testnet == work.record.testnet,
      latest.references == work.references
    {
      return latest.keys
    }
    var found: [SigningKey] = []
    for reference in work.references {
      do throws(RecordError) {
        found.append(try key(for: reference, chain: work.chain, testnet: work.record.testnet))
      } catch {
        guard skipsUnknown, error.code == .walletNotFound else { throw error }
      }
    }
    guard !found.isEmpty || work.references.isEmpty else {
      // Nobody's keys: the first says so.
      return [try key(for: work.references[0], chain: work.chain, testnet: work.record.testnet)]
    }
    if found.count == work.references.count {
      latest = (work.references, work.chain, work.record.testnet, found)
    }
    return found
  }

  /// The key that `reference` names, for a record of `chain` on that network.
  ///
  /// - Throws: `RecordError` `wallet-not-found`, `wallet-chain-mismatch`, `wallet-network-mismatch`,
  ///   `index-missing`, `wallet-unreadable`.
  private func key(for reference: KeyReference, chain: SigningChain, testnet: Bool) throws(RecordError)
    -> SigningKey
  {
    let wallet = try wallet(of: reference, chain: chain, testnet: testnet)
    let slot = Slot(signatureID: reference.signatureID, index: reference.index)
    if let kept = keys[slot] { return SigningKey(reference: reference, privateKey: kept) }
    let key = try explaining(reference, chain) { try wallet.keys.key(index: reference.index) }
    if keys.count >= Self.capacity { keys.removeAll() }
    keys[slot] = key
    return SigningKey(reference: reference, privateKey: key)
  }

  private func wallet(
    of reference: KeyReference, chain: SigningChain, testnet: Bool
  ) throws(RecordError) -> Wallet {
    if let kept = wallets[reference.signatureID] {
      try Self.check(kept.view, chain: chain, testnet: testnet)
      return kept
    }
    let stored = try stored(reference)
    try Self.check(stored.view, chain: chain, testnet: testnet)
    let wallet = Wallet(
      view: stored.view,
      keys: try explaining(reference, chain) {
        try chain.wallets.scheme(of: stored.view).keys(
          kind: stored.view.kind, secret: stored.secret, testnet: testnet)
      })
    if wallets.count >= Self.capacity { wallets.removeAll() }
    wallets[reference.signatureID] = wallet
    return wallet
  }

  private func stored(_ reference: KeyReference) throws(RecordError) -> (
    view: WalletView, secret: SecretBytes
  ) {
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
    return stored
  }

  private func explaining<R>(
    _ reference: KeyReference, _ chain: SigningChain, _ derive: () throws -> R
  ) throws(RecordError) -> R {
    do {
      return try derive()
    } catch let error as WalletError where error.code == WalletError.indexMissing.code {
      throw RecordError(
        signing: .indexMissing,
        "wallet \(reference.signatureID) holds a mnemonic; the API request must name a derivation index")
    } catch let error as WalletError where error.code == WalletError.indexInvalid.code {
      throw RecordError(
        signing: .malformedTransaction,
        "wallet \(reference.signatureID) holds a mnemonic, and the index for it is not an integer from 0 to 2147483647"
      )
    } catch {
      throw RecordError(
        signing: .walletUnreadable, "wallet \(reference.signatureID) gives no key for \(chain.name): \(error)"
      )
    }
  }

  private static func check(_ wallet: WalletView, chain: SigningChain, testnet: Bool) throws(RecordError) {
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
