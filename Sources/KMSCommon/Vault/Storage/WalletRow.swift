package import KMSChains
internal import KMSCrypto
internal import KMSRecords

/// One row of the table `wallet`: clear columns as they are stored, sealed ones unopened.
package struct WalletRow {
  var signatureID: String
  var chain: String
  var testnet: Bool
  /// Whether the column `testnet` was 0 or 1.
  private var isNetworkKnown = true
  var kind: String
  var identity: [UInt8]?
  var publicSealed: [UInt8] = []
  var secretSealed: [UInt8] = []

  static let columns = "signature_id, chain, testnet, kind, identity, public, secret"

  /// Seals a wallet.
  init(_ view: WalletView, secret: SecretBytes, keys: VaultKeys, full: VaultKeys.Full) throws {
    signatureID = view.signatureID
    chain = view.chain
    testnet = view.testnet
    kind = view.kind.rawValue
    identity = Self.identityText(of: view).map {
      keys.identity(of: $0, chain: view.chain, testnet: view.testnet)
    }
    publicSealed = try AESGCM.seal(
      try SecretBytes(copying: Self.publicJSON(of: view)), key: keys.view,
      associatedData: keys.associatedData(column: "public", of: self))
    secretSealed = try AESGCM.seal(
      secret, key: full.secrets, associatedData: keys.associatedData(column: "secret", of: self))
  }

  /// Reads the current row of a query for `columns`, without `secret` unless asked for.
  init(_ row: SQLiteStatement, withSecret: Bool) {
    signatureID = row.text(0)
    chain = row.text(1)
    testnet = row.integer(2) != 0
    isNetworkKnown = 0...1 ~= row.integer(2)
    kind = row.text(3)
    identity = row.isNull(4) ? nil : row.blob(4)
    publicSealed = row.blob(5)
    if withSecret { secretSealed = row.blob(6) }
  }

  /// Takes the columns of a row of the table `wallet` as they stand in the file; nil when they are of another table.
  init?(_ values: [SQLiteValue]) {
    // The first column is the row's number, which is not stored twice.
    guard values.count == 8, case .null = values[0], case .text(let id) = values[1],
      case .text(let chain) = values[2], case .integer(let network) = values[3],
      case .text(let kind) = values[4], case .blob(let publicSealed) = values[6],
      case .blob(let secretSealed) = values[7]
    else { return nil }
    switch values[5] {
    case .null: identity = nil
    case .blob(let bytes): identity = bytes
    default: return nil
    }
    signatureID = id
    self.chain = chain
    testnet = network != 0
    isNetworkKnown = 0...1 ~= network
    self.kind = kind
    self.publicSealed = publicSealed
    self.secretSealed = secretSealed
  }

  /// Opens the public side.
  ///
  /// - Throws: `damaged` when it is not what was stored under this ID, chain, network and kind.
  func view(_ keys: VaultKeys, checkingIdentity: Bool = true) throws(VaultError) -> WalletView {
    guard let kind = WalletKind(rawValue: kind), isNetworkKnown else {
      throw Self.damaged(signatureID, "its kind or network is unknown")
    }
    let json: JSONValue
    do {
      let text = try AESGCM.open(
        publicSealed, key: keys.view, associatedData: keys.associatedData(column: "public", of: self))
      json = try text.withBytes { (text) throws(JSONSyntaxError) in try JSONValue(parsing: text) }
    } catch { throw Self.damaged(signatureID, "its public side can't be opened") }
    let view = WalletView(
      signatureID: signatureID, chain: chain, testnet: testnet, kind: kind, xpub: json["xpub"]?.string,
      address: json["address"]?.string, publicKey: json["publicKey"]?.string,
      path: json["path"]?.string)
    let expected = Self.identityText(of: view).map { keys.identity(of: $0, chain: chain, testnet: testnet) }
    guard expected == identity || !checkingIdentity else {
      throw Self.damaged(signatureID, "its identity is of another address")
    }
    return view
  }

  /// Opens the secret; throws as `view`.
  func secret(_ keys: VaultKeys, _ full: VaultKeys.Full) throws(VaultError) -> SecretBytes {
    do {
      return try AESGCM.open(
        secretSealed, key: full.secrets, associatedData: keys.associatedData(column: "secret", of: self))
    } catch { throw Self.damaged(signatureID, "its secret can't be opened") }
  }

  var values: [SQLiteValue] {
    [
      .text(signatureID), .text(chain), SQLiteValue(testnet), .text(kind), SQLiteValue(identity),
      .blob(publicSealed), .blob(secretSealed),
    ]
  }

  /// By what a wallet is found again: its address, else its extended public key, else its public key.
  package static func identityText(of view: WalletView) -> String? {
    view.address ?? view.xpub ?? view.publicKey
  }

  private static func publicJSON(of view: WalletView) -> [UInt8] {
    var object = JSONObject()
    object["xpub"] = view.xpub.map(JSONValue.string)
    object["address"] = view.address.map(JSONValue.string)
    object["publicKey"] = view.publicKey.map(JSONValue.string)
    object["path"] = view.path.map(JSONValue.string)
    return JSONValue.object(object).encoded()
  }

  static func damaged(_ signatureID: String, _ reason: String) -> VaultError {
    VaultError(
      .damaged, "wallet \(signatureID) is damaged: \(reason)",
      hint: "restore the vault from a backup; `kms-wallet check` lists all damaged wallets")
  }
}
