public import Glibc
public import KMSCrypto

/// Calls of the C library that take or give addresses, in a form that needs none: the one place for each.
public enum System {
  /// The words for an error number (errno(3)).
  public static func reason(_ number: Int32 = errno) -> String { unsafe String(cString: strerror(number)) }

  /// The value of a variable of the environment; nil when it is not set, or empty.
  public static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
  }

  /// Whether a variable of the environment is set, if only to nothing.
  public static func hasVariable(_ name: String) -> Bool { unsafe getenv(name) != nil }

  /// Takes a secret out of the environment: its bytes, which the kernel shows as /proc/self/environ, are overwritten, and the
  /// variable is unset. Nil when it is not set.
  ///
  /// - Throws: `CryptoError` when there is no memory for it; it is overwritten then, too.
  public static func takeSecret(_ name: String) throws(CryptoError) -> SecretBytes? {
    guard let value = unsafe getenv(name) else { return nil }
    let count = unsafe strlen(value)
    defer {
      unsafe explicit_bzero(value, count)
      unsafe unsetenv(name)
    }
    return try unsafe SecretBytes(copying: unsafe UnsafeRawBufferPointer(start: value, count: count))
  }

  /// Opens a file (open(2)), with `O_CLOEXEC`; -1 with `errno` when that fails.
  public static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
    unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
  }

  /// What the system says about a file; nil with `errno` when it says nothing.
  ///
  /// - Parameter isFollowing: whether of what a symbolic link leads to.
  public static func status(_ path: String, isFollowing: Bool = true) -> stat? {
    var status = stat()
    return unsafe (isFollowing ? stat(path, &status) : lstat(path, &status)) == 0 ? status : nil
  }

  /// What the system says about what a descriptor leads to; nil with `errno` when it says nothing.
  public static func status(_ descriptor: Int32) -> stat? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? status : nil
  }

  /// Waits until one of the descriptors is ready, whose `revents` say for what (poll(2)); -1 milliseconds for ever.
  public static func poll(_ descriptors: inout [pollfd], milliseconds: Int32) -> Int32 {
    unsafe Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
  }

  /// Renames a file over another one (rename(2)); whether that worked.
  public static func rename(_ path: String, to other: String) -> Bool {
    unsafe Glibc.rename(path, other) == 0
  }

  /// Gives a file a second name (link(2)); whether that worked.
  public static func link(_ path: String, to other: String) -> Bool { unsafe Glibc.link(path, other) == 0 }

  /// Whether a file can be used so by this process (access(2)).
  public static func canAccess(_ path: String, _ mode: Int32) -> Bool { unsafe access(path, mode) == 0 }

  /// Removes a file's name; whether that worked.
  @discardableResult
  public static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }

  /// The names in a folder, `.` and `..` too, and the descriptor with which it was read; nil when it can't be read.
  public static func names(in folder: String) -> (names: [String], descriptor: Int32)? {
    guard let entries = unsafe opendir(folder) else { return nil }
    defer { unsafe closedir(entries) }
    let own = unsafe dirfd(entries)
    var names: [String] = []
    while let entry = unsafe readdir(entries) {
      // A tuple of 256 characters, the name's end marked by a zero (readdir(3)).
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
          unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return (names, own)
  }

  /// A pipe, closed on exec; nil with `errno` when there is none.
  ///
  /// - Parameter flags: such as `O_NONBLOCK`.
  public static func pipe(_ flags: Int32 = 0) -> (read: Int32, write: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, flags)
    }
    return (ends[0], ends[1])
  }

  /// What a process does on a signal, by its number.
  ///
  /// - Parameter handler: called in the middle of anything: only what signal-safety(7) allows. Nil for the signal's own way.
  public static func handle(
    _ signal: Int32, flags: Int32 = 0, by handler: (@convention(c) (Int32) -> Void)?
  ) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    unsafe sigaction(signal, &action, nil)
  }

  /// Whether a signal is ignored, as whoever starts a program in the background has it ignore Ctrl-C.
  public static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    unsafe sigaction(signal, nil, &action)
    // SIG_IGN is the number 1 in the place of a function.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
