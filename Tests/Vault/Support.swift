import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSWallets

@testable import KMSVault

/// A folder of mode 0700 that goes away with the value.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/kms-vault-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
  }

  deinit { remove(path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  private func remove(_ folder: String) {
    guard let entries = opendir(folder) else { return }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      if unlink("\(folder)/\(name)") != 0 { remove("\(folder)/\(name)") }
    }
    closedir(entries)
    rmdir(folder)
  }
}

func secret(_ text: String) throws -> SecretBytes { try SecretBytes(copying: text.utf8) }

func text(_ secret: SecretBytes) -> String { secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

func writeFile(_ path: String, _ bytes: some Collection<UInt8>, mode: mode_t = 0o600) {
  guard let file = fopen(path, "w") else { return }
  _ = Array(bytes).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
  fclose(file)
  chmod(path, mode)
}

/// Argon2id that takes no time.
let quick = Argon2Cost(unsafeUncheckedMemoryKiB: 8, passes: 1)

/// A vault of one test, with quick password hashing.
struct TestVault {
  static let password = "correct horse"
  let folder = TemporaryFolder()
  let vault: Vault

  var path: String { folder.file("wallet.dat") }

  init(pageSize: Int = 4096) throws {
    vault = try Vault.create(
      at: folder.file("wallet.dat"), password: secret(Self.password), cost: quick, pageSize: pageSize)
  }

  func reopened(_ password: String = Self.password) throws -> Vault {
    try Vault.open(at: path, password: secret(password), unsafeAnyCost: true)
  }

  /// Another connection with all keys.
  func connection() throws -> Vault { try Vault.open(at: path, key: vault.key(for: .vault)) }

  /// Runs SQL on the file behind the vault's back.
  func tamper(_ sql: String...) throws {
    let database = try SQLiteDatabase(path: path, busyTimeoutMilliseconds: 5000)
    for sql in sql { try database.execute(sql) }
  }
}

/// A wallet whose texts are derived from `number`; no chain's code would accept its key.
func wallet(_ number: Int, kind: WalletKind = .privateKey) throws -> NewWallet {
  NewWallet(
    kind: kind, secret: try secret("secret of wallet \(number)"),
    xpub: kind == .mnemonic ? "xpub\(number)" : nil,
    address: kind == .mnemonic ? nil : "address\(number)", publicKey: nil)
}

extension Vault {
  /// Stores without asking the chain's code, which would refuse these wallets.
  @discardableResult
  func store(
    _ wallet: NewWallet, chain: String = "ETH", testnet: Bool = true, signatureID: String? = nil
  ) throws -> WalletView {
    let views = try add([Addition(wallet, chain: chain, testnet: testnet, signatureID: signatureID)]) { _ in
      nil
    }
    guard let view = views.first else { throw Missing() }
    return view
  }

  func store(_ count: Int, chain: String = "ETH", testnet: Bool = true, from first: Int = 0) throws
    -> [WalletView]
  {
    try add((0..<count).map { Addition(try wallet(first + $0), chain: chain, testnet: testnet) }) { _ in nil }
  }
}

struct Missing: Error {}

/// The code of the error that `body` throws; nil when it throws none.
extension Vault {
  /// Opens a vault with a key that is kept as its line: a key itself opens one vault only.
  static func open(at path: String, keyLine line: SecretBytes) throws -> Vault {
    guard let key = try StageKey(line: line) else { throw VaultError(.wrongKey, "the line is no key") }
    return try open(at: path, key: key)
  }
}

func code(_ body: () throws -> Void) -> VaultError.Code? {
  do {
    try body()
    return nil
  } catch let error as VaultError {
    return error.code
  } catch {
    return VaultError.Code(rawValue: "\(error)")
  }
}
