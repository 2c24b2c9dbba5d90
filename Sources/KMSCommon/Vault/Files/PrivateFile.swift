internal import CSQLite
internal import Glibc
internal import KMSPrimitives
internal import KMSProcess

/// Files and folders that only their owner may touch.
package enum PrivateFile {
  /// `path` with every symbolic link resolved; nil when there is no such file.
  ///
  /// The checks below then speak of the file that is really opened, wherever links point.
  package static func resolve(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The folder part of an absolute or relative path.
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  package static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// Refuses a file, or its folder, that belongs to somebody else or that other users may use.
  ///
  /// - Throws: `permissions-too-open`; `no-vault` when it is not there; `cannot-read` when it is no file.
  static func check(_ path: String, what: String) throws(VaultError) {
    guard let status = System.status(path, isFollowing: false) else { throw missing(path, what: what) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw VaultError(.cannotRead, "the \(what) \(path) is not a file")
    }
    try checkAccess(status, path: path, hint: "chmod 600 '\(path)'")
    try checkFolder(folder(of: path))
  }

  /// Refuses a folder that belongs to somebody else or that other users may use.
  package static func checkFolder(_ path: String) throws(VaultError) {
    guard let status = System.status(path) else {
      throw VaultError(.cannotRead, "the folder \(path) can't be read: \(System.reason())")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw VaultError(.cannotRead, "\(path) is not a folder")
    }
    let isShared = status.st_mode & S_ISVTX != 0  // /tmp and the like are not to be closed
    try checkAccess(
      status, path: path,
      hint: isShared ? "--path names a place in a folder of your own" : "chmod 700 '\(path)'")
    try checkAncestors(of: path)
  }

  /// Refuses a folder in whose place others can put another one: who may write in a folder above it, or owns one, can
  /// rename what is in there, unless the sticky bit keeps that to the owners (chmod(1)).
  ///
  /// A group's right to write counts where it is not the group of whoever runs this: many systems give each user one.
  private static func checkAncestors(of path: String) throws(VaultError) {
    guard var place = resolve(path) else {
      throw VaultError(.cannotRead, "the folder \(path) can't be read: \(System.reason())")
    }
    while place != "/" {
      place = folder(of: place)
      guard let status = System.status(place) else {
        throw VaultError(.cannotRead, "the folder \(place) can't be read: \(System.reason())")
      }
      guard status.st_uid == 0 || status.st_uid == geteuid() else {
        throw VaultError(
          .permissionsTooOpen,
          "\(place), above \(path), belongs to user \(status.st_uid), who can change what is in it",
          hint: "--path names a place in a folder of your own")
      }
      let isOpen =
        status.st_mode & 0o002 != 0
        || status.st_mode & 0o020 != 0 && status.st_gid != getegid() && status.st_gid != 0
      guard !isOpen || status.st_mode & S_ISVTX != 0 else {
        throw VaultError(
          .permissionsTooOpen,
          "other users can put another folder in the place of \(path): they may change \(place) (mode "
            + "\(String(status.st_mode & 0o7777, radix: 8)))", hint: "chmod go-w '\(place)'")
      }
    }
  }

  private static func checkAccess(_ status: stat, path: String, hint: String) throws(VaultError) {
    guard status.st_uid == geteuid() else {
      throw VaultError(
        .permissionsTooOpen,
        "\(path) belongs to user \(status.st_uid), not to user \(geteuid()) who runs this",
        hint: "run this as its owner")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw VaultError(
        .permissionsTooOpen,
        "other users may use \(path) (mode \(String(status.st_mode & 0o7777, radix: 8)))", hint: hint)
    }
  }

  package static func missing(_ path: String, what: String) -> VaultError {
    let error = errno
    do { try refuseUnknownHome(path) } catch { return error }
    if error == ENOENT || error == ENOTDIR {
      return VaultError(
        .noVault, "there is no \(what) at \(path)",
        hint: what == "vault"
          ? "--path names another place; `kms-wallet generatemanagedwallet` makes a vault" : nil)
    }
    return VaultError(.cannotRead, "the \(what) \(path) can't be read: \(System.reason(error))")
  }

  /// Makes the folder (mode 0700) when it is not there, its parent being there; refuses one that is too open.
  static func makeFolder(_ path: String) throws(VaultError) {
    try refuseUnknownHome(path)
    if unsafe mkdir(path, 0o700) == 0 {
      try syncFolder(folder(of: path))
    } else if errno != EEXIST {
      throw VaultError(.cannotCreate, "the folder \(path) can't be made: \(System.reason())")
    }
    try checkFolder(path)
  }

  /// Creates an empty file of mode 0600 that was not there before.
  static func create(_ path: String) throws(VaultError) {
    let descriptor = System.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard descriptor >= 0 else {
      throw VaultError(
        errno == EEXIST ? .alreadyExists : .cannotCreate, "\(path) can't be created: \(System.reason())")
    }
    _ = fchmod(descriptor, 0o600)  // whatever the umask
    close(descriptor)
  }

  /// Gives the finished file `temporary` its name, if nothing has that name, and makes both durable.
  ///
  /// A link can't replace a file, unlike a rename: of two processes that create one vault, one is refused. Where there are
  /// no links, as on the file systems of USB sticks, a rename that replaces nothing does the same.
  static func publish(_ temporary: String, as path: String) throws(VaultError) {
    try sync(temporary)
    if System.link(temporary, to: path) {
      remove(temporary)
    } else if unsafe ![EPERM, EOPNOTSUPP, ENOSYS].contains(errno)
      || kms_rename_without_replacing(temporary, path) != 0
    {
      throw VaultError(
        errno == EEXIST ? .alreadyExists : .cannotCreate, "\(path) can't be created: \(System.reason())")
    }
    try syncFolder(folder(of: path))
  }

  /// Refuses a path in a home folder that nobody knows: a folder named `~` is never meant.
  static func refuseUnknownHome(_ path: String) throws(VaultError) {
    guard path == "~" || path.hasPrefix("~/") else { return }
    throw VaultError(
      .noHome, "there is no home folder for \(path): the variable HOME is not set",
      hint: "set HOME, or name the file with --path")
  }

  /// Gives the finished file `new` the name of a file that is replaced by it, and makes that durable.
  package static func replace(_ path: String, with new: String) throws(VaultError) {
    try sync(new)
    try syncFolder(folder(of: path))  // what else was done in the folder comes first
    guard System.rename(new, to: path) else {
      throw VaultError(.cannotWrite, "\(path) can't be replaced: \(System.reason())")
    }
    try syncFolder(folder(of: path))
  }

  /// Whether something has this name, a dangling link included.
  static func exists(_ path: String) -> Bool {
    System.status(path, isFollowing: false) != nil
  }

  package static func remove(_ path: String) { System.remove(path) }

  /// Removes hidden files of ours beside `path`, named after it, that were not touched for `age` seconds: processes that were
  /// killed left them. (`Vault.publishing`)
  static func removeTemporaries(of path: String, olderThan age: Int) {
    let (folder, prefix) = (folder(of: path), ".\(name(of: path)).")
    let now = Timestamp.unixTime()
    for name in System.names(in: folder)?.names ?? [] {
      guard name.hasPrefix(prefix) else { continue }
      let file = "\(folder)/\(name)"
      guard let status = System.status(file, isFollowing: false), status.st_mode & S_IFMT == S_IFREG,
        status.st_uid == geteuid(),
        Int64(status.st_mtim.tv_sec) < now - Int64(age)
      else { continue }
      remove(file)
    }
  }

  /// The first `count` bytes of a file; fewer when it is shorter or can't be read.
  ///
  /// Never of a file that SQLite may have open in this process: closing the descriptor would drop SQLite's
  /// locks (https://sqlite.org/howtocorrupt.html section 2.2).
  static func head(_ path: String, count: Int) -> [UInt8] {
    let descriptor = System.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: count)
    var room = head.mutableSpan
    let filled = (try? Descriptor.read(descriptor, into: &room)) ?? 0
    return Array(head[..<filled])
  }

  private static func sync(_ path: String) throws(VaultError) {
    let descriptor = System.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw VaultError(.cannotWrite, "\(path) can't be read: \(System.reason())") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw VaultError(.cannotWrite, "\(path) can't be written: \(System.reason())")
    }
  }

  private static func syncFolder(_ path: String) throws(VaultError) { try sync(path) }
}
