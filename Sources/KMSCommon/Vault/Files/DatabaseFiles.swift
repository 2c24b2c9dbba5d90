internal import Glibc
internal import KMSProcess

/// A vault as files: SQLite's database, and what lies beside it under its name.
///
/// A rollback journal (`-journal`) that a crash left is a part of the database: without it the database is half changed. Beside
/// another database it is poison, for SQLite would roll it into that one (https://sqlite.org/howtocorrupt.html, 1.4). The same
/// goes for a write-ahead log (`-wal`).
enum DatabaseFiles {
  /// F_OFD_SETLK of Linux's asm-generic/fcntl.h, which Swift does not import.
  private static let setLock: Int32 = 37
  /// What is appended to the name of the database.
  private static let companions = ["-journal", "-wal", "-shm"]

  /// Names of what there is, the database first.
  static func present(at path: String) -> [String] {
    ([""] + companions).map { path + $0 }.filter(PrivateFile.exists)
  }

  /// Removes a copy that was made here.
  static func remove(_ path: String) { for file in present(at: path) { PrivateFile.remove(file) } }

  /// Refuses a place where something lies that SQLite would roll into a new vault.
  ///
  /// - Throws: `already-exists`.
  static func refuseLeftovers(at path: String) throws(VaultError) {
    guard let left = present(at: path).first(where: { $0 != path }) else { return }
    throw VaultError(
      .alreadyExists,
      "there is \(left), which belongs to another vault that was here and would spoil a new one",
      hint: "move it away, together with that vault if it is somewhere else")
  }

  /// Puts a vault and what belongs to it aside, under a name of which there is nothing.
  ///
  /// The database first: what a crash leaves then is found by `refuseLeftovers`.
  /// - Throws: `cannot-write`.
  static func move(_ path: String, to other: String) throws(VaultError) {
    for suffix in [""] + companions where PrivateFile.exists(path + suffix) {
      guard System.rename(path + suffix, to: other + suffix) else {
        throw VaultError(
          .cannotWrite, "\(path + suffix) can't be put aside as \(other + suffix): \(System.reason())")
      }
    }
  }

  /// Copies a vault, which is only read, as it is at one instant, and brings the copy into the form that vaults have: what was
  /// half done is undone.
  ///
  /// - Parameters:
  ///   - path: the vault, whoever may read it and whatever its folder allows.
  ///   - copy: a file that was not there; of mode 0600.
  ///   - withHoles: whether what can't be read becomes zeros instead of an error.
  /// - Returns: how many bytes could not be read.
  /// - Throws: `no-vault`, `cannot-read`, `cannot-write`, `cannot-create`, `busy`; as opening a vault.
  static func copy(_ path: String, to copy: String, withHoles: Bool = false) throws -> Int {
    let source = System.open(path, O_RDONLY | O_NONBLOCK)
    guard source >= 0 else { throw PrivateFile.missing(path, what: "vault") }
    defer { close(source) }
    guard let status = System.status(source), status.st_mode & S_IFMT == S_IFREG else {
      throw VaultError(.cannotRead, "\(path) is not a file")
    }
    try lock(source, path)
    var holes = try bytes(of: source, path, to: copy, withHoles: withHoles)
    for suffix in ["-journal", "-wal"] {
      let file = System.open(path + suffix, O_RDONLY | O_NONBLOCK)
      guard file >= 0 || errno == ENOENT else {
        throw VaultError(.cannotRead, "\(path + suffix) can't be read: \(System.reason())")
      }
      guard file >= 0 else { continue }
      defer { close(file) }
      holes += try bytes(of: file, path + suffix, to: copy + suffix, withHoles: withHoles)
    }
    do {
      // Also one that somebody has changed to a log of its own with other tools.
      if PrivateFile.exists(copy + "-wal") || PrivateFile.head(copy, count: 20).dropFirst(18).contains(2) {
        try SQLiteDatabase(path: copy, busyTimeoutMilliseconds: 0).execute("PRAGMA journal_mode=DELETE")
      }
    } catch { throw error.vaultError("vault", path: path) }
    return holes
  }

  /// Keeps others from changing the database: a shared lock as SQLite has it, on its bytes for readers
  /// (https://sqlite.org/src/file?name=src/os.h, SHARED_FIRST), for as long as the descriptor is open.
  private static func lock(_ descriptor: Int32, _ path: String) throws(VaultError) {
    for _ in 0..<300 {
      var region = flock()
      region.l_type = Int16(F_RDLCK)
      region.l_whence = Int16(SEEK_SET)
      (region.l_start, region.l_len) = (0x4000_0002, 510)
      let isLocked = unsafe fcntl(descriptor, setLock, &region) == 0
      // On file systems without locks nobody writes with SQLite.
      if isLocked || ![EAGAIN, EACCES].contains(errno) { return }
      usleep(100_000)
    }
    throw VaultError(
      .busy, "another process kept the vault \(path) locked", hint: "`fuser \(path)` names the process")
  }

  /// Copies bytes; returns how many could not be read and are zeros.
  private static func bytes(
    of source: Int32, _ path: String, to copy: String, withHoles: Bool
  ) throws(VaultError) -> Int {
    try PrivateFile.create(copy)
    let target = System.open(copy, O_WRONLY | O_NOFOLLOW)
    guard target >= 0 else {
      throw VaultError(.cannotCreate, "\(copy) can't be created: \(System.reason())")
    }
    defer { close(target) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    var (at, holes) = (UInt64(0), 0)
    while true {
      var count = 0
      do throws(Descriptor.Failure) {
        var room = buffer.mutableSpan
        count = try Descriptor.read(source, into: &room, at: at)
      } catch {
        guard withHoles, error.number == EIO, let status = System.status(source) else {
          throw VaultError(.cannotRead, "\(path) can't be read: \(error.reason)")
        }
        buffer = [UInt8](repeating: 0, count: buffer.count)
        count = max(0, min(buffer.count, Int(status.st_size) - Int(at)))
        holes += count
      }
      if count == 0 { return holes }
      do throws(Descriptor.Failure) {
        try Descriptor.write(target, buffer.span.extracting(..<count), at: at)
      } catch {
        throw VaultError(
          .cannotWrite,
          "the copy of \(path) can't be written in \(PrivateFile.folder(of: copy)): \(error.reason)")
      }
      at += UInt64(count)
    }
  }
}

extension VaultError {
  /// The same about a file by the name that people know, instead of that of its temporary copy.
  func about(_ file: String, insteadOf temporary: String, hint other: String? = nil) -> VaultError {
    VaultError(
      code, message.replacing(temporary, with: file), hint: other ?? hint?.replacing(temporary, with: file))
  }
}
