internal import Glibc
package import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess

extension Journal {
  /// Opens the journal of a vault, after converting one of an earlier version.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - vault: opened with its password or the vault key.
  ///   - now: Unix time in seconds.
  /// - Throws: `no-journal` when it is not there: it is never made anew, because an empty journal would allow everything to
  ///   be signed again; `wrong-journal`, `damaged-journal`, `not-a-journal`, `newer-version`, `permissions-too-open`.
  public static func open(
    at path: String, of vault: Vault, nonceGrace: Int64 = 600, lockTimeout: Int = 30, now: Int64
  ) throws -> Journal {
    var notes: [String] = []
    if OldJournal.isOne(path) {
      notes.append(try convert(path, of: vault, now: now))
    }
    guard PrivateFile.exists(path) else { throw VaultError.noJournal(path) }
    let binding = try vault.journalBinding()
    let journal = try Journal(at: path, key: binding.key, nonceGrace: nonceGrace, lockTimeout: lockTimeout)
    if let id = binding.id {
      guard id == journal.id else { throw VaultError.wrongJournal(path) }
    } else {
      try vault.bind(journal: journal.id, isNew: false)
    }
    removeLeftovers(of: journal.path)
    journal.notes = notes + journal.notes
    return journal
  }

  /// Makes an empty journal, and makes it the one of the vault: what another journal of the vault has, is not known any more.
  ///
  /// - Throws: `already-exists` when there is a file; `cannot-create`, `permissions-too-open`.
  public static func make(at path: String, of vault: Vault, now: Int64) throws {
    try PrivateFile.makeFolder(PrivateFile.folder(of: path))
    let id = RandomBytes.generate(count: 16)
    let key = try vault.newJournalKey()
    // One that a kill left here before it was bound is taken.
    if let left = try? Journal(at: path, key: key), left.count() == 0,
      try vault.journalBinding().id != left.id
    {
      return try vault.bind(journal: left.id, isNew: true)
    }
    guard !PrivateFile.exists(path) else {
      throw VaultError(
        .alreadyExists, "there is a file at \(path) already; it was not touched", hint: "move it away first")
    }
    try make(at: path, id: id, key: key, now: now)
    try vault.bind(journal: id, isNew: true)
  }

  /// Makes an empty journal with a key of its own.
  package static func make(at path: String, id: [UInt8], key: SecretBytes, now: Int64) throws {
    let head = JournalLog.head(id: id, key: try HMACKey(key), now: now)
    try Vault.publishing(as: path) { try append(head, to: $0) }
  }

  /// Whether a file looks like a journal of this version, without its key.
  ///
  /// - Throws: `no-journal`, `not-a-journal`, `newer-version`, `permissions-too-open`.
  public static func checkFile(_ path: String) throws {
    guard let path = PrivateFile.resolve(path) else { throw VaultError.noJournal(path) }
    try PrivateFile.check(path, what: "journal")
    let head = PrivateFile.head(path, count: 32)
    guard !head.elementsEqual(JournalFormat.magic), !OldJournal.isOne(path) else { return }
    throw head.starts(with: JournalFormat.family) ? VaultError.newerJournal(path) : .notAJournal(path)
  }

  // MARK: Conversion

  /// Makes a journal of this version of one of an earlier version, under the same name; the old file stays beside it.
  ///
  /// - Returns: what was done, in a sentence.
  /// - Throws: `wrong-journal` when the vault has a journal of this version already: an old one in its place is a forgery, or
  ///   a copy from before.
  private static func convert(_ path: String, of vault: Vault, now: Int64) throws -> String {
    guard let path = PrivateFile.resolve(path) else { throw VaultError.noJournal(path) }
    try PrivateFile.check(path, what: "journal")
    guard try vault.journalBinding().id == nil else { throw VaultError.wrongJournal(path) }
    let old = try OldJournal(path)
    defer { old.close() }
    let id = RandomBytes.generate(count: 16)
    let temporary = "\(PrivateFile.folder(of: path))/.\(PrivateFile.name(of: path)).converted"
    PrivateFile.remove(temporary)
    try PrivateFile.create(temporary)
    let binding = try vault.journalBinding()
    try append(JournalLog.head(id: id, key: try HMACKey(binding.key), now: now), to: temporary)
    let count = try fill(try Journal(at: temporary, key: binding.key, nonceGrace: 0), from: old)
    let kept = path + ".version-1"
    guard System.link(path, to: kept) || isSameFile(path, kept) else {
      let reason = System.reason()
      PrivateFile.remove(temporary)
      throw VaultError(
        .cannotCreate, "the journal of an earlier version can't be kept as \(kept): \(reason)",
        hint:
          "move a file that has this name elsewhere; where the file system has no links, move the journal to one that has"
      )
    }
    PrivateFile.remove(temporary + ".index")
    try PrivateFile.replace(path, with: temporary)
    try vault.bind(journal: id, isNew: false)
    return
      "the journal \(path), of an earlier version, was converted: \(count) entries; the old file is \(kept)"
  }

  private static func isSameFile(_ a: String, _ b: String) -> Bool {
    guard let first = System.status(a, isFollowing: false), let second = System.status(b, isFollowing: false)
    else { return false }
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev
  }

  /// Copies every entry; returns how many there are.
  private static func fill(_ journal: Journal, from old: OldJournal) throws -> Int {
    var takers: [String: [String]] = [:]
    try old.forEach { if let taker = $0.nonceGivenTo { takers[taker, default: []].append($0.entry.id) } }
    var count = 0
    try journal.begin()
    try old.forEach { row in
      try journal.take(old: row.entry, noncesOf: takers[row.entry.id] ?? [])
      count += 1
      guard count % 1000 == 0 else { return }
      try journal.commit()
      try journal.begin()
    }
    try journal.commit()
    try journal.rest()
    return count
  }

  private static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = System.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw VaultError(.cannotWrite, "\(path) can't be opened: \(System.reason())")
    }
    defer { close(descriptor) }
    guard (try? Descriptor.write(descriptor, bytes.span)) != nil, fsync(descriptor) == 0 else {
      throw VaultError(.cannotWrite, "\(path) can't be written: \(System.reason())")
    }
  }

  /// Removes what processes left that were killed while they made a journal or its index.
  private static func removeLeftovers(of path: String) {
    PrivateFile.remove(path + ".index.new")
    PrivateFile.removeTemporaries(of: path, olderThan: 3600)
  }
}
