import KMSRecords
import KMSSigning
import KMSVault

/// What the journal keeps of a record. A class, because it goes through many hands.
final class SignedEntry: Sendable {
  let entry: JournalEntry

  init(_ entry: JournalEntry) { self.entry = entry }
}

extension SigningStage {
  /// What becomes of one line.
  enum Line: Sendable {
    /// Not a record: reported, and nothing comes out.
    case skipped(number: Int, reason: String)
    /// Comes out as it came in: it has an error of its own.
    case passed(Record)
    /// Comes out with an error of ours.
    case refused(Record, RecordError)
    /// May be signed.
    case work(Work)
    /// The same, checked with its keys.
    case prepared(Work, PreparedSigning)
    /// Comes out with what was signed, now or before.
    case signed(Work, SignedEntry, isReused: Bool)

    /// What is to be signed still.
    var work: Work? {
      switch self {
      case .work(let work), .prepared(let work, _): work
      default: nil
      }
    }

    /// The record that it is; nil for what is none.
    var record: Record? {
      switch self {
      case .skipped: nil
      case .passed(let record), .refused(let record, _): record
      case .work(let work), .prepared(let work, _), .signed(let work, _, _): work.record
      }
    }

    static func failed(_ work: Work, _ error: RecordError) -> Line { .refused(work.record, error) }
  }
}
