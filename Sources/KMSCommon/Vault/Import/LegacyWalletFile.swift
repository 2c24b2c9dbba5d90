internal import Glibc
public import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess
internal import KMSVault

/// The wallet file of the original Tatum KMS: base64 of `Salted__`, a salt of 8 bytes, and all wallets as one JSON
/// text under AES-256-CBC, with key and IV from the password by EVP_BytesToKey with MD5 (CryptoJS's passphrase form).
///
/// The file is read once, when this is made, and never written. It has no authentication: who can write to it can
/// change it unnoticed, up to what the checks of each wallet find.
public struct LegacyWalletFile: Sendable {
  /// Where it is.
  public let path: String
  private let salt: [UInt8]
  private let ciphertext: [UInt8]
  private let digest: [UInt8]

  /// The first characters of every such file: base64 of `Salted__`, without the one that the salt has a say in.
  static let start = Array("U2FsdGVkX1".utf8)
  /// The original's file with 100,000 wallets has some 60 MB.
  private static let maximumSize = 1 << 30

  /// Reads a file, whoever may read it.
  ///
  /// - Throws: `no-vault` when it is not there, `cannot-read`, `not-a-legacy-file` when it begins otherwise, `damaged`
  ///   when it is not whole.
  public init(reading path: String) throws {
    guard let resolved = PrivateFile.resolve(path) else {
      throw PrivateFile.missing(path, what: "wallet file of the original")
    }
    self.path = resolved
    let text = try Self.read(resolved)
    guard text.starts(with: Self.start) else {
      throw VaultError(.notALegacyFile, "\(resolved) is not a wallet file of the original Tatum KMS")
    }
    digest = Hash.sha256(text)
    let end = text.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? 0
    guard let bytes = Base64.decode(ascii: text[..<end]), bytes.count >= 32, bytes.count % 16 == 0 else {
      throw Self.damaged(resolved, "it is cut off, or has characters that do not belong into it")
    }
    salt = Array(bytes[8..<16])
    ciphertext = Array(bytes[16...])
  }

  /// Decrypts the wallets.
  ///
  /// - Throws: `wrong-password`; `damaged` when the beginning can be read and the rest can't.
  public func decrypt(password: SecretBytes) throws -> LegacyWallets {
    let derived = try KeyDerivation.evpBytesToKeyMD5(password: password, salt: salt, count: 48)
    let key = try derived.slice(0..<32)
    let iv = try derived.slice(32..<48).withBytes { Array($0) }
    let first = try AESCBC.decryptUnpadded(Array(ciphertext.prefix(16)), key: key, iv: iv)
    guard first.withBytes({ Self.isStartOfObject($0) }) else {
      throw VaultError(
        .wrongPassword, "the password does not open \(path)",
        hint: "it is the one that the original asks for; a damaged beginning of the file looks the same")
    }
    do {
      return try LegacyWallets(AESCBC.decryptPKCS7(ciphertext, key: key, iv: iv), path: path)
    } catch let error as CryptoError {
      guard error.code == CryptoError.invalidPadding.code else { throw error }
      throw Self.damaged(path, "its end is missing or was changed")
    }
  }

  /// Whether text begins as a JSON object does: a wrong password yields such text by chance once in some ten thousands.
  /// The original writes no white space, but reads it: people have edited such files.
  private static func isStartOfObject(_ text: Span<UInt8>) -> Bool {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    let object = text.extracting(text.prefixCount(while: isSpace)...)
    guard object.first == UInt8(ascii: "{") else { return false }
    let rest = object.extracting(1...)
    let next = rest.firstIndex { !isSpace($0) }.map { rest[$0] }
    return next == nil || next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
  }

  /// Whether the file still has the content that was read.
  public func isUnchanged() -> Bool {
    guard let text = try? Self.read(path) else { return false }
    return Hash.sha256(text) == digest
  }

  static func damaged(_ path: String, _ reason: String) -> VaultError {
    VaultError(
      .damaged, "the wallet file \(path) is damaged: \(reason)",
      hint: "nothing was imported; take it from a backup")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

  private static func read(_ path: String) throws(VaultError) -> [UInt8] {
    let descriptor = System.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw VaultError(.cannotRead, "\(path) can't be read: \(System.reason())")
    }
    defer { close(descriptor) }
    guard let status = System.status(descriptor), status.st_mode & S_IFMT == S_IFREG else {
      throw VaultError(.cannotRead, "\(path) is not a file")
    }
    guard status.st_size <= maximumSize else {
      throw VaultError(.cannotRead, "\(path) has more than 1 GiB")
    }
    var failure: Descriptor.Failure?
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    do throws(Descriptor.Failure) {
      var room = bytes.mutableSpan
      let filled = try Descriptor.read(descriptor, into: &room)
      bytes.removeLast(bytes.count - filled)
    } catch { failure = error }
    if let failure { throw VaultError(.cannotRead, "\(path) can't be read: \(failure.reason)") }
    return bytes
  }
}

/// The decrypted wallets of the original's file: JSON in protected memory.
public struct LegacyWallets: Sendable {
  /// How many entries the file has.
  public let count: Int
  private let json: SecretBytes
  private let path: String

  /// Goes over all of the text, so that a caller sees all of a file or nothing of it.
  ///
  /// - Throws: `damaged` when it is not UTF-8, or not a JSON object of entries with distinct names.
  init(_ json: SecretBytes, path: String) throws {
    self.json = json
    self.path = path
    var count = 0
    try unsafe json.withUnsafeBytes { bytes in
      var reader = unsafe LegacyReader(bytes.bindMemory(to: UInt8.self), path: path)
      try reader.readAll { _ in count += 1 }
    }
    self.count = count
  }

  /// Gives every entry to `body`, in the order of the file: that of storing, the last one first.
  func forEachEntry(_ body: (LegacyEntry) throws -> Void) throws {
    try unsafe json.withUnsafeBytes { bytes in
      var reader = unsafe LegacyReader(bytes.bindMemory(to: UInt8.self), path: path)
      try reader.readAll(body)
    }
  }
}
