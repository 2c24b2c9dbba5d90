internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// The poll of one chain: what is in work of its list, and in which order it may be written.
///
/// Order is kept per sender: a transaction waits for earlier ones of the same first signing account, and for nothing
/// else. What is in work is limited, so that memory does not grow with the list; the rest is held back in the connection.
final class ChainPoll {
  /// A transaction whose facts are being collected.
  final class Item {
    var record: Record
    let sender: ContentKey?
    let needs: [Need]
    fileprivate(set) var size: Int
    fileprivate var isCollecting = false
    fileprivate(set) var isDone = false
    /// Left for another run: nothing is written.
    fileprivate(set) var isLeft = false
    /// What was lent for it.
    var context: FactResolver.Context?

    init(_ record: Record, sender: ContentKey?, needs: [Need], size: Int) {
      self.record = record
      self.sender = sender
      self.needs = needs
      self.size = size
    }
  }

  /// Transactions and bytes of them that are in work at most.
  static let window = 128
  static let maximumSize = 2 << 20
  /// Transactions whose facts are asked for at once: enough for as many calls as a chain may have under way. A fact may be
  /// a thousand times as long as the transaction.
  static let collectedAtOnce = 32

  let name: String
  /// Whether the list has ended, well or not.
  private(set) var isListed = false
  /// How many records the list has, once it has come in whole and each of its items is one of them.
  private(set) var listed: Int?
  /// Whether something of the list was left out.
  var isIncomplete = false
  /// When the list was asked for, in Unix time.
  let askedAt: Int64
  /// Since when and until when earlier lists were empty.
  private let emptyTime: ClosedRange<Int64>?
  /// How many of the list were taken up.
  private(set) var count = 0
  /// What is in work: taken up, and not written yet.
  private var inWork = (items: 0, bytes: 0)
  /// The ids that were taken up, and the attempt that listed them last: an answer that broke off is asked for again.
  private var seen: [ContentKey: Int] = [:]
  private var attempt = 0
  /// What was asked for, and by which id first.
  private var contents: [ContentKey: String] = [:]
  /// The transactions of each sender that are not written, in the order of the list.
  private var lanes: [ContentKey: [Item]] = [:]
  /// What can be written now.
  private var ready: [Item] = []
  /// Whose facts are still to be asked for, in the order of the list; and of how many they are being asked for.
  private var waiting: [Item] = []
  private var collecting = 0
  /// Of what is one payment with others: those among which one is still to be chosen, and what was chosen already.
  private var undecided: [ContentKey: [Item]] = [:]
  private var decided: [ContentKey: String] = [:]

  init(_ name: String, askedAt: Int64, emptyTime: ClosedRange<Int64>? = nil) {
    (self.name, self.askedAt, self.emptyTime) = (name, askedAt, emptyTime)
  }

  var isFull: Bool { inWork.items >= Self.window || inWork.bytes >= Self.maximumSize }
  var isOver: Bool { isListed && inWork.items == 0 }
  /// Whether something can be written.
  var hasReady: Bool { !ready.isEmpty }

  /// What is known of an id.
  enum Familiarity {
    case new
    /// An earlier attempt listed it.
    case taken
    case listedTwice
  }

  /// The list begins, or begins again.
  func beginAttempt() { attempt += 1 }

  /// Notes an id that was listed.
  func note(id: String) -> Familiarity {
    switch seen.updateValue(attempt, forKey: ContentKey(id)) {
    case nil: .new
    case attempt: .listedTwice
    default: .taken
    }
  }

  /// Notes what a transaction asks for, by whose keys; the id of an earlier one that asks for the very same.
  func twin(of pending: JSONValue, id: String) -> String? {
    guard pending["serializedTransaction"] != nil else { return nil }
    let parts = ["serializedTransaction", "hashes", "signatures", "index"].map { pending[$0]?.text ?? "" }
    return contents.updateValue(id, forKey: ContentKey(parts.joined(separator: " ")))
  }

