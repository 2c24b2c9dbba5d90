internal import KMSChains
internal import KMSRecords

/// The key of an EVM account, with its address.
struct EVMSender {
  /// The key.
  let key: PrivateKeyMaterial
  /// The account whose key it is.
  let address: EVMAddress
  /// The same as `getaddress` prints it.
  var text: String { key.address }
  private let form: EVMAddressForm

  /// Reads the address of `key`.
  init(_ key: PrivateKeyMaterial, _ form: EVMAddressForm) throws(ChainError) {
    self.key = key
    self.form = form
    address = try form.read(key.address, member: "the key's address")
  }

  /// Refuses an account that is not the key's.
  ///
  /// - Parameter named: the sender that the pending transaction names, if any.
  /// - Throws: `key-not-sender`.
  func check(named: EVMAddress?, _ context: EVMContext) throws(ChainError) {
    for (member, from) in [("serializedTransaction.from", named), ("context.from", try context.from(form))] {
      guard let from, from != address else { continue }
      throw ChainError(
        .keyNotSender, "\(member) is \(form.text(from)), the wallet's key is that of \(form.text(address))")
    }
  }
}
