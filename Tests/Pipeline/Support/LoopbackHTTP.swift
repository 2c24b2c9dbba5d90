import Foundation
import Glibc

/// A plain HTTP/1.1 client for servers on 127.0.0.1: one connection per request, no retry, no patience with a broken
/// answer. (URLSession repeats requests and waits for its timeout when a connection is reset; a test of faults needs
/// to see them as they are.)
enum LoopbackHTTP {
  struct Answer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  enum Failure: Error, Equatable {
    /// With `errno`: a server that is gone looks different from a test process without descriptors.
    case cannotConnect(Int32)
    case reset
    case timedOut
    /// The connection ended before the head did.
    case noAnswer
    /// The body is shorter than the head promises.
    case cutOff
  }

  /// Sends one request and reads the whole answer.
  static func send(
    port: Int, _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = [],
    timeoutSeconds: Int = 30
  ) throws(Failure) -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1:\(port)\r\nconnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    head += "content-length: \(body.count)\r\n\r\n"
    return try parse(try exchange(port: port, Array(head.utf8) + body, timeoutSeconds: timeoutSeconds))
  }

  /// Sends bytes and returns all that comes back until the server closes the connection.
  static func exchange(port: Int, _ bytes: [UInt8], timeoutSeconds: Int = 30) throws(Failure) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .cannotConnect(errno) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard connected == 0 else { throw .cannotConnect(errno) }

    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }  // what the server said before it closed is still to be read
      rest = rest.dropFirst(count)
    }
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 { return received }
      guard count > 0 else { throw errno == EAGAIN ? .timedOut : .reset }
      received.append(contentsOf: chunk[..<count])
    }
  }

  private static func parse(_ bytes: [UInt8]) throws(Failure) -> Answer {
    let text = String(decoding: bytes, as: Unicode.ASCII.self)  // one character per byte
    guard let end = text.firstRange(of: "\r\n\r\n") else { throw .noAnswer }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw .noAnswer
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let sides = line.split(separator: ":", maxSplits: 1)
      headers[sides[0].lowercased()] = sides.count > 1 ? sides[1].trimmingCharacters(in: .whitespaces) : ""
    }
    let headBytes = text.unicodeScalars.distance(from: text.startIndex, to: end.upperBound)
    let body = Array(bytes.dropFirst(headBytes))
    if let promised = headers["content-length"].flatMap({ Int($0) }), promised != body.count { throw .cutOff }
    return Answer(status: status, headers: headers, body: body)
  }
}
