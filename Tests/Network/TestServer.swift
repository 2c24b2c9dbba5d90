import Glibc
import KMSRecords
import Synchronization

/// A small HTTP/1.1 server on the loopback interface whose answers are scripted, broken ones included.
final class TestServer: Sendable {
  struct Request: Sendable {
    let method: String
    /// With the query.
    let path: String
    /// Names in lower case.
    let headers: [String: String]
    let body: String
    /// Counts connections from 0.
    let connection: Int

    var json: JSONValue? { try? JSONValue(parsing: body) }
  }

  indirect enum Reply: Sendable {
    /// A complete answer with its length.
    case answer(Int, String, headers: [String: String] = [:])
    /// These bytes, then the connection is closed.
    case raw(String)
    /// Closes without an answer.
    case hangUp
    /// Resets the connection (RST).
    case reset
    /// Waits before.
    case after(milliseconds: Int, Reply)

    static func json(_ text: String) -> Reply {
      .answer(200, text, headers: ["Content-Type": "application/json"])
    }
  }

  private struct State: Sendable {
    var requests: [Request] = []
    var connections = 0
    var open: Set<Int32> = []
    var isStopped = false
    var underWay = 0
    var mostUnderWay = 0
  }

  private let listener: Int32
  private let state = Mutex(State())
  private let handler: @Sendable (Request) -> Reply
  let port: UInt16

  var url: String { "http://127.0.0.1:\(port)" }
  var requests: [Request] { state.withLock { $0.requests } }
  /// How many requests were being answered at the same time, at most.
  var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

  init(_ handler: @escaping @Sendable (Request) -> Reply) {
    self.handler = handler
    (listener, port) = Self.listen()
    Self.detach { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          close(listener)
          return
        }
        let number = state.withLock { state -> Int? in
          guard !state.isStopped else { return nil }
          state.open.insert(connection)
          state.connections += 1
          return state.connections - 1
        }
        guard let number else {
          close(connection)
          close(listener)
          return
        }
        Self.detach { [self] in serve(connection, number) }
      }
    }
  }

  /// Closes everything; afterwards connections are refused.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
    }
    // The accepting thread closes it: here, another server could get the number while that thread still uses it.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// A port of this machine on which nobody listens.
  static func unusedPort() -> UInt16 {
    let (descriptor, port) = listen()
    close(descriptor)
    return port
  }

  private static func listen() -> (Int32, UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = bind(descriptor, address, length)
        _ = Glibc.listen(descriptor, 128)
        _ = getsockname(descriptor, address, &length)
      }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  static func detach(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private func serve(_ connection: Int32, _ number: Int) {
    var buffer: [UInt8] = []
    while let request = Self.read(connection, &buffer, number) {
      state.withLock { state in
        state.requests.append(request)
        state.underWay += 1
        state.mostUnderWay = max(state.mostUnderWay, state.underWay)
      }
      let keepsOpen = send(handler(request), connection)
      state.withLock { $0.underWay -= 1 }
      if !keepsOpen { break }
    }
    state.withLock { _ = $0.open.remove(connection) }
    close(connection)
  }

  private func send(_ reply: Reply, _ connection: Int32) -> Bool {
    switch reply {
    case .after(let milliseconds, let reply):
      usleep(UInt32(milliseconds) * 1000)
      return send(reply, connection)
    case .answer(let status, let body, let headers):
      var text = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      write(text + "\r\n" + body, connection)
      return true
    case .raw(let text):
      write(text, connection)
      return false
    case .hangUp: return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      return false
    }
  }

  private func write(_ text: String, _ connection: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func read(_ connection: Int32, _ buffer: inout [UInt8], _ number: Int) -> Request? {
    func more() -> Bool {
      var chunk = [UInt8](repeating: 0, count: 65536)
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return false }
      buffer += chunk[..<count]
      return true
    }
    var end: Int?
    while end == nil {
      if buffer.count >= 4 {
        for i in 0...(buffer.count - 4) where buffer[i..<i + 4].elementsEqual([13, 10, 13, 10]) {
          end = i
          break
        }
      }
      if buffer.first == 0x16 {  // a TLS handshake; nothing here speaks TLS
        Glibc.send(connection, "HTTP/1.1 400 Bad\r\n\r\n", 20, Int32(MSG_NOSIGNAL))
        return nil
      }
      if end == nil, !more() { return nil }
    }
    guard let end else { return nil }
    let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
    let first = lines[0].split(separator: " ")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < end + 4 + length { guard more() else { return nil } }
    let body = String(decoding: buffer[(end + 4)..<(end + 4 + length)], as: UTF8.self)
    buffer.removeFirst(end + 4 + length)
    return Request(
      method: String(first[0]), path: String(first[1]), headers: headers, body: body, connection: number)
  }
}
