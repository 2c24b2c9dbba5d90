internal import CSodium
internal import Glibc

/// What a process does once, at its start, for the secrets that it will hold.
public enum SecretMemory {
  /// Forbids core dumps and debuggers of the same user (not dumpable), and crash reports of the Swift runtime, which print
  /// registers and the memory that they point to; lets new files be read by their owner only (umask 077), and raises the soft
  /// limit of lockable memory to the hard one.
  ///
  /// - Returns: Whether core dumps are off; false when the system refused.
  @discardableResult
  public static func hardenProcess() -> Bool {
    let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    let memoryLock = __rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    let isLimited = unsafe setrlimit(core, &none) == 0
    var locked = rlimit()
    if unsafe getrlimit(memoryLock, &locked) == 0 {
      locked.rlim_cur = locked.rlim_max
      _ = unsafe setrlimit(memoryLock, &locked)  // best effort: lockFailed() tells
    }
    umask(0o077)
    // The signals whose handlers the runtime installs for its reports (SWIFT_BACKTRACE; on by default at a terminal).
    for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    return kms_forbid_core_dumps() == 0 && isLimited
  }

  /// Lets processes of the same user look at this one, or not: only for the moment in which a key holder makes sure which
  /// program it is, before any secret is there. Core dumps stay off by their limit.
  public static func allowInspection(_ isAllowed: Bool) {
    _ = isAllowed ? kms_allow_inspection() : kms_forbid_core_dumps()
  }

  /// Whether memory for secrets could not be locked and may be written to swap, because of the limit
  /// `RLIMIT_MEMLOCK` or a missing right. A program that holds secrets says so once.
  ///
  /// Tells about every secret created so far, and about one tried now.
  public static func lockFailed() -> Bool {
    guard (try? SecretBytes(count: 1, writing: { _ in })) != nil else { return true }
    return SecretHeap.shared.lockFailed
  }
}
