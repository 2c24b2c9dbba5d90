import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection: collects each request, lets the sandbox answer, and delivers the answer as the faults want it.
///
/// Requests that a client pipelines are handled one after the other, by NIO's pipelining assistance.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// The largest body that is read; more is answered 413.
  static let maximumBodyBytes = 64 << 20

  /// The time as RFC 9110 section 5.6.7 has it.
  private static func httpDate() -> String {
    var (now, parts, text) = (time(nil), tm(), [CChar](repeating: 0, count: 40))
    gmtime_r(&now, &parts)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private let sandbox: Sandbox
  private var request: Request?
  private var keepsAlive = true
  private var body = ByteBuffer()
  private var isTooLarge = false

  init(sandbox: Sandbox) { self.sandbox = sandbox }

  func channelActive(context: ChannelHandlerContext) {
    sandbox.connectionOpened()
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    sandbox.connectionClosed()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      let request = Request(
        method: head.method.rawValue, uri: head.uri, headers: head.headers.map { ($0.name, $0.value) })
      guard !sandbox.resetsBeforeReading(request) else {
        reset(context)
        return
      }
      self.request = request
      keepsAlive = head.isKeepAlive
      body.clear()
      isTooLarge = false
      // curl waits for this before it sends a body of more than 1 MiB.
      if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
      }
    case .body(var part):
      if body.readableBytes + part.readableBytes > Self.maximumBodyBytes {
        isTooLarge = true
        body = ByteBuffer()
      }
      if !isTooLarge { body.writeBuffer(&part) }
    case .end:
      guard var request else { return }
      self.request = nil
      sandbox.requestBegan()
      if isTooLarge {
        keepsAlive = false
        deliver(.failure(413, nil, "the body is larger than 64 MiB"), Delivery(), context, request.method)
        return
      }
      request.body = Array(body.readableBytesView)
      body = body.readableBytes > 1 << 20 ? ByteBuffer() : body
      let answer = sandbox.answer(request)
      deliver(answer.reply, answer.delivery, context, request.method)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  // MARK: Delivery

  private func deliver(
    _ reply: Reply, _ delivery: Delivery, _ context: ChannelHandlerContext, _ method: String
  ) {
    guard delivery.delayMilliseconds > 0 else {
      send(reply, delivery.manner, context, method)
      return
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(delivery.delayMilliseconds)) {
      let (handler, context) = bound.value
      handler.send(reply, delivery.manner, context, method)
    }
  }

  private func send(
    _ reply: Reply, _ manner: Delivery.Manner, _ context: ChannelHandlerContext, _ method: String
  ) {
    sandbox.requestFinished()
    guard context.channel.isActive else { return }
    if case .never = manner {
      let channel = context.channel
      return sandbox.hangs { channel.close(promise: nil) }
    }
    if case .none(let isReset) = manner {
      if isReset { reset(context) } else { context.close(promise: nil) }
      return
    }
    var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status))
    for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
    if reply.status != 204 {
      head.headers.replaceOrAdd(name: "content-length", value: String(reply.body.count))
    }
    head.headers.add(name: "date", value: Self.httpDate())
    if !keepsAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let body = method == "HEAD" ? [] : reply.body
    switch manner {
    case .cutOff:
      write(body[..<(body.count / 2)], context)
      context.flush()
      context.close(promise: nil)
    case .drip(let bytes, let milliseconds):
      drip(body[...], bytes: max(1, bytes), milliseconds: milliseconds, context)
    default:
      write(body[...], context)
      finish(context)
    }
  }

  private func drip(
    _ rest: ArraySlice<UInt8>, bytes: Int, milliseconds: Int64, _ context: ChannelHandlerContext
  ) {
    guard context.channel.isActive else { return }
    write(rest.prefix(bytes), context)
    guard rest.count > bytes else {
      finish(context)
      return
    }
    context.flush()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
      let (handler, context) = bound.value
      handler.drip(rest.dropFirst(bytes), bytes: bytes, milliseconds: milliseconds, context)
    }
  }

  private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
    guard !bytes.isEmpty else { return }
    context.write(
      wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
  }

  private func finish(_ context: ChannelHandlerContext) {
    let end = wrapOutboundOut(.end(nil))
    guard !keepsAlive else {
      context.writeAndFlush(end, promise: nil)
      return
    }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(end).whenComplete { _ in bound.value.close(promise: nil) }
  }

  /// Ends the connection with RST instead of FIN: closing a socket that lingers for 0 seconds drops it.
  private func reset(_ context: ChannelHandlerContext) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    guard let socket = context.channel as? any SocketOptionProvider else {
      context.close(promise: nil)
      return
    }
    socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in bound.value.close(promise: nil) }
  }
}
