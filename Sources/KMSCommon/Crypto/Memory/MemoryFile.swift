internal import CSodium

/// A file that is on no disk and in no folder (memfd_create(2)), for processes that inherit it.
public enum MemoryFile {
  /// Makes an empty one, closed on exec; -1 with `errno` when that fails. The name is shown in /proc only.
  public static func create(_ name: String) -> Int32 { unsafe kms_memory_file(name) }
}
