import Glibc
import KMSCrypto
import KMSProcess
import Synchronization
import Testing

/// How a program asks for its key.
@Suite struct KeyRequestTests {
  /// A daemon that is stopped tells kms-fetch, which may be waiting for its key just then.
  @Test func aSignalWhileItWaitsIsNoRefusal() throws {
    let (theirs, holder) = try #require(SocketMessage.pair())
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGUSR1, &action, nil)
    let asking = Mutex(pthread_self())
    let isDone = Mutex(false)
    var thread = pthread_t()
    let work = Unmanaged.passRetained(
      Work {
        guard let hello = SocketMessage.receive(from: holder), let own = hello.descriptor else { return }
        _ = SocketMessage.send(KeyRequest.seen, to: own)
        guard SocketMessage.receive(from: own)?.text == Array("view".utf8) else { return }
        // It waits, or is about to: one of the signals finds it waiting.
        for _ in 0..<20 where !isDone.withLock({ $0 }) {
          pthread_kill(asking.withLock { $0 }, SIGUSR1)
          usleep(10_000)
        }
        _ = SocketMessage.send(Array("the key".utf8), to: own)
        close(own)
      })
    pthread_create(
      &thread, nil,
      { pointer in
        pointer.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().run() }
        return nil
      }, work.toOpaque())
    defer { for end in [theirs, holder] { close(end) } }
    let key = try KeyRequest.ask(for: "view", over: theirs)
    isDone.withLock { $0 = true }
    pthread_join(thread, nil)
    #expect(key.withUnsafeBytes { Array($0) } == Array("the key".utf8))
  }

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
