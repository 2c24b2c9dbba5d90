import Foundation

/// Which processes a process has started.
enum ProcessTree {
  /// All processes below one, itself included.
  static func below(_ root: pid_t) -> [pid_t] {
    var children: [pid_t: [pid_t]] = [:]
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = pid_t(entry), let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
        let after = String(decoding: data, as: UTF8.self).split(separator: ")").last,
        let parent = after.split(separator: " ").dropFirst().first.flatMap({ pid_t($0) })
      else { continue }
      children[parent, default: []].append(pid)
    }
    var found: [pid_t] = []
    var open = [root]
    while let pid = open.popLast() {
      found.append(pid)
      open += children[pid] ?? []
    }
    return found
  }
}
