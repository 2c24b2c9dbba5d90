internal import CSQLite
internal import KMSPrimitives

/// The rows in the leaves of a file's tables, found by looking at every page: what SQLite's own way, from the root down,
/// can't reach when a page above is damaged.
///
/// The format: https://sqlite.org/fileformat.html, of which sections are named below.
struct TablePages {
  private let database: SQLiteDatabase
  private let pageSize: Int
  /// Bytes of a page that hold content (1.3.4: the rest is reserved).
  private let usable: Int
  private let pages: Int64

  /// A table's leaf (1.6).
  private static let tableLeaf: UInt8 = 0x0D

  /// - Throws: `SQLiteError` when the file's header can't be read or names no page size.
  init(_ database: SQLiteDatabase) throws(SQLiteError) {
    let header = try database.fileBytes(at: 0, count: 100) ?? []
    // 1.3.2: 1 stands for 65536.
    let size = header.count < 100 ? 0 : Int(header[16]) << 8 | Int(header[17])
    pageSize = size == 1 ? 65536 : size
    usable = pageSize - (header.count < 100 ? 0 : Int(header[20]))
    guard (512...65536).contains(pageSize), pageSize & (pageSize - 1) == 0, usable >= 480 else {
      throw SQLiteError(extendedCode: SQLITE_CORRUPT, message: "the file names no page size")
    }
    self.database = database
    pages = try database.fileSize() / Int64(pageSize)
  }

  /// Gives each row that can be read whole, with its number; of all tables, in the order of the file.
  func forEachRow(_ body: (Int64, [SQLiteValue]) throws -> Void) throws {
    for number in stride(from: 1, through: pages, by: 1) {
      guard let page = try page(number) else { continue }
      // 1.6: the file's header stands before the first page's own.
      let header = number == 1 ? 100 : 0
      guard page[header] == Self.tableLeaf else { continue }
      let cells = Int(page[header + 3]) << 8 | Int(page[header + 4])
      for i in 0..<cells {
        let at = header + 8 + 2 * i
        guard at + 1 < usable else { break }
        let start = Int(page[at]) << 8 | Int(page[at + 1])
        guard start < usable, let (row, payload) = try cell(page[start..<usable]),
          let values = Self.values(of: payload)
        else { continue }
        try body(row, values)
      }
    }
  }

  private func page(_ number: Int64) throws -> [UInt8]? {
    guard number >= 1, number <= pages else { return nil }
    return try database.fileBytes(at: (number - 1) * Int64(pageSize), count: pageSize)
  }

  /// A cell's row number and its payload with what overflows (1.6, "B-tree Cell Format", and 1.7); nil when it is not whole.
  private func cell(_ bytes: ArraySlice<UInt8>) throws -> (Int64, [UInt8])? {
    var rest = bytes
    guard let length = Self.varint(&rest), let number = Self.varint(&rest),
      length > 0, length <= min(Int64(SQLiteDatabase.maximumValueLength), pages * Int64(pageSize))
    else { return nil }
    let total = Int(length)
    let (most, least) = (usable - 35, (usable - 12) * 32 / 255 - 23)
    guard total > most else {
      return rest.count >= total ? (number, Array(rest.prefix(total))) : nil
    }
    let candidate = least + (total - least) % (usable - 4)
    let local = candidate <= most ? candidate : least
    guard rest.count >= local + 4 else { return nil }
    var payload = Array(rest.prefix(local))
    payload.reserveCapacity(total)
    var next = Self.pageNumber(rest.dropFirst(local))
    // Ends also where pages point in a circle: each turn adds bytes.
    while payload.count < total {
      guard let page = try page(next) else { return nil }
      next = Self.pageNumber(page[...])
      payload += page[4..<usable].prefix(total - payload.count)
    }
    return (number, payload)
  }

  private static func pageNumber(_ bytes: ArraySlice<UInt8>) -> Int64 {
    Int64(UInt32(bigEndianBytes: bytes.prefix(4)))
  }

  /// The columns of a record (2.1); nil when it is none.
  static func values(of payload: [UInt8]) -> [SQLiteValue]? {
    var header = payload[...]
    guard let headerLength = varint(&header), headerLength >= 1, headerLength <= payload.count else {
      return nil
    }
    header = payload[header.startIndex..<max(header.startIndex, Int(headerLength))]
    var body = payload[Int(headerLength)...]
    var values: [SQLiteValue] = []
    while !header.isEmpty {
      guard let type = varint(&header), let value = value(type, &body) else { return nil }
      values.append(value)
    }
    return values
  }

  /// One column of a serial type; nil where there are too few bytes, and for floating point, which no vault has.
  private static func value(_ type: Int64, _ body: inout ArraySlice<UInt8>) -> SQLiteValue? {
    switch type {
    case 0: return .null
    case 8, 9: return .integer(type - 8)
    case 1...6:
      let count = [1, 2, 3, 4, 6, 8][Int(type) - 1]
      guard let bytes = take(count, &body), let first = bytes.first else { return nil }
      let sign: Int64 = first < 0x80 ? 0 : -1
      return .integer(bytes.reduce(sign) { $0 << 8 | Int64($1) })
    case 12...:
      guard let bytes = take(Int(clamping: (type - 12) / 2), &body) else { return nil }
      return type % 2 == 0 ? .blob(Array(bytes)) : .text(String(decoding: bytes, as: UTF8.self))
    default: return nil
    }
  }

  private static func take(_ count: Int, _ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  /// A number of 1 to 9 bytes, the most significant first; the ninth has eight bits (1.6).
  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    var value: UInt64 = 0
    for i in 0..<9 {
      guard let byte = bytes.popFirst() else { return nil }
      if i == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
      value = value << 7 | UInt64(byte & 0x7F)
      if byte < 0x80 { return Int64(bitPattern: value) }
    }
    return nil
  }
}
