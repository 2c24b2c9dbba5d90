import NIOCore
import NIOHTTP1
import NIOPosix

/// The listening socket on 127.0.0.1 and its one thread.
///
/// One thread is enough: a tick of fifteen polls with 25,000 ids each is tens of milliseconds of work, and one
/// thread makes what tests observe repeatable.
struct Server {
  let port: Int
  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup

  init(port: Int, sandbox: Sandbox) throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(ConnectionHandler(sandbox: sandbox))
        }
      }
      .bind(host: "127.0.0.1", port: port)
      .wait()
    self.port = channel.localAddress?.port ?? port
  }

  func runUntilClosed() throws {
    try channel.closeFuture.wait()
    try group.syncShutdownGracefully()
  }
}
