internal import CConfinement
internal import Glibc

/// Threads of our own.
///
/// Not those of libdispatch: on a busy machine it counts once a second which of its threads run, by files of /proc, and traps
/// when it can't open one (src/event/workqueue.c). In a confined program that was one start of 25.
public enum Threads {
  /// How many processors this process may use.
  static let processors = Int(kms_processors())

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a thread of its own, which gets no signals; false when there can't be one.
  public static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    // The thread takes over what is retained here; without a thread it is given back.
    let argument = unsafe Unmanaged.passRetained(Body(body))
    let result = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, argument.toOpaque())
    if result != 0 { unsafe argument.release() }
    return result == 0
  }

  /// Calls `body` with each number from 0 to `count` - 1, on all processors, and returns when all calls have.
  public static func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    SharedWork(count, isUrgent: true, body).finish()
  }
}

/// Numbered pieces of work that all processors share: the other ones from the start, who waits for them in `finish`.
public final class SharedWork: @unchecked Sendable {
  // Sendable although it changes: what changes is used with the team's monitor held.
  fileprivate let count: Int
  fileprivate let body: @Sendable (Int) -> Void
  /// The piece that nobody has taken yet.
  fileprivate var next = 0
  /// How many pieces are being done.
  fileprivate var underWay = 0

  fileprivate var isTaken: Bool { next >= count }

  /// Begins to call `body` with each number from 0 to `count` - 1.
  ///
  /// - Parameter isUrgent: whether it goes before all that is not.
  public init(_ count: Int, isUrgent: Bool = false, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
    Team.shared.begin(self, isUrgent: isUrgent)
  }

  /// Helps, and returns when all calls have.
  public func finish() { Team.shared.finish(self) }
}

/// A thread that does what it is given, one thing after the other.
public final class Worker: Sendable {
  private final class Queue: @unchecked Sendable {
    // Sendable although it changes: everything below is used with the monitor held.
    let monitor = Monitor()
    var jobs: [@Sendable () -> Void] = []
    /// Whether the thread is there; nil before the first job.
    var isRunning: Bool?
    var isOver = false

    func work() {
      monitor.lock()
      while true {
        if let job = jobs.first {
          jobs.removeFirst()
          monitor.unlock()
          job()
          monitor.lock()
        } else if isOver {
          break
        } else {
          monitor.wait()
        }
      }
      monitor.unlock()
    }
  }

  private let queue = Queue()

  /// Creates one without a thread: that comes with the first job.
  public init() {}

  deinit {
    queue.monitor.lock()
    queue.isOver = true
    queue.monitor.wakeAll()
    queue.monitor.unlock()
  }

  /// Has `job` done after those before it; where there can't be a thread, at once and by the caller.
  public func run(_ job: @escaping @Sendable () -> Void) {
    queue.monitor.lock()
    let isRunning = queue.isRunning ?? Threads.start { [queue] in queue.work() }
    queue.isRunning = isRunning
    if isRunning {
      queue.jobs.append(job)
      queue.monitor.wakeAll()
    }
    queue.monitor.unlock()
    if !isRunning { job() }
  }
}

/// Something that happens once, and that others wait for.
public final class Latch: @unchecked Sendable {
  // Sendable although it changes: everything below is used with the monitor held.
  private let monitor = Monitor()
  private var isOpen = false

  /// Creates one that has not happened.
  public init() {}

  /// Says that it has happened.
  public func open() {
    monitor.lock()
    isOpen = true
    monitor.wakeAll()
    monitor.unlock()
  }

  /// Waits until it has happened.
  public func wait() {
    monitor.lock()
    while !isOpen { monitor.wait() }
    monitor.unlock()
  }
}

/// One thread for each further processor, waiting for work.
private final class Team: @unchecked Sendable {
  // Sendable although it changes: everything below is used with the monitor held.
  static let shared = Team(helpers: Threads.processors - 1)

  private let monitor = Monitor()
  /// What has pieces that nobody has taken yet, what is urgent first.
  private var open: [SharedWork] = []
  private var waiting = 0

  init(helpers: Int) {
    // With fewer than wanted there is less help, no less work.
    for _ in 0..<max(0, helpers) {
      guard Threads.start({ [self] in help() }) else { break }
    }
  }

  func begin(_ work: SharedWork, isUrgent: Bool) {
    guard !work.isTaken else { return }
    monitor.lock()
    if isUrgent { open.insert(work, at: 0) } else { open.append(work) }
    wake()
    monitor.unlock()
  }

  func finish(_ work: SharedWork) {
    monitor.lock()
    while !work.isTaken { doPiece(of: work) }
    while work.underWay > 0 { wait() }
    monitor.unlock()
  }

  private func help() {
    monitor.lock()
    while true {
      if let work = open.first { doPiece(of: work) } else { wait() }
    }
  }

  /// Takes the next piece and does it; the monitor is held before and after.
  private func doPiece(of work: SharedWork) {
    let number = work.next
    work.next += 1
    work.underWay += 1
    if work.isTaken { open.removeAll { $0 === work } }
    monitor.unlock()
    work.body(number)
    monitor.lock()
    work.underWay -= 1
    if work.isTaken, work.underWay == 0 { wake() }
  }

  private func wait() {
    waiting += 1
    monitor.wait()
    waiting -= 1
  }

  private func wake() { if waiting > 0 { monitor.wakeAll() } }
}

/// A lock, and the news that what it guards has changed.
@safe private final class Monitor: @unchecked Sendable {
  // The two lie where they are as long as this lives, as POSIX wants it.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(change, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(change)
    unsafe pthread_mutex_destroy(mutex)
    unsafe change.deallocate()
    unsafe mutex.deallocate()
  }

  func lock() { unsafe pthread_mutex_lock(mutex) }
  func unlock() { unsafe pthread_mutex_unlock(mutex) }
  func wait() { unsafe pthread_cond_wait(change, mutex) }
  func wakeAll() { unsafe pthread_cond_broadcast(change) }
}
