import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords

/// Keeps the keys of the programs in locked memory, and gives each program its own and no other, as `KeyRequest` says.
final class KeyHolder {
  /// What a program may ask for, by its name.
  private static let rights: [String: Set<String>] = [
    "kms-fetch": ["view", KeyRequest.apiKey], "kms-verify": ["approve", KeyRequest.approverHeaders],
    "kms-sign": ["vault"], "kms-broadcast": [KeyRequest.apiKey],
  ]

  /// Somebody who was found to run one of our programs.
  private struct Asking {
    let socket: Int32
    let program: String
    let process: Int32
    let startTime: String
  }

  private let secrets: [String: SecretBytes]
  /// Device and inode of our programs, by name.
  private let programs: [String: (UInt64, UInt64)]
  let socket: Int32
  private var asking: [Asking] = []

  /// How many there may be: four programs of each pipeline, and nobody else asks.
  private static let maximumAsking = 256

  /// - Parameters:
  ///   - secrets: by the names of `KeyRequest`.
  ///   - socket: whose other end the programs inherit.
  init(_ secrets: [String: SecretBytes], socket: Int32) {
    self.secrets = secrets
    self.socket = socket
    _ = SocketMessage.wantCredentials(socket)
    var programs: [String: (UInt64, UInt64)] = [:]
    // Ours are those beside this program's own file, whatever links lead here.
    if let own = Self.link("/proc/self/exe") {
      let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
      for name in Self.rights.keys { programs[name] = Self.identity("\(folder)/\(name)") }
    }
    self.programs = programs
  }

  deinit { for one in asking { close(one.socket) } }

  /// The descriptors to wait for.
  var descriptors: [Int32] { [socket] + asking.map(\.socket) }

  /// Handles what came on a descriptor.
  func handle(_ descriptor: Int32) {
    if descriptor == socket { return accept() }
    guard let index = asking.firstIndex(where: { $0.socket == descriptor }) else { return }
    let one = asking[index]
    guard let message = SocketMessage.receive(from: one.socket), let secret = answer(message, to: one) else {
      close(one.socket)
      asking.remove(at: index)
      return
    }
    unsafe secret.withUnsafeBytes {
      _ = unsafe send(one.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// What is asked for, when it may be given.
  private func answer(_ message: SocketMessage, to one: Asking) -> SecretBytes? {
    if let extra = message.descriptor { close(extra) }
    let name = String(decoding: message.text, as: UTF8.self)
    guard message.process == one.process, message.user == geteuid(),
      Self.rights[one.program]?.contains(name) == true,
      Self.isClosed(one.process), Self.startTime(one.process) == one.startTime
    else { return nil }
    return secrets[name]
  }

  private func accept() {
    guard let message = SocketMessage.receive(from: socket), let answer = message.descriptor else { return }
    guard message.text == KeyRequest.hello, message.user == geteuid(), let process = message.process,
      asking.count < Self.maximumAsking, let file = Self.identity("/proc/\(process)/exe"),
      let startTime = Self.startTime(process), let program = programs.first(where: { $0.value == file })?.key,
      SocketMessage.wantCredentials(answer), SocketMessage.send(KeyRequest.seen, to: answer)
    else {
      close(answer)
      return
    }
    asking.append(Asking(socket: answer, program: program, process: process, startTime: startTime))
  }

  // MARK: What the kernel says

  private static func identity(_ path: String) -> (UInt64, UInt64)? {
    System.status(path).map { (UInt64($0.st_dev), UInt64($0.st_ino)) }
  }

  private static func link(_ path: String) -> String? {
    var text = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &text, text.count)
    return count > 0 ? String(decoding: text[..<count], as: UTF8.self) : nil
  }

  /// Whether nobody of its user can look into a process, and nobody traces it: its files in /proc belong to root then (proc(5)).
  private static func isClosed(_ process: Int32) -> Bool {
    guard let text = read("/proc/\(process)/status"), text.contains("\nTracerPid:\t0\n"),
      let status = System.status("/proc/\(process)/mem")
    else { return false }
    return geteuid() == 0 || status.st_uid != geteuid()
  }

  /// When a process began, so that another one with its number is told apart (proc(5), field 22 of stat).
  private static func startTime(_ process: Int32) -> String? {
    guard let text = read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? String(fields[19]) : nil
  }

  private static func read(_ path: String) -> String? {
    let descriptor = System.open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 8192)
    let count = unsafe Glibc.read(descriptor, &text, text.count)
    return count > 0 ? String(decoding: text[..<count], as: UTF8.self) : nil
  }
}