  /// Takes up an item.
  func add(_ item: Item) {
    count += 1
    inWork.items += 1
    inWork.bytes += item.size
    if let sender = item.sender { lanes[sender, default: []].append(item) }
  }

  /// Puts an item where it waits until its facts can be asked for.
  func queue(_ item: Item) { waiting.append(item) }

  /// Takes the next item whose facts are to be asked for now; nil when none is there, or what is in work is too much.
  func takeWaiting() -> Item? {
    guard let item = waiting.first else { return nil }
    // What is written makes room. Where nothing is on its way to that, the first one must go on.
    let isStuck = collecting == 0 && ready.isEmpty
    guard isStuck || collecting < Self.collectedAtOnce && inWork.bytes < Self.maximumSize else { return nil }
    waiting.removeFirst()
    collecting += 1
    item.isCollecting = true
    return item
  }

  /// Says that the facts of an item are there, of `size` bytes, or never will be.
  func finish(_ item: Item, isLeft: Bool = false, facts size: Int = 0) {
    if item.isCollecting { collecting -= 1 }
    item.isCollecting = false
    item.size += size
    inWork.bytes += size
    item.isDone = true
    item.isLeft = isLeft
    guard let sender = item.sender else { return ready.append(item) }
    guard let lane = lanes[sender] else { return }
    let done = lane.prefix { $0.isDone }
    guard !done.isEmpty else { return }
    ready += done
    lanes[sender] = done.count == lane.count ? nil : Array(lane.dropFirst(done.count))
  }

  /// Hands out what can be written now, one after the other, as long as there is room for it.
  func takeReady(while hasRoom: () -> Bool, _ body: (Item) throws -> Void) rethrows {
    var at = 0
    defer { ready.removeFirst(at) }
    while at < ready.count, hasRoom() {
      let item = ready[at]
      at += 1
      inWork.items -= 1
      inWork.bytes -= item.size
      try body(item)
    }
  }

  /// Hands out what will not be written any more.
  func takeUnwritten() -> [Item] { ready + lanes.values.joined() }

  /// The list has ended.
  ///
  /// - Parameter isWhole: whether it came in to its end, and nothing of it was left out.
  func endList(isWhole: Bool) {
    isListed = true
    listed = isWhole ? count : nil
  }

  /// Whether the list came in whole and was empty; nil when that is not known.
  var wasEmpty: Bool? { listed.map { $0 == 0 } ?? (count > 0 || isIncomplete ? false : nil) }

  /// What the records say of the list: when it was asked for, and how many they are where that is known by then, so that who
  /// has them all knows what else is not pending; and since when and until when lists before it were empty.
  var json: JSONValue {
    var object = JSONObject()
    object["at"] = .string(Timestamp.text(unixTime: askedAt))
    object["listed"] = listed.map { .number(JSONNumber(UInt64($0))) }
    if let emptyTime {
      object["emptySince"] = .string(Timestamp.text(unixTime: emptyTime.lowerBound))
      object["emptyUntil"] = .string(Timestamp.text(unixTime: emptyTime.upperBound))
    }
    return .object(object)
  }

  // MARK: One payment

  /// Puts an item aside that would be one transaction with others of the same `payment`; false when nothing else would.
  func putAside(_ item: Item) -> Bool {
    guard let payment = item.needs.lazy.compactMap(\.payment).first else { return false }
    undecided[ContentKey(payment), default: []].append(item)
    return true
  }

  /// Chooses one of each group that was put aside: by chance, so that none waits for another for ever. Where one was chosen
  /// before in this poll, all others are left.
  ///
  /// - Parameter chosen: gets what goes on; `left` what does not, with the id of what was chosen instead.
  func decide(chosen: (Item) -> Void, left: (Item, String) -> Void) {
    let groups = undecided
    undecided = [:]
    for (payment, items) in groups {
      let choice = decided[payment] == nil ? items.randomElement() : nil
      if let choice { decided[payment] = choice.record.id }
      for item in items {
        if item === choice { chosen(item) } else { left(item, decided[payment] ?? "") }
      }
    }
  }
}
