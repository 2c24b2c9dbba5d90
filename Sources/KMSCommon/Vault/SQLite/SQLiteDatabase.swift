internal import CSQLite

/// A connection to one SQLite file, for one thread at a time.
///
/// SQL that comes with the file (views, triggers, functions in the schema) is not trusted, and a value is at
/// most `maximumValueLength` bytes: a hostile file can't run code or ask for much memory.
@safe final class SQLiteDatabase {
  static let maximumValueLength: Int32 = 64 << 20

  private let handle: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]

  /// Opens a file that exists.
  ///
  /// Reading falls back to read-only access when the file or file system is write-protected.
  init(path: String, busyTimeoutMilliseconds: Int32) throws(SQLiteError) {
    var opened: OpaquePointer?
    // The caller resolved symbolic links; one that appears now is an attack.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
    let result = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard result == SQLITE_OK, let database = unsafe opened else {
      // Without memory there is no handle that could say more.
      let words = unsafe opened == nil ? sqlite3_errstr(result) : sqlite3_errmsg(opened)
      let code = unsafe opened == nil ? result : sqlite3_extended_errcode(opened)
      let message = unsafe words.map { unsafe String(cString: $0) } ?? ""
      unsafe sqlite3_close_v2(opened)
      throw SQLiteError(extendedCode: code, message: message)
    }
    unsafe handle = database
    unsafe sqlite3_busy_timeout(handle, busyTimeoutMilliseconds)
    unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.maximumValueLength)
  }

  deinit {
    for statement in statements.values { statement.finalize() }
    unsafe sqlite3_close_v2(handle)
  }

  /// Sets what both files of this project want: durable commits, overwritten deletions, nothing in temporary
  /// files, and no trust in what the schema says.
  func configure() throws(SQLiteError) {
    for pragma in [
      "trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "mmap_size=0", "synchronous=EXTRA",
      "secure_delete=ON", "cache_size=-16000",
    ] { try execute("PRAGMA \(pragma)") }
  }

  /// Runs statements without parameters and without results.
  func execute(_ sql: String) throws(SQLiteError) {
    guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error() }
  }

  /// Runs one statement that gives no rows.
  ///
  /// - Returns: the number of rows that it changed.
  @discardableResult
  func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
    let statement = try prepare(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() {}
    return unsafe Int(sqlite3_changes64(handle))
  }

  /// Runs one query and gives each row to `body`, until it returns false.
  ///
  /// `body` must not run the same SQL text again.
  func query(
    _ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteStatement) throws -> Bool
  ) throws {
    let statement = try prepare(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() { if try !body(statement) { return } }
  }

  /// Runs one query and returns what `body` makes of its first row; nil without rows.
  func first<R>(_ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteStatement) throws -> R) throws
    -> R?
  {
    var result: R?
    try query(sql, values) {
      result = try body($0)
      return false
    }
    return result
  }

  /// Runs `body` in a transaction that reads one consistent state; a `write` one holds the write lock from its
  /// start, so that two writers wait for each other instead of failing half-way.
  func transaction<R>(write: Bool, _ body: () throws -> R) throws -> R {
    try execute(write ? "BEGIN IMMEDIATE" : "BEGIN")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      rollback()
      throw error
    }
  }

  /// Undoes the open transaction; does nothing when SQLite did so itself.
  func rollback() {
    if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
  }

  /// The size of the file in bytes.
  ///
  /// Asked through SQLite's own handle: closing another descriptor of the file would drop its locks
  /// (https://sqlite.org/howtocorrupt.html, 2.2).
  func fileSize() throws(SQLiteError) -> Int64 {
    var size: Int64 = 0
    let file = try unsafe file()
    guard let ask = unsafe file.pointee.pMethods?.pointee.xFileSize, unsafe ask(file, &size) == SQLITE_OK
    else {
      throw SQLiteError(extendedCode: SQLITE_IOERR, message: "the size of the file is not known")
    }
    return size
  }

  /// Bytes of the file as they stand there; nil where they can't be read.
  func fileBytes(at offset: Int64, count: Int) throws(SQLiteError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let file = try unsafe file()
    guard let read = unsafe file.pointee.pMethods?.pointee.xRead else { return nil }
    return unsafe read(file, &bytes, Int32(clamping: count), offset) == SQLITE_OK ? bytes : nil
  }

  private func file() throws(SQLiteError) -> UnsafeMutablePointer<sqlite3_file> {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let result = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard result == SQLITE_OK, let file = unsafe file else {
      throw SQLiteError(extendedCode: SQLITE_IOERR, message: "the file's handle is not known")
    }
    return unsafe file
  }

  private func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let cached = statements[sql] { return cached }
    var compiled: OpaquePointer?
    guard
      unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        == SQLITE_OK,
      let compiled = unsafe compiled
    else { throw error() }
    let statement = unsafe SQLiteStatement(handle: compiled, database: handle)
    statements[sql] = statement
    return statement
  }

  private func error() -> SQLiteError {
    unsafe SQLiteError(
      extendedCode: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
  }
}
