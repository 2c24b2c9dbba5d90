internal import CSQLite
internal import KMSPrimitives

/// A compiled statement; owned by the `SQLiteDatabase` that prepared it, which finalizes it.
@safe final class SQLiteStatement {
  private let handle: OpaquePointer
  private let database: OpaquePointer

  /// SQLITE_TRANSIENT, a cast that Swift can't import: SQLite copies what is bound.
  private static let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(handle: OpaquePointer, database: OpaquePointer) {
    unsafe self.handle = handle
    unsafe self.database = database
  }

  func finalize() { unsafe sqlite3_finalize(handle) }

  /// Binds `values` to the parameters in their order.
  func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    for (i, value) in values.enumerated() {
      let at = Int32(i + 1)
      let result =
        switch value {
        case .null: unsafe sqlite3_bind_null(handle, at)
        case .integer(let number): unsafe sqlite3_bind_int64(handle, at, number)
        case .text(let text):
          unsafe sqlite3_bind_text(handle, at, text, Int32(text.utf8.count), Self.transient)
        case .blob(let bytes):
          unsafe bytes.isEmpty
            ? sqlite3_bind_zeroblob(handle, at, 0)
            : bytes.withUnsafeBytes {
              unsafe sqlite3_bind_blob64(handle, at, $0.baseAddress, UInt64($0.count), Self.transient)
            }
        }
      guard result == SQLITE_OK else { throw error() }
    }
  }

  /// Steps to the next row; false at the end.
  func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: true
    case SQLITE_DONE: false
    default: throw error()
    }
  }

  /// Makes the statement ready for another run and forgets what was bound.
  func reset() {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
  }

  private func error() -> SQLiteError {
    unsafe SQLiteError(
      extendedCode: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)))
  }

  // MARK: Columns of the current row, from 0

  func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  /// The text of a column; invalid UTF-8 is repaired, which no comparison with valid text survives.
  func text(_ column: Int32) -> String {
    withText(column) { String(decoding: $0) }
  }

  /// Gives `body` the bytes of a text column.
  func withText<R>(_ column: Int32, _ body: (Span<UInt8>) -> R) -> R {
    let start = unsafe sqlite3_column_text(handle, column)
    // Good until the next step; null for an empty one.
    return unsafe body(
      UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))).span)
  }

  func blob(_ column: Int32) -> [UInt8] {
    let start = unsafe sqlite3_column_blob(handle, column)  // as above
    return unsafe Array(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}

/// A value on its way into SQLite.
enum SQLiteValue {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  init(_ text: String?) { self = text.map(SQLiteValue.text) ?? .null }
  init(_ number: Int64?) { self = number.map(SQLiteValue.integer) ?? .null }
  init(_ bytes: [UInt8]?) { self = bytes.map(SQLiteValue.blob) ?? .null }
  init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}
