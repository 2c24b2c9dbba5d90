internal import KMSProcess
internal import KMSRecords

/// Reads records, works on many at once, and writes each as soon as it and all earlier ones of its sender are done:
/// order is kept per sender, and senders, chains and endpoints do not wait for each other.
///
/// Memory is bounded: with `maximumCount` records or `maximumSize` bytes of input in hand nothing more is read, so that a
/// slow server or reader holds the producer back. While calls are under way, new input is taken as it arrives. A slow
/// reader holds back what is read, and never the calls: nothing here waits for it alone.
final class LaneStage {
  /// A record on its way through the stage.
  final class Slot {
    /// The record; the stage changes it in place.
    var record: Record
    fileprivate let size: Int
    fileprivate let lanes: [String]
    fileprivate weak var stage: LaneStage?
    fileprivate var isDone = false
    /// How many earlier slots of its lanes have not been written.
    fileprivate var waitsFor = 0
    fileprivate var followers: [Slot] = []

    fileprivate init(_ record: Record, size: Int, stage: LaneStage) {
      self.record = record
      self.size = size
      self.stage = stage
      lanes = Account.lanes(of: record)
    }

    /// Says that the record can be written as it is now.
    func finish() {
      guard !isDone else { return }
      isDone = true
      if waitsFor == 0 { stage?.ready.append(self) }
    }
  }

  private let reader: RecordReader
  private let writer: RecordWriter
  /// The last slot of each lane that has not been written.
  private var tails: [String: Slot] = [:]
  /// What can be written.
  private var ready: [Slot] = []
  private var count = 0
  private var size = 0

  /// The records in hand at which nothing more is read.
  static let maximumCount = 4096
  /// The bytes of input in hand at which nothing more is read; one record always fits.
  static let maximumSize = 8 << 20
  /// The lines that are taken between two looks at the calls under way.
  private static let batch = 64

  /// Whether nothing more is read before something is written.
  var isFull: Bool { count >= Self.maximumCount || size >= Self.maximumSize }

  /// Creates a stage.
  init(reader: RecordReader, writer: RecordWriter) {
    self.reader = reader
    self.writer = writer
  }

  /// Runs to the end of input, or until a stop is requested and what was read is finished.
  ///
  /// - Parameters:
  ///   - client: makes the calls that `handle` starts.
  ///   - relieve: called about once a second while no more can be read: ends what waits without hope.
  ///   - handle: takes up one record, in the order of input; calls `finish` at once or later.
  func run(client: HTTPClient, relieve: () -> Void = {}, handle: (Slot) throws -> Void) throws {
    var isAtEnd = false
    while true {
      if !isAtEnd, !isFull {
        let isIdle = count == 0 && writer.isEmpty && client.pending == 0
        let lines = try reader.nextBatch(maximum: min(Self.batch, Self.maximumCount - count), wait: isIdle)
        isAtEnd = lines.isEmpty && (isIdle || reader.isFinished)
        for line in lines {
          guard let record = reader.record(of: line) else { continue }
          try handle(enter(record, size: line.bytes.count))
        }
      }
      if try writeWhatIsReady() { continue }
      try writer.push()
      if count == 0, writer.isEmpty {
        if isAtEnd { break }
        if client.pending == 0 { continue }
      }
      let mayRead = !isAtEnd && !isFull
      client.step(
        watching: mayRead ? reader.descriptor : nil, writing: writer.isEmpty ? nil : writer.descriptor,
        limit: mayRead ? .seconds(60) : .seconds(1))
      if isFull { relieve() }
    }
  }

  private func enter(_ record: Record, size: Int) -> Slot {
    let slot = Slot(record, size: size, stage: self)
    count += 1
    self.size += size
    for lane in slot.lanes {
      if let tail = tails.updateValue(slot, forKey: lane) {
        tail.followers.append(slot)
        slot.waitsFor += 1
      }
    }
    return slot
  }

  /// Hands what is done to the writer, as far as that has room; true when it was something.
  private func writeWhatIsReady() throws -> Bool {
    if !writer.hasRoom { try writer.push() }
    var at = 0
    while at < ready.count, writer.hasRoom {
      let slot = ready[at]
      at += 1
      writer.add(slot.record)
      if !writer.hasRoom { try writer.push() }
      count -= 1
      size -= slot.size
      for lane in slot.lanes where tails[lane] === slot { tails[lane] = nil }
      for follower in slot.followers {
        follower.waitsFor -= 1
        if follower.isDone, follower.waitsFor == 0 { ready.append(follower) }
      }
      slot.followers.removeAll()
    }
    ready.removeFirst(at)
    return at > 0
  }
}

/// Who a record is of, as far as order is concerned.
enum Account {
  /// The lanes in which the record keeps its place: the account that is named first in the pending transaction and,
  /// once it is signed, the first sender. Records of a chain that name nobody share a lane.
  static func lanes(of record: Record) -> [String] {
    var lanes: [String] = []
    let pending = record.pending
    let first = pending["signatures"]?.array?.first
    if let wallet = pending["hashes"]?.array?.first?.string ?? first?["id"]?.string {
      let index = pending["index"] ?? first?["index"] ?? .null
      lanes.append("\(record.chain) \(wallet) \(index.text)")
    }
    if let from = record["signed"]?["from"], let sender = from.string ?? from.array?.first?.string {
      lanes.append("\(record.chain) \(sender)")
    }
    return lanes.isEmpty ? [record.chain] : lanes
  }
}
