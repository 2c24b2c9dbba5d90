internal import Glibc
internal import KMSProcess

/// Whose turn it is to append to a journal.
///
/// Two locks of the open file description (fcntl(2)) behind the end of the file: one for who writes, one for who is next.
/// Who writes sees that somebody is next, and lets go between two groups.
final class JournalLock {
  private let descriptor: Int32
  private let path: String
  private let timeout: Int
  private var isHeld = false

  private static let writing: off_t = 1 << 61
  private static let waiting: off_t = 1 << 61 + 1
  /// F_OFD_GETLK and F_OFD_SETLK of Linux's asm-generic/fcntl.h, which Swift does not import.
  private static let getOFDLock: Int32 = 36
  private static let setOFDLock: Int32 = 37

  /// Locks of a file, whose holder waits for others up to `timeout` seconds.
  init(_ descriptor: Int32, path: String, timeout: Int) {
    self.descriptor = descriptor
    self.path = path
    self.timeout = max(0, timeout)
  }

  /// Takes the lock; false when we had it.
  ///
  /// - Throws: `busy`; `journal-replaced` when another file has the name by now.
  func take() throws(VaultError) -> Bool {
    guard !isHeld else { return false }
    try wait(for: Self.waiting)
    defer { unlock(Self.waiting) }
    try wait(for: Self.writing)
    isHeld = true
    guard let here = System.status(descriptor), let there = System.status(path), here.st_ino == there.st_ino,
      here.st_dev == there.st_dev
    else {
      release()
      throw VaultError(.journalReplaced, "the journal \(path) was moved or replaced while it was in use")
    }
    return true
  }

  /// Lets go.
  func release() {
    guard isHeld else { return }
    isHeld = false
    unlock(Self.writing)
  }

  /// Whether somebody else is next.
  var othersWait: Bool {
    var lock = Self.lock(F_WRLCK, Self.waiting)
    return unsafe fcntl(descriptor, Self.getOFDLock, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  private func wait(for place: off_t) throws(VaultError) {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(timeout)
    while !set(F_WRLCK, place) {
      guard errno == EAGAIN || errno == EACCES || errno == EINTR else {
        throw VaultError(.cannotWrite, "the journal \(path) can't be locked: \(System.reason())")
      }
      guard clock.now < deadline else {
        throw VaultError(
          .busy, "another process has had the journal \(path) for \(timeout) seconds", hint: "try again")
      }
      usleep(1000)
    }
  }

  private func unlock(_ place: off_t) { _ = set(F_UNLCK, place) }

  private func set(_ kind: Int32, _ place: off_t) -> Bool {
    var lock = Self.lock(kind, place)
    return unsafe fcntl(descriptor, Self.setOFDLock, &lock) == 0
  }

  private static func lock(_ kind: Int32, _ place: off_t) -> flock {
    var lock = flock()
    lock.l_type = Int16(kind)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = place
    lock.l_len = 1
    return lock
  }
}
