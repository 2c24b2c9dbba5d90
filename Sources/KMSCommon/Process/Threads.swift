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
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Body(body))
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, argument.toOpaque())
    if result != 0 { argument.release() }
    return result == 0
  }

  /// Calls `body` with each number from 0 to `count` - 1, on all processors, and returns when all calls have.
  ///
  /// For one caller at a time.
  public static func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    Team.shared.forEach(count, body)
  }
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
  private var body: (@Sendable (Int) -> Void)?
  private var next = 0
  private var count = 0
  private var helping = 0

  init(helpers: Int) {
    // With fewer than wanted there is less help, no less work.
    for _ in 0..<max(0, helpers) {
      guard Threads.start({ [self] in help() }) else { break }
    }
  }

  func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    monitor.lock()
    self.body = body
    self.count = count
    next = 0
    monitor.wakeAll()
    work(body)
    while helping > 0 { monitor.wait() }
    self.body = nil
    monitor.unlock()
  }

  private func help() {
    monitor.lock()
    while true {
      guard next < count, let body else {
        monitor.wait()
        continue
      }
      helping += 1
      work(body)
      helping -= 1
      if helping == 0 { monitor.wakeAll() }
    }
  }

  /// Takes one number after the other; the monitor is held before and after.
  private func work(_ body: @Sendable (Int) -> Void) {
    while next < count {
      let number = next
      next += 1
      monitor.unlock()
      body(number)
      monitor.lock()
    }
  }
}

/// A lock, and the news that what it guards has changed.
private final class Monitor: @unchecked Sendable {
  // The two lie where they are as long as this lives, as POSIX wants it.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(change, nil)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(mutex)
    change.deallocate()
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
  func wait() { pthread_cond_wait(change, mutex) }
  func wakeAll() { pthread_cond_broadcast(change) }
}
