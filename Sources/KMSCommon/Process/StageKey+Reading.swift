internal import Glibc
internal import KMSCrypto
public import KMSRecords

extension StageKey {
  /// Reads the key that a program is handed on a file descriptor, to its end, and closes it; a descriptor that leads to a key
  /// holder (`KeyRequest`) is asked, and stays open.
  ///
  /// - Throws: `ProgramFailure`: 64 when the descriptor is not open, 74 when reading fails, 77 when it gives no key, or
  ///   one of another kind.
  public static func read(descriptor: Int32, kind: Kind) throws -> StageKey {
    guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
      throw ProgramFailure(.usage, "file descriptor \(descriptor) is not open")
    }
    if KeyRequest.isHolder(descriptor) {
      let line = try KeyRequest.ask(for: kind.rawValue, over: descriptor)
      return try parse(line, descriptor: descriptor, kind: kind)
    }
    defer { close(descriptor) }
    let line: SecretBytes?
    do { line = try Descriptor.secret(descriptor, limit: 128) } catch let failure as Descriptor.Failure {
      throw ProgramFailure(.io, "the key can't be read from file descriptor \(descriptor): \(failure.reason)")
    }
    return try parse(line, descriptor: descriptor, kind: kind)
  }

  private static func parse(_ line: SecretBytes?, descriptor: Int32, kind: Kind) throws -> StageKey {
    guard let line, let key = try StageKey(line: line) else {
      throw ProgramFailure(
        .noPermission, "file descriptor \(descriptor) does not give a key",
        hint: "kms-wallet unlock prints keys: one line, such as \(kind.rawValue):<64 hex digits>")
    }
    guard key.kind == kind else {
      throw ProgramFailure(
        .noPermission,
        "this program works with the \(kind.rawValue) key and was given the \(key.kind.rawValue) key")
    }
    return key
  }
}
