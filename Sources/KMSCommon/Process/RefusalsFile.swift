internal import Glibc
internal import KMSPrimitives
public import KMSRecords

/// The file in which kms-broadcast notes what the network refused for good, and from which kms-sign learns that the nonces of
/// those transactions are free: a JSON object a line with `at`, `chain`, `id`, `testnet` and `txId`.
///
/// Only a hint (docs/pipeline.md, "Refusals"): what is missing costs a grace time, what is wrong can't make anything be paid
/// twice. So nothing waits for the disk, and a file that has grown long is begun anew.
public enum RefusalsFile {
  /// From this size on the file is begun anew: some 5,000 lines.
  private static let most = 1 << 20

  /// A refusal.
  public struct Line: Hashable, Sendable {
    /// The id of the pending transaction.
    public let id: String
    /// The transaction's own id.
    public let txID: String
    /// When it was refused, in seconds since 1970.
    public let at: Int64

    /// Names a refusal.
    public init(id: String, txID: String, at: Int64) {
      self.id = id
      self.txID = txID
      self.at = at
    }
  }

  /// The file, open for appending.
  public final class Writer {
    private let descriptor: Int32

    /// Opens the file, and makes it where there is none.
    ///
    /// - Throws: `ProgramFailure` (78) when it can't be written.
    public init(_ path: String) throws(ProgramFailure) {
      descriptor = System.open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
      guard descriptor >= 0, let status = System.status(descriptor) else {
        throw ProgramFailure(
          .configuration, "--refusals can't be written: \(System.reason())",
          hint: "the folder must be there, and this user must be allowed to write the file")
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw ProgramFailure(.configuration, "--refusals is no regular file")
      }
      if status.st_size > most { ftruncate(descriptor, 0) }
    }

    deinit { close(descriptor) }

    /// Notes a refusal, in one write, so that writers do not mix.
    ///
    /// - Throws: `Descriptor.Failure`.
    public func note(_ record: Record, txID: String, at time: Int64) throws(Descriptor.Failure) {
      let line: JSONValue = [
        "at": .string(Timestamp.text(unixTime: time)), "chain": .string(record.chain),
        "id": .string(record.id), "testnet": .bool(record.testnet), "txId": .string(txID),
      ]
      let bytes = line.encoded() + [UInt8(ascii: "\n")]
      try Descriptor.write(descriptor, bytes.span)
    }
  }

  /// Reads what was refused since `time`; what is no such line is passed over. Empty when there is no file yet.
  ///
  /// - Throws: `ProgramFailure` (78) when there is one that can't be read.
  public static func read(_ path: String, since time: Int64) throws(ProgramFailure) -> [Line] {
    let descriptor = System.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0, errno == ENOENT { return [] }
    defer { close(descriptor) }
    let bytes: [UInt8]?
    do throws(Descriptor.Failure) { bytes = try Descriptor.bytes(descriptor, limit: 2 * most) } catch {
      throw ProgramFailure(.configuration, "--refusals can't be read: \(error.reason)")
    }
    return (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let json = try? JSONValue(parsing: Array(line)), let id = json["id"]?.string,
        let txID = json["txId"]?.string, let at = json["at"]?.string.flatMap(Timestamp.unixTime(of:)),
        at >= time
      else { return nil }
      return Line(id: id, txID: txID, at: at)
    }
  }
}
