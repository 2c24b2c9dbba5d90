internal import KMSRecords

/// The addresses of a chain, as far as they follow from the public side of wallets.
public protocol AddressScheme: Sendable {
  /// The address at `index` (the public key, where keys alone determine no address); nil where it can't be told without the wallet's secret.
  ///
  /// - Throws: `WalletError` when the stored extended public key can't be read, or has no such index.
  func address(of wallet: WalletView, index: UInt32) throws -> String?
}

extension AddressScheme {
  /// The address of the wallet that signs a transaction with one sender; nil when the vault has no such wallet, or
  /// its secret alone tells the address.
  ///
  /// - Throws: `index-missing` for a mnemonic wallet without an index (decision 2), `wallet-unreadable`.
  package func sender(_ reference: KeyReference?, _ wallet: WalletView?) throws(ChainError) -> String? {
    guard let reference, let wallet else { return nil }
    if wallet.kind == .mnemonic, reference.index == nil {
      throw ChainError(.indexMissing, WalletError.indexMissing.message)
    }
    do { return try address(of: wallet, index: reference.index ?? 0) } catch let error as WalletError
      where error.code == WalletError.indexInvalid.code
    {
      throw .malformed("the index for wallet \(wallet.signatureID) is not an integer from 0 to 2147483647")
    } catch {
      throw ChainError(
        .walletUnreadable, "the address of wallet \(wallet.signatureID) can't be derived: \(error)")
    }
  }
}

/// Wallets that are one key each: the address is stored.
struct StoredAddress: AddressScheme {
  func address(of wallet: WalletView, index: UInt32) throws -> String? { wallet.address }
}

/// Wallets whose mnemonics derive hardened keys only (SLIP-0010): the address of index 0 is stored.
package struct FirstAddress: AddressScheme {
  package init() {}

  package func address(of wallet: WalletView, index: UInt32) throws -> String? {
    wallet.kind != .mnemonic || index == 0 ? wallet.address : nil
  }
}
