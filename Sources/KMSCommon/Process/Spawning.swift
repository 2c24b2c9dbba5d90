// preconcurrency: for `environ`, which only this reads, while the program has one thread.
@unsafe @preconcurrency internal import Glibc

/// Starting other programs (posix_spawn(3)).
public enum Spawning {
  /// Starts the program at `path` with the descriptors and the variables that it is to have and no others; returns its
  /// process.
  ///
  /// - Parameters:
  ///   - descriptors: what becomes descriptor 0, 1, 2, …; nothing else stays open.
  ///   - isKept: whether it gets the variable of this name from our environment.
  public static func start(
    _ path: String, _ arguments: [String], descriptors: [Int32], keeping isKept: (String) -> Bool
  ) throws(Descriptor.Failure) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    // Copies above all targets first, so that none overwrites what a later one needs.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
    defer { for copy in copies { close(copy) } }
    for (target, copy) in copies.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, copy, Int32(target))
    }
    // A key may be waiting in one that whoever started us left open.
    for open in Descriptor.open() where open >= descriptors.count && !copies.contains(open) {
      unsafe posix_spawn_file_actions_addclose(&actions, open)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // What we ignore would stay ignored in the child.
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    for number in [SIGPIPE, SIGTERM] { unsafe sigaddset(&defaults, number) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    // Copies of strdup(3), which end with the call.
    let words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    let variables = unsafe environment(isKept).map { unsafe strdup($0) } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let result = unsafe posix_spawn(&child, path, &actions, &attributes, words, variables)
    guard result == 0 else { throw Descriptor.Failure(number: result) }
    return child
  }

  /// Waits for a process's end; its status as waitpid(2) gives it, nil when there is no such child.
  public static func wait(for child: Int32) -> Int32? {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return status
  }

  private static func environment(_ isKept: (String) -> Bool) -> [String] {
    var kept: [String] = []
    // An array of texts that ends with a null (environ(7)).
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let variable = unsafe String(cString: text)
      if isKept(String(variable.prefix { $0 != "=" })) { kept.append(variable) }
      unsafe entry += 1
    }
    return kept
  }
}
