internal import Glibc
public import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess
internal import KMSRecords

/// The key of the Tatum API. It goes into one header and nowhere else.
public struct APIKey: Sendable {
  /// 1 to 512 characters of printable ASCII without spaces.
  let secret: SecretBytes

  /// Takes a key; white space around it is dropped, and `text` is wiped.
  ///
  /// - Throws: `ProgramFailure` (78) when it is empty, too long, or not printable ASCII.
  public init(_ text: inout [UInt8]) throws {
    defer { text.wipe() }
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (9...13).contains($0) }
    let trimmed = text.drop(while: isSpace)
    let end = trimmed.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? trimmed.startIndex
    let key = trimmed[trimmed.startIndex..<end]
    guard (1...512).contains(key.count), key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ProgramFailure(
        .configuration, "the API key is empty, longer than 512 characters, or not printable ASCII")
    }
    secret = try SecretBytes(copying: key)
  }

  /// The key of the environment variable `TATUM_API_KEY`, which is wiped and removed, so that no child gets it and
  /// /proc does not show it; nil when it is not set or empty.
  public static func takeFromEnvironment() throws -> APIKey? {
    guard let secret = try System.takeSecret("TATUM_API_KEY"), secret.count > 0 else { return nil }
    var text = secret.withBytes { Array($0) }
    return try APIKey(&text)
  }

  /// The key in a file that others can neither read nor change.
  ///
  /// - Throws: `ProgramFailure`: 66 when it can't be read, 77 when its permissions are too open, 78 when what it
  ///   holds is no key.
  public static func read(file path: String) throws -> APIKey {
    let descriptor = System.open(path, O_RDONLY | O_NOCTTY)
    guard descriptor >= 0 else {
      throw ProgramFailure(.noInput, "the API key file \(path) can't be read: \(System.reason())")
    }
    defer { close(descriptor) }
    guard let status = System.status(descriptor), status.st_mode & 0o026 == 0 else {
      throw ProgramFailure(
        .noPermission, "the API key file can be read by everyone or changed by others",
        hint: "chmod 600 \(path)")
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw ProgramFailure(
        .noPermission, "the API key file \(path) belongs to user \(status.st_uid)",
        hint: "it has to belong to the user who runs this, or to root")
    }
    var text = try contents(of: descriptor, what: "file")
    return try APIKey(&text)
  }

  /// The key that a key holder gives, or that a descriptor has to its end, which is closed then.
  ///
  /// - Throws: `ProgramFailure`: 64 when the descriptor is not open, 66 when it can't be read, 77 when the holder gives none, as `init`.
  public static func read(descriptor: Int32) throws -> APIKey {
    guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
      throw ProgramFailure(.usage, "file descriptor \(descriptor) is not open")
    }
    if KeyRequest.isHolder(descriptor) {
      return APIKey(secret: try KeyRequest.ask(for: KeyRequest.apiKey, over: descriptor))
    }
    defer { close(descriptor) }
    var text = try contents(of: descriptor, what: "file descriptor")
    return try APIKey(&text)
  }

  /// The first 1024 bytes, more than a key may have; wiped by `init(_:)`.
  private static func contents(of descriptor: Int32, what: String) throws -> [UInt8] {
    var text = [UInt8](repeating: 0, count: 1024)
    do throws(Descriptor.Failure) {
      var room = text.mutableSpan
      let count = try Descriptor.read(descriptor, into: &room)
      text.removeLast(text.count - count)
      return text
    } catch {
      throw ProgramFailure(.noInput, "the API key \(what) can't be read: \(error.reason)")
    }
  }

  private init(secret: SecretBytes) { self.secret = secret }

  /// The key itself, for the one who hands it on.
  public var bytes: SecretBytes { secret }

  /// `text` with every occurrence of the key replaced.
  func scrubbed(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return secret.withBytes { key in
      guard bytes.count >= key.count else { return text }
      var out: [UInt8] = []
      var at = 0
      var isChanged = false
      while at < bytes.count {
        if at + key.count <= bytes.count, key.elementsEqual(bytes[at..<at + key.count]) {
          out += Array("<api key>".utf8)
          at += key.count
          isChanged = true
        } else {
          out.append(bytes[at])
          at += 1
        }
      }
      return isChanged ? String(decoding: out, as: UTF8.self) : text
    }
  }
}
