import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// The steps of `SigningStage` that need no journal.
extension SigningStage {
  /// A group that is being read.
  struct Reading {
    /// How many bytes a group has at most, unless it is one line.
    static let largest = 2 << 20

    let lines: Parallel<Line>
    /// The bytes of its lines.
    let size: Int
    /// Whether approvals are checked, too: once the vault is open.
    let areApproved: Bool
  }

  /// Takes lines that have arrived, and begins to read them; nil when there are none.
  func beginReading(_ reader: RecordReader, wait: Bool) throws -> Reading? {
    let input = try reader.nextBatch(maximum: Self.groupSize, wait: wait)
    guard !input.isEmpty else { return nil }
    let (testnetOnly, opened, now) = (testnetOnly, opened, Timestamp.unixTime())
    let lines = Parallel(input.count, piece: 16, isUrgent: false) { i in
      let line = Self.read(input[i], testnetOnly)
      return opened.map { Self.approve(line, $0, now) } ?? line
    }
    return Reading(
      lines: lines, size: input.reduce(0) { $0 + $1.bytes.count }, areApproved: opened != nil)
  }

  /// Reads a line and decides whether it can be signed at all, as far as that needs no secret.
  private static func read(_ line: RecordReader.Line, _ testnetOnly: Bool) -> Line {
    let record: Record
    do throws(RecordSyntaxError) {
      record = try Record(parsing: line.bytes[...], chains: ChainRegistry.names)
    } catch {
      return .skipped(number: line.number, reason: error.description)
    }
    guard !record.hasError else { return .passed(record) }
    do throws(RecordError) { return .work(try Work(record, testnetOnly: testnetOnly)) } catch {
      return .refused(record, error)
    }
  }

  /// Refuses what was not approved.
  static func approve(_ line: Line, _ opened: VaultOpening.Opened, _ now: Int64) -> Line {
    guard case .work(let work) = line else { return line }
    do throws(RecordError) {
      try opened.demands.check(work.record, key: opened.approveKey, now: now)
      return line
    } catch { return .failed(work, error) }
  }

  /// Checks transactions with their keys, unless they were signed before.
  func prepare(_ lines: [Line], _ opened: VaultOpening.Opened, _ now: Int64) -> [Line] {
    let mayBeKnown = lines.map { $0.work.map { opened.journal.mayHave($0.record.id) } ?? true }
    let policy = policy
    return Parallel(lines.count, piece: 16, isUrgent: true) { i in
      guard !mayBeKnown[i], case .work(let work) = lines[i] else { return lines[i] }
      do throws(RecordError) { return .prepared(work, try work.prepare(opened.keys, policy, now: now)) } catch
      {
        return .failed(work, error)
      }
    }.finish()
  }
}
